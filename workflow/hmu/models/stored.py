"""A model on disk, as jobs name its files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hmu.run.job import Inputs, one


@dataclass(frozen=True)
class Stored:
    """The files of a model: its ``weights``, and the ``config`` that says what it is.

    ``origin`` says where it is from, and ``training`` is the folder of what its training left;
    None where a job does not have them. ``name`` is that of the part, before whose tensors it
    stands in a checkpoint.
    """

    name: str
    weights: Path
    config: Path
    origin: Path | None = None
    training: Path | None = None

    @classmethod
    def among(cls, inputs: Inputs, name: str) -> Self:
        """The model of that name among the inputs of a job: those named ``NAME`` (the weights),
        ``NAME_config``, ``NAME_origin`` and ``NAME_training``."""
        more = {
            each: one(inputs, f"{name}_{each}")
            for each in ("origin", "training")
            if f"{name}_{each}" in inputs
        }
        return cls(name, one(inputs, name), one(inputs, f"{name}_config"), **more)
