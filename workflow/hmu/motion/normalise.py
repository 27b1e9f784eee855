"""The scale in which models see features: standardised, with root and feet given more weight."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hmu.errors import InputError
from hmu.io import arrays, files

FEATURES = 263
FEATURE_BIAS = 5.0
_HEAVY = np.r_[0:4, FEATURES - 4 : FEATURES]


def statistics(path: Path, remedy: str) -> np.ndarray:
    """A mean or a deviation of the features, float32 (263,).

    Raises InputError, with the ``remedy`` where the file itself names none.
    """
    try:
        values = arrays.read_array(path)
    except arrays.BadArray as error:
        raise InputError(f"{path} {error.told(remedy)}.") from error
    if values.shape != (FEATURES,) or not np.isfinite(values).all():
        raise InputError(f"{path} must hold {FEATURES} finite numbers: {remedy}.")
    return values.astype(np.float32)


@dataclass(frozen=True)
class Normaliser:
    """Mean and standard deviation, (263,), the latter already divided by the bias.

    Root velocities, root height and foot contacts are divided by ``FEATURE_BIAS`` (reference:
    MoMask ``data/t2m_dataset.py``, ``feat_bias``). A tokenizer or evaluator is of use only in the
    scale that it was trained in, so its ``config.json`` carries it, under "normalisation".
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def read(cls, mean: Path, std: Path, bias: float = FEATURE_BIAS) -> "Normaliser":
        """Read the dataset's ``mean.npy`` and ``std.npy`` and apply the bias."""
        centre, scale = (statistics(path, "make it again") for path in (mean, std))
        scale[_HEAVY] /= bias
        # A value that never varies (a foot that never lifts) must not divide by nothing.
        scale[scale < 1e-6] = 1.0
        return cls(centre, scale)

    @classmethod
    def of_model(cls, config: Path) -> "Normaliser":
        """The scale that a model's ``config.json`` carries. Raises InputError if it has none."""
        value = files.read_json(config)
        try:
            found = value["normalisation"]
            mean, std = (np.array(found[name], found["dtype"]) for name in ("mean", "std"))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{config} does not say in which scale its model sees features: "
                "train or import the model again."
            ) from error
        return cls(mean, std).checked(config)

    def checked(self, source: Path) -> "Normaliser":
        """Itself. Raises InputError, naming ``source``, for numbers that are no scale."""
        good = all(
            each.shape == (FEATURES,) and each.dtype.kind == "f" and np.isfinite(each).all()
            for each in (self.mean, self.std)
        )
        if not good or not (self.std > 0).all():
            raise InputError(
                f"{source}: mean and std must be {FEATURES} finite numbers each, std above 0: "
                "copy or make it again."
            )
        return self

    def as_json(self) -> dict[str, Any]:
        """What :meth:`of_model` reads, to the last bit."""
        return {
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "dtype": self.mean.dtype.name,
        }

    def forward(self, features: np.ndarray) -> np.ndarray:
        """Features (..., 263) to the models' scale, float32."""
        return ((features - self.mean) / self.std).astype(np.float32)

    def inverse(self, normalised: np.ndarray) -> np.ndarray:
        """The models' scale back to features, float32."""
        return (normalised * self.std + self.mean).astype(np.float32)

    def to(self, other: "Normaliser") -> tuple[np.ndarray, np.ndarray]:
        """Factor and shift, float32 (263,), from this scale to ``other``'s.

        Exactly ones and zeros when the two are the same.
        """
        mean, std = self.mean.astype(np.float64), self.std.astype(np.float64)
        factor, shift = std / other.std, (mean - other.mean) / other.std
        return factor.astype(np.float32), shift.astype(np.float32)
