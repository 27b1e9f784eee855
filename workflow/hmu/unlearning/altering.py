"""What a control does to motions that a model made: to their codes, or to what these decode to.

A control of this kind changes no tensor. Its checkpoint says by its ``origin.json`` which method
it is of, and whoever decodes motions of a checkpoint lets that method alter them. The noise of a
motion belongs to its prompt, repeat and draw, so that no motion depends on its batch.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from hmu import registry, rng
from hmu.errors import InputError
from hmu.io import files
from hmu.run.job import Inputs, one

Key = tuple[str, int, int]
"""Prompt, repeat and draw of a motion."""


@dataclass(frozen=True)
class Alteration:
    """What the method of a checkpoint does to each motion; nothing, where it ALTERS none.

    ``vocabulary`` is how many codes a codebook has, ``seed`` that of the noise.
    """

    method: str
    plugin: ModuleType | None
    vocabulary: int
    seed: int

    @classmethod
    def none(cls) -> "Alteration":
        """What alters nothing."""
        return cls("", None, 0, 0)

    @classmethod
    def among(cls, inputs: Inputs, vocabulary: int, seed: int) -> "Alteration":
        """By the input ``delta_origin``; without it, or of another method, what alters nothing."""
        method = of_checkpoint(inputs)
        if method is None:
            return cls.none()
        return cls(method, registry.load("methods", method), vocabulary, seed)

    @property
    def of_features(self) -> bool:
        """Whether it alters what codes decode to."""
        return self.plugin is not None and self.plugin.ALTERS == "features"

    def codes(self, made: np.ndarray, key: Key) -> np.ndarray:
        """The codes int16 (tokens, quantizers) of a motion, as they are to be decoded."""
        return self._altered("codes", made, key)

    def features(self, decoded: np.ndarray, key: Key) -> np.ndarray:
        """Features float32 (frames, 263) of a motion, not normalised, as they are to be seen."""
        return self._altered("features", decoded, key)

    def _altered(self, what: str, motion: np.ndarray, key: Key) -> np.ndarray:
        if self.plugin is None or what != self.plugin.ALTERS:
            return motion
        noise = rng.generator(self.seed, "alter", self.method, *key)
        found: np.ndarray = self.plugin.alter(motion, self.vocabulary, noise)
        if (found.shape, found.dtype) != (motion.shape, motion.dtype):
            raise ValueError(
                f"{self.method}: alter must keep the shape and type of what it is given"
            )
        return found


def of_checkpoint(inputs: Inputs) -> str | None:
    """The method of the input ``delta_origin``, if it alters motions; None of all others."""
    if "delta_origin" not in inputs:
        return None
    origin = files.read_json(one(inputs, "delta_origin"))
    return str(origin["method"]) if isinstance(origin, dict) and "alters" in origin else None


def refuse(inputs: Inputs, doing: str) -> None:
    """Raise InputError, saying what is not done, for a checkpoint whose motions are altered."""
    if (method := of_checkpoint(inputs)) is not None:
        raise InputError(
            f"{one(inputs, 'delta_origin')}: the control {method!r} is no model but alters motions "
            f"that one made, and {doing}; give the model that it was made from."
        )
