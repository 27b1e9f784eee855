"""The scale in which models see features: standardised, with root and feet given more weight."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hmu.errors import InputError

FEATURES = 263
FEATURE_BIAS = 5.0
_HEAVY = np.r_[0:4, FEATURES - 4 : FEATURES]


@dataclass(frozen=True)
class Normaliser:
    """Mean and standard deviation, float32 (263,), the latter already divided by the bias.

    Root velocities, root height and foot contacts are divided by ``FEATURE_BIAS`` (reference:
    MoMask ``data/t2m_dataset.py``, ``feat_bias``).
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def read(cls, mean: Path, std: Path) -> "Normaliser":
        """Read the dataset's ``mean.npy`` and ``std.npy`` and apply the bias."""
        arrays = []
        for path in (mean, std):
            try:
                array = np.load(path, allow_pickle=False)
            except (OSError, ValueError) as error:
                raise InputError(f"{path} cannot be read ({error}): make it anew.") from error
            if array.shape != (FEATURES,) or not np.isfinite(array).all():
                raise InputError(f"{path} must hold {FEATURES} finite numbers, has {array.shape}.")
            arrays.append(array.astype(np.float32))
        scale = arrays[1].copy()
        scale[_HEAVY] /= FEATURE_BIAS
        # A value that never varies (a foot that never lifts) must not divide by nothing.
        scale[scale < 1e-6] = 1.0
        return cls(arrays[0], scale)

    def forward(self, features: np.ndarray) -> np.ndarray:
        """Features (..., 263) to the models' scale, float32."""
        return ((features - self.mean) / self.std).astype(np.float32)

    def inverse(self, normalised: np.ndarray) -> np.ndarray:
        """The models' scale back to features, float32."""
        return (normalised * self.std + self.mean).astype(np.float32)
