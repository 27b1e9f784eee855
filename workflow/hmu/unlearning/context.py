"""What a method is given: the contract of :class:`hmu.interface.methods.Context`, kept from files.

A job has the files of what its method declares, and no others. What runs a network lies in modules
of its own (:mod:`hmu.backbones.opening`, :mod:`hmu.unlearning.encoding`), which are loaded by
name: the rule lists them among the plugins of the jobs whose methods read ``model`` or
``text_encoder``, and the code of the others does not depend on them.
"""

import importlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hmu.errors import InputError
from hmu.interface.methods import Captions
from hmu.io import arrays, parquet
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.motion.normalise import Normaliser
from hmu.run.job import Inputs, one


@dataclass(frozen=True)
class MethodContext:
    """A :class:`hmu.interface.methods.Context` over the ``inputs`` of a job, named as
    ``workflow/rules/unlearning.smk`` names them.

    ``words`` are the keywords by concept, ``training`` the section of that name by part, and
    ``samplers`` what these are told, None where the method does not ask for it. ``absent`` is what
    the method declares but the job has not, for want of a dataset.
    """

    method: str
    inputs: Inputs
    params: Mapping[str, Any]
    address: Mapping[str, str]
    transformers: Sequence[str]
    words: Mapping[str, list[str]]
    training: Mapping[str, Mapping[str, Any]]
    samplers: Mapping[str, Any] | None
    seed: int
    device: torch.device
    scratch: Path
    absent: Collection[str] = ()

    def has(self, what: str) -> bool:
        """Whether there is what INPUTS names so: without a dataset, ``hmu unlearn`` has not all."""
        return what not in self.absent

    def state(self, part: str, *, retrained: bool = False) -> dict[str, torch.Tensor]:
        """The tensors of a part by name, on the processor; or of the retrained part.

        In float32, whatever floating type they are stored in: an edit is computed in it, and
        :func:`hmu.unlearning.checkpoint.difference` gives each tensor its own type back.
        """
        name, declared = (f"retrained_{part}", "retrained") if retrained else (part, part)
        stored = storage.load_state(self._read(name, declared))
        return {
            name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in stored.items()
        }

    def model(self, part: str) -> Any:
        """A part of the original model on the device, in evaluation mode; the caller's to train."""
        self._read(f"{part}_config", "model")
        opening = importlib.import_module("hmu.backbones.opening")
        return opening.part(Stored.among(self.inputs, part), self.device)

    def scale(self) -> Normaliser:
        """From features to what the tokenizer reads, and back; of a method that reads ``model``."""
        return Normaliser.of_model(self._read("tokenizer_config", "model"))

    def sampling(self) -> Mapping[str, Any]:
        """What the samplers of the backbone are told: of the section ``generation``, and
        ``longest``, the longest motion in tokens."""
        if self.samplers is None:
            raise self._undeclared("sampling", None)
        opening = importlib.import_module("hmu.backbones.opening")
        longest = opening.sizes(self._read("tokenizer_config", "sampling")).longest
        return {**self.samplers, "longest": longest}

    def schedule(self, part: str) -> Mapping[str, Any]:
        """The section ``training`` with which a part was trained, of a method that TRAINS."""
        if part not in self.training:
            raise InputError(
                f"The method {self.method!r} asks how {part!r} was trained: add it to CHANGES in "
                "its file, and say TRAINS = True."
            )
        return self.training[part]

    def keywords(self, concept: str | None = None) -> list[str]:
        """The words of a concept for the dataset; of the one to forget unless another is named."""
        name = concept or self.address["concept"]
        if name not in self.words:
            raise self._undeclared("keywords", concept)
        return self.words[name]

    def statistics(self, concept: str | None = None) -> Any:
        """Pandas frame, a row for each layer and code: `hmu.unlearning.code_statistics`."""
        return parquet.frame(self._of("statistics", concept))

    def reference_statistics(self, concept: str | None = None) -> Any:
        """As :meth:`statistics`, but counted in the crops of `hmu.unlearning.reference_crops`."""
        return parquet.frame(self._of("reference_statistics", concept))

    def clips(self, concept: str | None = None) -> Any:
        """Pandas frame: clip, split, name, and ``forget`` (bool), False in the retain set."""
        return parquet.frame(self._of("clips", concept))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embeddings float32 (len(texts), text_dim) of any texts, as of the captions."""
        self._read("text_encoder", "text_encoder")
        encoding = importlib.import_module("hmu.unlearning.encoding")
        found: np.ndarray = encoding.encode(self.inputs, texts, self.device)
        return found

    def captions(self) -> Captions:
        """The captions of all splits, with their embeddings."""
        samples = parquet.frame(self._read("samples", "captions"))
        table = parquet.frame(one(self.inputs, "captions"))
        rows = dict(zip(table["caption"], table["row"], strict=True))
        embeddings = np.array(arrays.read_result(one(self.inputs, "embeddings")))
        return Captions(samples.assign(row=samples["caption"].map(rows)), embeddings)

    def motions(self) -> Any:
        """Pandas frame: motion, clip, start (frame in the clip), frames, split."""
        return parquet.frame(self._read("motions", "motions"))

    def codes(self) -> CodeTable:
        """The codes of all motions, by the original tokenizer."""
        return CodeTable.read(self._read("codes", "codes"))

    def features(self) -> ClipStore:
        """The features of the clips: float32 (frames, 263), not normalised."""
        return ClipStore(self._read("data", "features"), one(self.inputs, "index"))

    def files(self, param: str) -> list[Path]:
        """The files that a parameter of FILES names; none where it is null."""
        if self.params.get(param) is None:
            return []
        if f"file_{param}" not in self.inputs:
            raise InputError(
                f"The method {self.method!r} reads the file of its parameter {param!r}: add "
                f"{param!r} to FILES in its file."
            )
        found = self.inputs[f"file_{param}"]
        return found if isinstance(found, list) else [found]

    def _of(self, what: str, concept: str | None) -> Path:
        """The table of a concept, the own unless another is named."""
        name = f"{what}/{concept or self.address['concept']}"
        if name not in self.inputs:
            raise self._undeclared(what, concept)
        return one(self.inputs, name)

    def _read(self, name: str, declared: str) -> Path:
        """The input of that ``name``, which the job has if INPUTS names ``declared``."""
        if name not in self.inputs:
            raise self._undeclared(declared, None)
        return one(self.inputs, name)

    def _undeclared(self, what: str, concept: str | None) -> InputError:
        if what in self.absent:
            return InputError(
                f"The method {self.method!r} reads {what.replace('_', ' ')}, which only a dataset "
                "has: give one with --data or --dataset."
            )
        of, remedy = "", f"add {what!r} to INPUTS in its file, or to INPUTS_BY"
        if concept not in (None, self.address["concept"]):
            of = f" of the concept {concept!r}"
            remedy += ", and the parameter that names the concept to CONCEPTS"
        return InputError(f"The method {self.method!r} reads {what}{of} undeclared: {remedy}.")
