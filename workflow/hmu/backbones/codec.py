"""Motions to codes and back: the tokenizer of a backbone, with the scale in which it sees them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from hmu.backbones import opening
from hmu.interface.backbones import MotionTokenizer
from hmu.io.codes import by_length
from hmu.io.progress import Progress
from hmu.io.store import ClipStore
from hmu.models.stored import Stored
from hmu.motion.normalise import Normaliser

_BATCH = 64


@dataclass(frozen=True)
class Codec:
    """Features that are not normalised, to codes and back, on a device."""

    tokenizer: MotionTokenizer
    scale: Normaliser
    device: torch.device

    @classmethod
    def open(
        cls, model: Stored, device: torch.device, delta: Mapping[str, Tensor] | None = None
    ) -> "Codec":
        """Of a part ``tokenizer``, as :func:`hmu.backbones.opening.part` opens it."""
        return cls(opening.part(model, device, delta), Normaliser.of_model(model.config), device)

    def encode(self, motions: np.ndarray, longest: int | None = None) -> np.ndarray:
        """Codes int64 (B, tokens, quantizers) of features (B, frames, 263).

        With ``longest``, zeros stand behind them, in the scale of the tokenizer, up to that many
        frames, and their codes behind those of the motions.
        """
        seen = torch.from_numpy(self.scale.forward(motions)).to(self.device)
        if longest is not None:
            seen = F.pad(seen, (0, 0, 0, longest - seen.shape[1]))
        codes: np.ndarray = self.tokenizer.encode(seen).cpu().numpy()
        return codes

    def encode_crops(
        self, store: ClipStore, crops: pd.DataFrame, longest: int | None = None
    ) -> list[np.ndarray]:
        """Codes int16 (tokens, quantizers) of each of the crops (columns clip, start, frames) of
        clips in a store of features, in their order; ``longest`` as for :meth:`encode`."""
        clips, starts, lengths = (crops[name].to_numpy() for name in ("clip", "start", "frames"))
        found: list[np.ndarray] = [np.empty(0, np.int16)] * len(crops)
        with Progress(len(crops), "codes", "motions") as progress:
            for rows in by_length(lengths, _BATCH):
                motions = [
                    store[clip][start : start + frames]
                    for clip, start, frames in zip(
                        clips[rows], starts[rows], lengths[rows], strict=True
                    )
                ]
                codes = self.encode(np.stack(motions), longest).astype(np.int16)
                for row, own in zip(rows, codes, strict=True):
                    found[row] = own
                progress.update(len(rows))
        return found

    @torch.no_grad()
    def decode(self, codes: np.ndarray) -> Tensor:
        """Features float32 (B, frames, 263) on the device, of codes (B, tokens, quantizers)."""
        mean, std = (
            torch.from_numpy(each.astype(np.float32)).to(self.device)
            for each in (self.scale.mean, self.scale.std)
        )
        read = torch.from_numpy(codes.astype(np.int64)).to(self.device)
        return self.tokenizer.decode(read) * std + mean
