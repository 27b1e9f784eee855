"""Motions that a model made, as codes, and as a checkpoint shows them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hmu.backbones.codec import Codec
from hmu.errors import InputError
from hmu.evaluation import asked
from hmu.io.codes import CodeTable, by_length
from hmu.models.stored import Stored
from hmu.run.job import Inputs, one
from hmu.unlearning import codebooks
from hmu.unlearning.altering import Alteration, Key
from hmu.unlearning.checkpoint import load_delta

_DECODED = 32
"""Motions of one length that are decoded together: more gain nothing."""


@dataclass(frozen=True)
class Before:
    """The tokenizer before a checkpoint edited it, and which rows of its codebooks that replaced,
    bool (quantizers, codes)."""

    codec: Codec
    rows: np.ndarray

    @classmethod
    def of(cls, inputs: Inputs, device: torch.device) -> "Before":
        """By the inputs of a checkpoint. Raises InputError where it replaced none."""
        codec = Codec.open(Stored.among(inputs, "tokenizer"), device)
        sizes, named = codec.tokenizer.sizes, "delta" if "delta" in inputs else "tokenizer"
        rows = codebooks.replaced(
            load_delta(inputs),
            one(inputs, "tokenizer"),
            str(one(inputs, named)),
            (sizes.quantizers, sizes.codes),
        )
        return cls(codec, rows)


@dataclass(frozen=True)
class Made:
    """Motions by their codes, int16 (tokens, quantizers) each, and their ``frames``, int (n,).

    ``codec`` decodes them, and ``alteration`` is what a control does to the motion of each key.
    ``before`` is what the codes stood for without the edit, where that is compared.
    """

    codec: Codec
    codes: Sequence[np.ndarray]
    frames: np.ndarray
    keys: Sequence[Key] = ()
    alteration: Alteration = field(default_factory=Alteration.none)
    before: Before | None = None

    @classmethod
    def of(
        cls,
        inputs: Inputs,
        path: Path,
        wanted: Any,
        seed: int,
        device: torch.device,
        compared: bool = False,
    ) -> "Made":
        """The motions ``wanted`` (a frame with `asked.KEYS`) among those of the table at ``path``,
        as the tokenizer among the inputs shows them, with ``delta`` and ``delta_origin`` where
        these are there; to be ``compared`` with the same codes before the edit.

        Raises InputError when one is missing, or the codes are not those of the tokenizer, or the
        checkpoint replaced none to compare with.
        """
        codec = Codec.open(Stored.among(inputs, "tokenizer"), device, load_delta(inputs))
        table = CodeTable.read(path)
        _check_codes(table, codec, path, one(inputs, "tokenizer"))
        rows = asked.rows_among(wanted, table.keys, path)
        named = table.keys.iloc[rows][["prompt", "repeat", "draw"]]
        keys = [(str(prompt), int(repeat), int(draw)) for prompt, repeat, draw in named.to_numpy()]
        alteration = Alteration.among(inputs, codec.tokenizer.sizes.codes, seed)
        codes = [
            alteration.codes(table.codes[row], key) for row, key in zip(rows, keys, strict=True)
        ]
        frames = table.keys["frames"].to_numpy()[rows]
        before = Before.of(inputs, device) if compared else None
        return cls(codec, codes, frames, keys, alteration, before)

    @property
    def repeats(self) -> np.ndarray:
        """The repeat of each motion, int (n,); all are of one where no motion has a key."""
        return np.array([key[1] for key in self.keys] or [0] * len(self.codes))

    def identities(self) -> Iterator[bytes]:
        """What tells each motion from any other that the same models may show."""
        for key, frames, codes in zip(self.keys, self.frames, self.codes, strict=True):
            named = json.dumps([*key, int(frames), *codes.shape]).encode()
            yield named + codes.tobytes()

    def features(self, rows: np.ndarray) -> list[torch.Tensor]:
        """Float32 (frames, 263) of each of the motions ``rows``, not normalised, on the device."""
        decoded = self._decoded(self.codec, rows)
        return [self._seen(each, row) for each, row in zip(decoded, rows, strict=True)]

    def unedited(self, rows: np.ndarray) -> list[torch.Tensor]:
        """The same of the same codes, decoded before the edit."""
        if self.before is None:
            raise ValueError("motions that are not compared have no other decoding")
        return self._decoded(self.before.codec, rows)

    def replaced(self, row: int) -> np.ndarray:
        """Which codes of a motion the edit replaced, bool (tokens, quantizers)."""
        if self.before is None:
            raise ValueError("of motions that are not compared no code is known to be replaced")
        codes = self.codes[row]
        found: np.ndarray = self.before.rows[np.arange(codes.shape[1]), codes]
        return found

    def _decoded(self, codec: Codec, rows: np.ndarray) -> list[torch.Tensor]:
        found: dict[int, torch.Tensor] = {}
        for alike in by_length(np.array([len(self.codes[row]) for row in rows]), _DECODED):
            decoded = codec.decode(np.stack([self.codes[row] for row in rows[alike]]))
            for row, each in zip(rows[alike], decoded, strict=True):
                found[row] = each[: self.frames[row]]
        return [found[row] for row in rows]

    def _seen(self, decoded: torch.Tensor, row: int) -> torch.Tensor:
        if not self.alteration.of_features:
            return decoded
        seen = self.alteration.features(decoded.cpu().numpy(), self.keys[row])
        return torch.from_numpy(seen).to(decoded.device)


def _check_codes(table: CodeTable, codec: Codec, made: Path, model: Path) -> None:
    """Raise InputError when the codes of the file ``made`` are not those of the tokenizer."""
    sizes = codec.tokenizer.sizes
    largest = max((int(each.max(initial=0)) for each in table.codes), default=0)
    if table.layers != sizes.quantizers or largest >= sizes.codes:
        raise InputError(
            f"{made} has codes up to {largest} in {table.layers} layers, and {model} {sizes.codes} "
            f"codes in {sizes.quantizers}: generate with transformers that were trained on this "
            "tokenizer."
        )
