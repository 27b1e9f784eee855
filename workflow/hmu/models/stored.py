"""A model on disk, as jobs name its files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hmu.run.job import Inputs, one


@dataclass(frozen=True)
class Stored:
    """The files of a model: its ``weights``, and the ``config`` that says what it is.

    ``origin`` says where it is from, and ``training`` is the folder of what its training left;
    None where they are not there. ``name`` is that of the part, before whose tensors it stands in
    a checkpoint. The inputs of a job are named ``NAME`` (the weights), ``NAME_config``,
    ``NAME_origin`` and ``NAME_training``.
    """

    name: str
    weights: Path
    config: Path
    origin: Path | None = None
    training: Path | None = None

    @classmethod
    def among(cls, inputs: Inputs, name: str) -> Self:
        """The model of that name among the inputs of a job."""
        more = {
            each: one(inputs, f"{name}_{each}")
            for each in ("origin", "training")
            if f"{name}_{each}" in inputs
        }
        return cls(name, one(inputs, name), one(inputs, f"{name}_config"), **more)

    @classmethod
    def inside(cls, folder: Path) -> Self:
        """The model in the folder of its name, as rules and imports leave it."""
        beside = {"origin": folder / "origin.json", "training": folder / "training"}
        more = {each: path for each, path in beside.items() if path.exists()}
        return cls(folder.name, folder / "model.safetensors", folder / "config.json", **more)

    def inputs(self) -> dict[str, Path]:
        """Its files, by the names that a job gives them."""
        named = {
            self.name: self.weights,
            f"{self.name}_config": self.config,
            f"{self.name}_origin": self.origin,
            f"{self.name}_training": self.training,
        }
        return {name: path for name, path in named.items() if path is not None}
