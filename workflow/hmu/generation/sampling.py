"""Generate motion codes for captions: the same codes for any batch size and order of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hmu import rng
from hmu.interface.backbones import Sampler
from hmu.io.progress import Progress
from hmu.run.device import precision
from hmu.run.side_by_side import batch_size, longest_first, side_by_side


@dataclass(frozen=True)
class Request:
    """One motion to generate: for which prompt, repeat and draw, and how many tokens long.

    With 0 ``tokens`` the model chooses the length, if it can.
    """

    prompt: str
    repeat: int
    draw: int
    tokens: int
    text_row: int


def generate(
    sampler: Sampler,
    text: np.ndarray,
    requests: Sequence[Request],
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
) -> list[np.ndarray]:
    """Codes int16 (tokens, quantizers) of each request, in the order of ``requests``.

    ``text`` holds caption embeddings (captions, dim). The noise of a request is drawn from (seed,
    prompt, repeat, draw), so it depends on nothing else; requests of similar length share a batch.
    ``settings["precision"]`` as `hmu.run.device.precision` has it.
    """
    # Alike ones side by side: what does not depend on the noise is then computed once.
    order = np.lexsort([[each.text_row for each in requests], [each.tokens for each in requests]])
    found: list[np.ndarray] = [np.empty(0, np.int16)] * len(requests)
    batches = longest_first(order, batch_size(len(requests), settings["batch"], device))

    def make(rows: np.ndarray) -> list[np.ndarray]:
        batch = [requests[row] for row in rows]
        seen = torch.from_numpy(text[[request.text_row for request in batch]]).to(device)
        with precision(device, settings["precision"]):
            return _batch(sampler, seen, batch, settings, seed)

    with Progress(len(requests), "generate", "motions") as progress:
        for rows, codes in zip(batches, side_by_side(make, batches, device), strict=True):
            for row, each in zip(rows, codes, strict=True):
                found[row] = each
            progress.update(len(rows))
    return found


def complete(
    sampler: Sampler,
    text: np.ndarray,
    requests: Sequence[Request],
    first: Sequence[np.ndarray],
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
) -> list[np.ndarray]:
    """Codes int16 (tokens, quantizers) of each request, with ``first`` (tokens,) as their first
    layer; all else as for :func:`generate`, whose codes these are where the first layer is its."""
    if sampler.quantizers == 1:
        return [codes[:, None].astype(np.int16) for codes in first]
    found = []
    for request, codes in zip(requests, first, strict=True):
        seen = torch.from_numpy(text[[request.text_row]]).to(device)
        own = torch.from_numpy(codes.astype(np.int64)[None]).to(device)
        lengths = torch.tensor([len(codes)], device=device)
        noise = _noises(sampler, [request], settings, seed, device)
        with precision(device, settings["precision"]):
            made = sampler.complete(own, seen, lengths, noise, settings)
        found.append(made[0].cpu().numpy().astype(np.int16))
    return found


def _batch(
    sampler: Sampler,
    text: torch.Tensor,
    requests: Sequence[Request],
    settings: Mapping[str, Any],
    seed: int,
) -> list[np.ndarray]:
    """Codes of each request, as :func:`generate` gives them. text: (B, dim)."""
    planned = torch.tensor([request.tokens for request in requests], device=text.device)
    noise = _noises(sampler, requests, settings, seed, text.device)
    codes, lengths = sampler.sample(text, planned, noise, settings)
    filled = codes.cpu().numpy().astype(np.int16)
    return [each[:length] for each, length in zip(filled, lengths.tolist(), strict=True)]


def _noises(
    sampler: Sampler,
    requests: Sequence[Request],
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
) -> torch.Tensor:
    """The numbers of each request, (B, draws, positions) of the one that takes most."""
    shapes = [sampler.draws(request.tokens, settings) for request in requests]
    draws, longest = (max(counts) for counts in zip(*shapes, strict=True))
    drawn = np.zeros((len(requests), draws, longest), dtype=np.float32)
    for target, request, (_, positions) in zip(drawn, requests, shapes, strict=True):
        target[:, :positions] = _noise(seed, request, (draws, positions))
    return torch.from_numpy(drawn).to(device)


def _noise(seed: int, request: Request, shape: tuple[int, int]) -> np.ndarray:
    """Uniform float32 numbers that belong to the request."""
    own = rng.generator(seed, "generate", request.prompt, request.repeat, request.draw)
    return own.random(shape, dtype=np.float32)
