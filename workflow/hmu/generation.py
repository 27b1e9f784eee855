"""Generate motion codes for captions: the same codes for any batch size and order of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hmu import rng
from hmu.models.masked import MaskedTransformer
from hmu.models.residual import ResidualTransformer
from hmu.progress import Progress


@dataclass(frozen=True)
class Request:
    """One motion to generate: for which sample, repeat and draw, and how many tokens long."""

    sample: str
    repeat: int
    draw: int
    tokens: int
    text_row: int


def generate(
    masked: MaskedTransformer,
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
    """
    order = np.argsort([request.tokens for request in requests], kind="stable")
    found: list[np.ndarray] = [np.empty(0, np.int16)] * len(requests)
    size = settings["batch"]
    steps, layers = settings["steps"], residual.sizes.quantizers
    with Progress(len(requests), "generate", "motions") as progress:
        for begin in range(0, len(order), size):
            rows = order[begin : begin + size]
            batch = [requests[row] for row in rows]
            lengths = torch.tensor([request.tokens for request in batch], device=device)
            longest = int(lengths.max())
            noise = torch.from_numpy(
                np.stack([_noise(seed, request, steps + layers - 1, longest) for request in batch])
            ).to(device)
            seen = torch.from_numpy(text[[request.text_row for request in batch]]).to(device)
            first = masked.generate(
                seen,
                lengths,
                noise[:, :steps],
                steps,
                settings["guidance"],
                settings["temperature"],
                settings["keep"],
            )
            codes = residual.generate(
                first,
                seen,
                lengths,
                noise[:, steps:],
                settings["residual_guidance"],
                settings["temperature"],
                settings["keep"],
            )
            for row, request, each in zip(rows, batch, codes.cpu().numpy(), strict=True):
                found[row] = each[: request.tokens].astype(np.int16)
            progress.update(len(rows))
    return found


def _noise(seed: int, request: Request, draws: int, longest: int) -> np.ndarray:
    """Uniform float32 (draws, longest); what lies behind the request's own end is not used."""
    own = rng.generator(seed, "generate", request.sample, request.repeat, request.draw)
    noise = np.zeros((draws, longest), dtype=np.float32)
    noise[:, : request.tokens] = own.random((draws, request.tokens), dtype=np.float32)
    return noise
