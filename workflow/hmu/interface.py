"""The contracts of all plugins, on one page.

A plugin is a file, or a folder, in the room of its kind; it is found by its name. What planning
must know of it stands at its top as literals in capitals, which :mod:`hmu.registry` reads without
importing it. This module imports nothing of the package.

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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch

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
