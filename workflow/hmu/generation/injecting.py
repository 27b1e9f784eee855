"""Codes put into the sequence that a model made for a text: what they bring (paper, Figure 7).

The paper takes codes of the first layer that belong to a concept, puts them into the sequence made
for a safe prompt, and decodes: the motion then shows the concept. The further layers are made anew
for the changed first one, with the same text and noise, so that what was there already changes
nothing.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch

from hmu.errors import InputError
from hmu.generation.sampling import Request, complete
from hmu.interface.backbones import Sampler

Put = Mapping[int, int]
"""Codes by the place, counted from 0, that they are put at."""

_FORM = re.compile(r"(\d{1,9})@(\d{1,9})(?:-(\d{1,9}))?")


def read(words: Iterable[str]) -> dict[int, int]:
    """What ``CODE@PLACE`` and ``CODE@FIRST-LAST`` say. Raises InputError for another form, and for
    a place that gets two codes."""
    found: dict[int, int] = {}
    for word in words:
        parts = _FORM.fullmatch(word)
        if parts is None or not word.isascii():
            raise InputError(
                f"{word!r} puts no code anywhere: write CODE@PLACE or CODE@FIRST-LAST."
            )
        code, first, last = (int(each) for each in parts.groups(default=parts[2]))
        if last < first or last - first > 1000:
            raise InputError(f"{word!r} ends before it begins, or far away: write CODE@FIRST-LAST.")
        for place in range(first, last + 1):
            if found.setdefault(place, code) != code:
                raise InputError(
                    f"place {place} gets the codes {found[place]} and {code}: one goes."
                )
    return found


def check(put: Put, tokens: int, codes: int) -> None:
    """Raise InputError for a place behind the ``tokens`` of a motion, or a code that a codebook
    with so many ``codes`` lacks."""
    if beyond := sorted(place for place in put if not 0 <= place < tokens):
        raise InputError(
            f"there is no place {beyond[0]}: the motion has {tokens} tokens, 0 to {tokens - 1}; "
            "choose places among them, or a longer motion."
        )
    if unknown := sorted(code for code in put.values() if not 0 <= code < codes):
        raise InputError(f"there is no code {unknown[0]}: the codebook has 0 to {codes - 1}.")


def inject(
    sampler: Sampler,
    text: np.ndarray,
    request: Request,
    codes: np.ndarray,
    put: Put,
    settings: Mapping[str, Any],
    seed: int,
    device: torch.device,
) -> np.ndarray:
    """Codes int16 (tokens, quantizers) like the ``codes`` that were made for a request, with those
    of ``put`` in their first layer; otherwise as `hmu.generation.sampling.complete`."""
    first = codes[:, 0].copy()
    first[[*put.keys()]] = [*put.values()]
    return complete(sampler, text, [request], [first], settings, seed, device)[0]
