"""Embeddings of motions by the evaluator, each motion computed without padding.

Convolutions take motions of one length at a time. The recurrent layer, which reads its weights
anew for each step, takes a whole batch of similar lengths: there every row ends where it ends.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hmu.io.codes import by_length
from hmu.io.progress import Progress
from hmu.models.evaluator import FRAMES_PER_MOVEMENT, Evaluator
from hmu.models.tokenizer import Tokenizer
from hmu.run.side_by_side import longest_first, side_by_side

_BATCH = 128
_CONVOLVED = 32
"""Motions of one length that are decoded and convolved together: more gain nothing."""


def _embed(
    evaluator: Evaluator,
    lengths: np.ndarray,
    motions: Callable[[np.ndarray], Tensor],
    device: torch.device,
    description: str,
) -> np.ndarray:
    """Embeddings float32 (rows, dim); ``motions(rows)`` gives normalised (batch, frames, 263)."""
    if not len(lengths):
        raise ValueError("there is nothing to embed")
    out = np.empty((len(lengths), evaluator.sizes.embedding), dtype=np.float32)
    order = np.argsort(lengths, kind="stable")
    batches = longest_first(order, _BATCH)

    @torch.no_grad()
    def embed(rows: np.ndarray) -> np.ndarray:
        movements: list[Tensor] = []
        for same in by_length(lengths[rows], _CONVOLVED):
            batch = motions(rows[same])
            count = batch.shape[1] // FRAMES_PER_MOVEMENT
            movements += evaluator.movements(batch)[:, :count]
        counts = torch.tensor([len(each) for each in movements])
        found = evaluator.motion_encoder(pad_sequence(movements, batch_first=True), counts)
        embeddings: np.ndarray = found.cpu().numpy()
        return embeddings

    with Progress(len(lengths), description, "motions") as progress:
        for rows, found in zip(batches, side_by_side(embed, batches, device), strict=True):
            out[rows] = found
            progress.update(len(rows))
    return out


def of_motions(
    evaluator: Evaluator,
    frames: np.ndarray,
    motion: Callable[[int], np.ndarray],
    device: torch.device,
) -> np.ndarray:
    """Embeddings of normalised motions: ``motion(row)`` gives float32 (frames[row], 263).

    ``frames`` (rows,) are multiples of 4. No more than a batch is held in memory.
    """

    def batch(rows: np.ndarray) -> Tensor:
        return torch.from_numpy(np.stack([motion(row) for row in rows])).to(device)

    return _embed(evaluator, frames, batch, device, "embed")


def of_codes(
    evaluator: Evaluator,
    tokenizer: Tokenizer,
    codes: Sequence[np.ndarray],
    device: torch.device,
    scale: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Embeddings of the motions that ``tokenizer`` decodes from ``codes`` (tokens, quantizers).

    ``scale``: factor and shift, float32 (263,), from the tokenizer's scale to the evaluator's.
    The reference leaves this out (``utils/eval_t2m.py``); with equal scales it changes nothing.
    """
    factor, shift = (torch.from_numpy(each).to(device) for each in scale)

    def batch(rows: np.ndarray) -> Tensor:
        stacked = np.stack([codes[row] for row in rows]).astype(np.int64)
        return tokenizer.decode(torch.from_numpy(stacked).to(device)) * factor + shift

    lengths = np.array([len(each) for each in codes])
    return _embed(evaluator, lengths, batch, device, "decode, embed")
