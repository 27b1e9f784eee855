"""Embeddings of motions by the evaluator, each motion computed without padding."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from hmu.codes import by_length
from hmu.models.evaluator import Evaluator
from hmu.models.tokenizer import Tokenizer
from hmu.progress import Progress

_BATCH = 128


def _embed(
    evaluator: Evaluator,
    lengths: np.ndarray,
    motions: Callable[[np.ndarray], Tensor],
    description: str,
) -> np.ndarray:
    """Embeddings float32 (rows, dim); ``motions(rows)`` gives normalised (batch, frames, 263)."""
    out: np.ndarray | None = None
    with Progress(len(lengths), description, "motions") as progress:
        for rows in by_length(lengths, _BATCH):
            batch = motions(rows)
            frames = torch.full((len(batch),), batch.shape[1])
            found = evaluator.embed_motion(batch, frames).cpu().numpy()
            if out is None:
                out = np.empty((len(lengths), found.shape[1]), dtype=np.float32)
            out[rows] = found
            progress.update(len(rows))
    if out is None:
        raise ValueError("there is nothing to embed")
    return out


@torch.no_grad()
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

    return _embed(evaluator, frames, batch, "embed")


@torch.no_grad()
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

    return _embed(evaluator, np.array([len(each) for each in codes]), batch, "decode, embed")
