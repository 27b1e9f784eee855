"""Motions to codes and back: the tokenizer of a backbone, with the scale in which it sees them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hmu.backbones import opening
from hmu.interface.backbones import MotionTokenizer
from hmu.motion.normalise import Normaliser
from hmu.run.job import Inputs, one


@dataclass(frozen=True)
class Codec:
    """Features that are not normalised, to codes and back, on a device."""

    tokenizer: MotionTokenizer
    scale: Normaliser
    device: torch.device

    @classmethod
    def open(
        cls, inputs: Inputs, device: torch.device, delta: Mapping[str, Tensor] | None = None
    ) -> "Codec":
        """The part ``tokenizer`` among the inputs, as :func:`hmu.backbones.opening.part`."""
        return cls(
            opening.part(inputs, "tokenizer", device, delta),
            Normaliser.of_model(one(inputs, "tokenizer_config")),
            device,
        )

    def encode(self, motions: np.ndarray) -> np.ndarray:
        """Codes int64 (B, tokens, quantizers) of features (B, frames, 263), whole tokens long."""
        seen = torch.from_numpy(self.scale.forward(motions)).to(self.device)
        codes: np.ndarray = self.tokenizer.encode(seen).cpu().numpy()
        return codes

    @torch.no_grad()
    def decode(self, codes: np.ndarray) -> Tensor:
        """Features float32 (B, frames, 263) on the device, of codes (B, tokens, quantizers)."""
        mean, std = (
            torch.from_numpy(each.astype(np.float32)).to(self.device)
            for each in (self.scale.mean, self.scale.std)
        )
        read = torch.from_numpy(codes.astype(np.int64)).to(self.device)
        return self.tokenizer.decode(read) * std + mean
