"""Generate motion codes for captions: the same codes for any batch size and order of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hmu import rng
from hmu.device import precision
from hmu.models.residual import ResidualTransformer
from hmu.models.transformer import BaseLayerTransformer
from hmu.progress import Progress


@dataclass(frozen=True)
class Request:
    """One motion to generate: for which sample, repeat and draw, and how many tokens long.

    With 0 ``tokens`` the model chooses the length, if it can.
    """

    sample: str
    repeat: int
    draw: int
    tokens: int
    text_row: int


def generate(
    masked: BaseLayerTransformer,
    residual: ResidualTransformer,
    text: np.ndarray,
    requests: Sequence[Request],
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
) -> list[np.ndarray]:
    """Codes int16 (tokens, quantizers) of each request, in the order of ``requests``.

    ``text`` holds caption embeddings (captions, dim). The noise of a request is drawn from (seed,
    sample, repeat, draw), so it depends on nothing else; requests of similar length share a batch.
    ``settings["precision"]`` as `hmu.device.precision` has it.
    """
    # Alike ones side by side: what does not depend on the noise is then computed once.
    order = np.lexsort([[each.text_row for each in requests], [each.tokens for each in requests]])
    found: list[np.ndarray] = [np.empty(0, np.int16)] * len(requests)
    size, layers = settings["batch"], residual.sizes.quantizers
    mixed = precision(device, settings["precision"])
    with mixed, Progress(len(requests), "generate", "motions") as progress:
        for begin in range(0, len(order), size):
            rows = order[begin : begin + size]
            batch = [requests[row] for row in rows]
            planned = torch.tensor([request.tokens for request in batch], device=device)
            shapes = [masked.draws(request.tokens, settings) for request in batch]
            steps, longest = (max(counts) for counts in zip(*shapes, strict=True))
            drawn = np.zeros((len(batch), steps + layers - 1, longest), dtype=np.float32)
            for target, request, (_, positions) in zip(drawn, batch, shapes, strict=True):
                target[:, :positions] = _noise(seed, request, (len(target), positions))
            noise = torch.from_numpy(drawn).to(device)
            seen = torch.from_numpy(text[[request.text_row for request in batch]]).to(device)
            first, lengths = masked.sample(seen, planned, noise[:, :steps], settings)
            codes = residual.generate(
                first,
                seen,
                lengths,
                noise[:, steps:],
                settings["residual_guidance"],
                settings["temperature"],
                settings["keep"],
            )
            ends = lengths.tolist()
            for row, length, each in zip(rows, ends, codes.cpu().numpy(), strict=True):
                found[row] = each[:length].astype(np.int16)
            progress.update(len(rows))
    return found


def _noise(seed: int, request: Request, shape: tuple[int, int]) -> np.ndarray:
    """Uniform float32 numbers that belong to the request."""
    own = rng.generator(seed, "generate", request.sample, request.repeat, request.draw)
    return own.random(shape, dtype=np.float32)
