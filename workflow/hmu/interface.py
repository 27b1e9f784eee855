"""The contracts of all plugins, on one page.

A plugin is a file, or a folder, in the room of its kind; it is found by its name. What planning
must know of it stands at its top as literals in capitals, which :mod:`hmu.registry` reads without
importing it. This module imports nothing of the package.

**Sources**, ``hmu/sources/NAME.py``: a form of raw data.

- ``STAGE``: what its clips are, "joints" or already "features";
- ``ingest(raw, settings) -> Work``: what there is to read in the directory ``raw``, and the
  function that reads it clip by clip.

**Taggers**, ``hmu/taggers/NAME.py``: from a sentence to tokens "word/POS".

- ``tagger() -> Callable[[str], str]``, which makes ready what tagging needs.

**Methods**, ``hmu/methods/NAME.py``: how a model forgets a concept.

- ``INPUTS``: what it reads beside the parts that it changes, of

  - ``tokenizer``, ``transformers`` or the name of a part: tensors of the original model;
    ``retrained``: those of the model trained without the forget set; ``model``: the original
    model, to run it, and ``sampling``: how it samples;
  - ``statistics``, ``clips``, ``keywords`` of the concept, and of those that CONCEPTS names;
  - ``codes``, ``captions``, ``motions``, ``features`` of the dataset, and its ``text_encoder``;

- ``INPUTS_BY``: what more it reads for a value of a parameter,
  ``{"counts": {"motions": ("statistics",), "reference": ("features", "model")}}``;
- ``CHANGES``: the parts that it may edit, ``tokenizer``, ``transformers`` or the name of one;
  ``CHANGES_BY``: those that it may edit too, for a value of a parameter;
- ``CONCEPTS``: its parameters that name other concepts: one, a list, or the keys of a mapping;
- ``FILES``: its parameters that name a file or a list of them, on whose content the edit depends;
- ``TRAINS``: True where it trains, and so wants a GPU and leaves a log and curves;
- ``PARAMS``: its parameters, as JSON Schema properties with defaults;
- ``unlearn(context) -> Edit``.

Only ``INPUTS``, ``CHANGES`` and ``PARAMS`` must be there.

**Backbones**, ``hmu/backbones/KIND/``: text-to-motion models. A package, whose ``__init__`` imports
nothing and says

- ``PARTS``: what is trained, in this order. The part ``tokenizer`` turns motions into codes and
  back; the others, the transformers, generate codes. Each says

  - ``network``: its class, a :class:`Part`, made from its sizes alone, ``sizes``: theirs, a
    :class:`hmu.sections.base.Section`; those of a tokenizer are a ``Vocabulary`` with
    ``frames_per_token`` and ``longest``, its longest motion in tokens;
  - ``recipe``: the module whose ``recipe(sizes, inputs, section, device) -> Recipe`` says how it
    is trained; ``reads``: what that reads, of ``features``, ``codes`` and ``captions``;

- ``SAMPLER``: the module whose ``sampler(transformers) -> Sampler`` puts the transformers together;
- ``SETTINGS``: the keys of the section ``generation`` that the sampler reads.

``sections.Section`` in it is what a configuration may say of the backbone, a
:class:`hmu.sections.backbone.Backbone` with a field for each part, without torch.

**Prompts**, ``hmu/prompts/KIND.py``: where prompts come from.

- ``PARAMS``: its parameters, as JSON Schema properties with defaults;
- ``FILES``: those of them that name a file, on whose content the prompts then depend;
- ``prompts(context) -> Iterable[Prompt]``.

**Descriptors**, ``hmu/descriptors/NAME.py``: one thing said about each motion, or each text.

- ``SEES``: what it sees of a motion, among ``features``, ``joints`` and ``codes``; empty for one
  that describes texts alone;
- ``MODELS``: the trained models that it reads, of ``evaluator``;
- ``SETTINGS``: the keys of the section ``evaluation`` that it reads;
- ``load(context) -> Descriptor``.

**Metrics**, ``hmu/metrics/NAME.py``: descriptions reduced to numbers.

- ``NAMES``: the names of the values that it gives ("r@1"), each unique among all metrics;
- ``READS``: for each field that it reads, ``SUBJECT/DESCRIPTOR``; it depends on nothing else.
  Subjects are ``generated`` and ``real`` motions, the ``text`` of the prompts, the same ``masked``
  (without the words of the concept), and ``pairs`` of motions for one prompt;
- ``SETTINGS``: the keys of the section ``evaluation`` that it reads;
- ``REAL``: whether it is defined for real motions in the place of generated ones;
- ``compute(inputs, rng, settings) -> Measured``, which measures one repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    import torch

# Sources

Task = TypeVar("Task")


@dataclass(frozen=True)
class Clip:
    """A motion: ``frames`` (F, 22, 3) float32 positions in metres, y up, 20 fps, or (F, 263)
    features; ``source``, the file below the raw directory that it comes from; whether it is the
    mirrored copy of another clip."""

    clip: str
    frames: np.ndarray
    source: str
    mirrored: bool = False


@dataclass(frozen=True)
class BadClip:
    """A clip that is set aside: the ``file`` below the raw directory, and what is wrong with it."""

    clip: str
    file: str
    reason: str


@dataclass(frozen=True)
class Sequences:
    """What an index takes from one data set: how many files are ``named``, which of them, below the
    raw directory, are ``missing``, and the clips that are ``lost`` with these."""

    dataset: str
    named: int
    missing: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether nothing of the data set is there."""
        return self.named == len(self.missing)


Read = Callable[[Task], Iterator[Clip | BadClip]]


@dataclass(frozen=True)
class Work(Generic[Task]):
    """Clips of a raw directory, task by task in a fixed order.

    ``read(task)`` depends on nothing but its task, so tasks may be read in any order or process.
    ``sequences`` is for raw data that come with an index of the files that there should be;
    ``fault`` says why, with so little of them, there is nothing to do.
    """

    tasks: Sequence[Task]
    read: Read[Task]
    sequences: tuple[Sequences, ...] = ()
    fault: str = ""

    def __len__(self) -> int:
        return len(self.tasks)

    def __iter__(self) -> Iterator[Clip | BadClip]:
        for task in self.tasks:
            yield from self.read(task)


# Methods


@dataclass(frozen=True)
class Edit:
    """New values of tensors by part and name, and notes on the edit for the manifest.

    A tensor keeps its shape and type. ``logs``: of a method that trains, what
    :func:`hmu.models.training.train` returned, by the name of the training.
    """

    tensors: Mapping[str, Mapping[str, torch.Tensor]]
    notes: Mapping[str, Any] = field(default_factory=dict)
    logs: Mapping[str, Sequence[Mapping[str, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Captions:
    """The captions of a dataset as the transformers read them.

    ``samples``: pandas frame with the columns sample, motion, clip, caption, tokens, split and
    ``row``, where the caption stands in ``embeddings``, float32 (captions, text_dim).
    """

    samples: Any
    embeddings: np.ndarray


class Context(Protocol):
    """What a method is given. Files are read when they are asked for.

    What its literals do not name raises InputError, which says what to add to which of them.
    """

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the variant, complete."""
        ...

    @property
    def address(self) -> Mapping[str, str]:
        """Names of the backbone, concept, dataset and variant, in this order."""
        ...

    @property
    def seed(self) -> int:
        """For ``hmu.rng.generator(context.seed, METHOD, *context.address.values(), ...)``."""
        ...

    @property
    def device(self) -> torch.device:
        """Where to compute."""
        ...

    @property
    def scratch(self) -> Path:
        """A directory for what a training resumes from; it is not made yet."""
        ...

    @property
    def transformers(self) -> Sequence[str]:
        """The parts of the backbone that generate: all but its tokenizer."""
        ...

    def state(self, part: str, *, retrained: bool = False) -> dict[str, torch.Tensor]:
        """The tensors of a part by name, on the processor; or of the retrained part."""
        ...

    def model(self, part: str) -> Any:
        """A part of the original model on the device, in evaluation mode; the caller's to train."""
        ...

    def scale(self) -> Any:
        """`hmu.motion.normalise.Normaliser` from features to what the tokenizer reads, and back.

        Of a method that reads ``model``.
        """
        ...

    def sampling(self) -> Mapping[str, Any]:
        """What the samplers of the backbone are told, of the section ``generation``."""
        ...

    def schedule(self, part: str) -> Mapping[str, Any]:
        """The section ``training`` with which a part was trained, of a method that TRAINS."""
        ...

    def keywords(self, concept: str | None = None) -> list[str]:
        """The words of a concept for the dataset; of the one to forget unless another is named."""
        ...

    def statistics(self, concept: str | None = None) -> Any:
        """Pandas frame, a row for each layer and code: `hmu.unlearning.code_statistics`."""
        ...

    def clips(self, concept: str | None = None) -> Any:
        """Pandas frame: clip, split, name, and ``forget`` (bool), False in the retain set."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Embeddings float32 (len(texts), text_dim) of any texts, as of the captions.

        A text has the same numbers in any company.
        """
        ...

    def captions(self) -> Captions:
        """The captions of all splits, with their embeddings."""
        ...

    def motions(self) -> Any:
        """Pandas frame: motion, clip, start (frame in the clip), frames, split."""
        ...

    def codes(self) -> Any:
        """`hmu.io.codes.CodeTable` of all motions, by the original tokenizer."""
        ...

    def features(self) -> Any:
        """`hmu.io.store.ClipStore` of the clips: float32 (frames, 263), not normalised."""
        ...

    def files(self, param: str) -> list[Path]:
        """The files that a parameter of FILES names; none where it is null."""
        ...


# Backbones


class Part(Protocol):
    """The network of a part of a backbone, a ``torch.nn.Module``."""

    sizes: Any

    def batch_loss(
        self, batch: Any, generator: torch.Generator
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The loss of a batch of its recipe, and what to log of it. Noise is the generator's."""
        ...


class MotionTokenizer(Part, Protocol):
    """The network of the part ``tokenizer``; it sees features in the scale of its recipe."""

    @property
    def frames_per_token(self) -> int:
        """Frames that a token stands for."""
        ...

    def encode(self, motions: torch.Tensor) -> torch.Tensor:
        """Codes int64 (B, tokens, quantizers) of motions (B, frames, 263), whole tokens long."""
        ...

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Motions (B, frames, 263) of codes int64 (B, tokens, quantizers); -1 is no code."""
        ...


@dataclass(frozen=True)
class Recipe:
    """How a part is trained.

    ``sizes``: all that its shape follows from. ``batches``: a `hmu.models.batches.drawing.Batches`.
    ``schedule``: a `hmu.sections.training.Schedule`. ``scale``: the `hmu.motion.normalise` scale
    in which it sees features, if it sees any.
    """

    sizes: Any
    batches: Any
    schedule: Any
    scale: Any = None


class Sampler(Protocol):
    """Generates codes from texts. ``settings`` are those that SETTINGS names, and ``longest``."""

    @property
    def predicts_length(self) -> bool:
        """Whether it can find the length of a motion itself, asked for by a length of 0."""
        ...

    @property
    def quantizers(self) -> int:
        """Layers of the codes."""
        ...

    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """How many uniform numbers a motion of this length takes, (draws, positions).

        A motion has no more tokens than positions.
        """
        ...

    def sample(
        self,
        text: torch.Tensor,
        lengths: torch.Tensor,
        noise: torch.Tensor,
        settings: Mapping[str, Any],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Codes int64 (B, tokens, quantizers), anything behind each end, and the lengths (B,).

        text: (B, text_dim). lengths: (B,) in tokens, 0 for one that the model is to find. noise:
        uniforms in [0, 1), (B, draws, positions) of the motion that takes most. A motion depends on
        its own text, length and numbers alone.
        """
        ...


# Prompts


@dataclass(frozen=True)
class Prompt:
    """A text to make a motion for.

    ``name`` is unique in its source, and the noise of the prompt's motions belongs to it.
    ``tokens`` ("word/POS word/POS") are added where they are left out. ``sample`` is the sample of
    the test split whose real motion the prompt stands for, and ``frames`` the length of the motion
    where there is none.
    """

    name: str
    caption: str
    tokens: str = ""
    sample: str | None = None
    frames: int | None = None


@dataclass(frozen=True)
class PromptContext:
    """What a source of prompts is given.

    ``samples`` is the pandas frame of the test split's samples (sample, caption, tokens), sorted by
    sample; ``files`` has the paths of the parameters that FILES names.
    """

    samples: Any
    params: Mapping[str, Any]
    files: Mapping[str, Path]


# Descriptors


@dataclass(frozen=True)
class Motion:
    """What a descriptor sees of one motion; what its SEES does not name is None.

    ``features``: float32 (frames, 263) on the device, not normalised. ``joints``: float32
    (frames, 22, 3) in metres, y up, 20 frames a second. ``codes``: int16 (tokens, quantizers), of
    generated motions only.
    """

    features: torch.Tensor | None = None
    joints: np.ndarray | None = None
    codes: np.ndarray | None = None


@dataclass(frozen=True)
class DescriptorContext:
    """What a descriptor is given.

    ``inputs`` are the files of its MODELS (``evaluator``, ``evaluator_config``) and, of generated
    motions, those of the model that decoded them (``tokenizer``, ``tokenizer_config``, and
    ``delta`` and ``manifest`` of an edited one).
    """

    inputs: Mapping[str, Path | list[Path]]
    settings: Mapping[str, Any]
    seed: int
    device: torch.device


class Descriptor(Protocol):
    """Says one thing about each motion or each text, in rows of the same width."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """Float32 (len(batch), width). Motions of one length lie side by side in the batch.

        It is called from several threads at once, and sets gradient modes itself.
        """
        ...

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """Float32 (len(tokens), width), of captions as tokens "word/POS word/POS"."""
        ...


# Metrics


@dataclass(frozen=True)
class Measured:
    """The values of one repeat by name, and, where a value has one for each motion, those.

    ``motions``: float64 (n,) by name, in the order of the plan's positions.
    """

    values: Mapping[str, float]
    motions: Mapping[str, np.ndarray] = field(default_factory=dict)
