"""What a source of prompts is given, and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


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
class Rejected:
    """A sample for which a source has no prompt, with the reason and the text that it is not."""

    sample: str
    reason: str
    caption: str = ""


@dataclass(frozen=True)
class PromptContext:
    """What a source of prompts is given.

    ``samples`` is the pandas frame of the test split's samples (sample, caption, tokens), sorted by
    sample; ``files`` has the paths of the parameters that FILES names, ``concepts`` the keywords of
    the concepts that CONCEPTS names. ``seed`` is the configuration's, for choices among prompts.
    """

    samples: Any
    params: Mapping[str, Any]
    files: Mapping[str, Path]
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 0
