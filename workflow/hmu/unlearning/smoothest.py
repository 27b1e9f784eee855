"""Which safe code keeps a motion smoothest where a code of the concept stood.

A replaced code is decoded between neighbours beside which its successor was never seen; what is
held against Latent Code Replacement is the jerk there. Each safe code is tried in a few places of
the data, in one layer at a time: what is chosen for a layer knows nothing of the edits of others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hmu.motion.features import POSITIONS

PLACES = 4
"""Places of the data in which each code is tried."""
REACH = 16
"""Frames of the motion before and behind the code's token that are decoded with it, or more: to
whole tokens."""
BESIDE = 4
"""Frames before and behind it, or more, whose jerk counts."""
_BATCH = 512

Decode = Callable[[Tensor], Tensor]
"""From codes int64 (B, tokens, quantizers) to features (B, frames, 263), not normalised."""


@dataclass(frozen=True)
class Trials:
    """``motions``: codes int16 (tokens, quantizers) of the motions in which codes are tried;
    ``frames_per_token`` those of their tokenizer."""

    motions: Sequence[np.ndarray]
    decode: Decode
    frames_per_token: int

    @property
    def reach(self) -> int:
        """Tokens that hold ``REACH`` frames."""
        return -(-REACH // self.frames_per_token)

    def targets(
        self, layer: int, chosen: np.ndarray, safe: np.ndarray, generator: np.random.Generator
    ) -> np.ndarray:
        """For each chosen code of a layer the one of ``safe`` with which the motion has the least
        jerk, int64 (chosen,); the smallest of equals, and of all where no motion has the code."""
        found = np.full(len(chosen), safe[0])
        for row, code in enumerate(chosen):
            windows = self.windows(layer, code, generator)
            if len(windows):
                found[row] = safe[self.jerks(windows, layer, code, safe).argmin()]
        return found

    def windows(self, layer: int, code: int, generator: np.random.Generator) -> np.ndarray:
        """Up to ``PLACES`` windows with ``code`` of ``layer`` in the middle, int64
        (places, 2 ``reach`` + 1, quantizers); before and behind a motion its last token stays."""
        places = [
            (motion, token)
            for motion in self.motions
            for token in np.flatnonzero(motion[:, layer] == code)
        ]
        taken = [places[each] for each in generator.permutation(len(places))[:PLACES]]
        around = np.arange(-self.reach, self.reach + 1)
        cut = [motion[(token + around).clip(0, len(motion) - 1)] for motion, token in taken]
        return np.array(cut, np.int64)

    def jerks(self, windows: np.ndarray, layer: int, code: int, safe: np.ndarray) -> np.ndarray:
        """The mean jerk of the windows, decoded with each of the ``safe`` codes, (safe,).

        The edit speaks the new code wherever the old one stands, so it is tried so in the whole
        window. The jerk is that of the token in the middle and of those beside it that hold
        ``BESIDE`` frames, both boundaries among them.
        """
        tried = np.repeat(windows[None], len(safe), axis=0)
        here = tried[..., layer] == code
        tried[..., layer] = np.where(here, safe[:, None, None], tried[..., layer])
        flat = torch.from_numpy(tried.reshape(-1, *windows.shape[1:]))
        a_token = self.frames_per_token
        beside = -(-BESIDE // a_token)
        middle = slice((self.reach - beside) * a_token, (self.reach + beside + 1) * a_token)
        found = [jerk(self.decode(part)[:, middle]).cpu() for part in flat.split(_BATCH)]
        mean: np.ndarray = torch.cat(found).reshape(len(safe), -1).mean(dim=1).numpy()
        return mean


def jerk(features: Tensor) -> Tensor:
    """The mean third difference of the joints, seen from the root, in metres a frame³, (B,).

    ``features`` (B, frames, 263), not normalised.
    """
    joints = features[..., POSITIONS].unflatten(-1, (-1, 3))
    return joints.diff(n=3, dim=1).norm(dim=-1).mean(dim=(1, 2))
