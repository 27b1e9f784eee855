"""How a part of a model lies in official files: where, under which keys, of what sizes.

An official state dict has the names of ours. Each backbone says this of its parts in its module
``official`` (:mod:`hmu.official.releases`); :mod:`hmu.official.shared` says it of the models that
all backbones share. Nothing here imports torch: planning looks for the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hmu.errors import InputError
from hmu.official.options import LARGEST, Options
from hmu.sections.base import Section

if TYPE_CHECKING:
    from torch import Tensor

TOKENIZER = "tokenizer"
"""The part of every backbone that turns motions into codes."""


@dataclass(frozen=True)
class Place:
    """Where a part lies: its ``folder`` in the download, and its ``files`` in ``model/`` of that.

    The first file that exists is taken. ``short`` is the folder's name in the unlearning reference
    (Mamiglia/hmu, scripts/utils/prepare.sh). Where no folder has one of the two names, the only
    one that fits ``pattern`` is taken: official names tell the sizes. ``download`` is the source of
    the public files. ``described`` is the folder, beside its own or "." for that, with its
    ``opt.txt``, and with its ``meta/mean.npy`` and ``std.npy`` if it is ``scaled``; None: it has
    none. ``tokenizer``: whether it needs the options of the part ``tokenizer`` too.
    """

    folder: str
    files: tuple[str, ...]
    download: str
    short: str | None = None
    pattern: str | None = None
    described: str | None = "."
    scaled: bool = False
    tokenizer: bool = False

    @property
    def folders(self) -> tuple[str, ...]:
        """The names that its folder may have."""
        return (self.folder,) if self.short is None else (self.folder, self.short)


@dataclass(frozen=True)
class Files:
    """What the sizes of a part are read from: its tensors, its options and its tokenizer's."""

    weights: Path
    state: Mapping[str, Tensor]
    told: Options | None
    told_by_tokenizer: Options | None

    @property
    def options(self) -> Options:
        """The part's options. Raises InputError when there are none."""
        if self.told is None:
            raise InputError(f"{self.weights} came without opt.txt: copy the whole directory.")
        return self.told

    @property
    def tokenizer(self) -> Options:
        """The options of its tokenizer. Raises InputError when there are none."""
        if self.told_by_tokenizer is None:
            raise InputError(
                f"{self.weights} came without its tokenizer: copy the whole directory."
            )
        return self.told_by_tokenizer

    def extent(self, name: str, axis: int) -> int:
        """The extent of a tensor along one axis. Raises InputError when there is none, or one that
        no model has: to see that it does not fit, one of that size would be built."""
        tensor = self.state.get(name)
        if tensor is None or tensor.dim() <= axis or not 0 < tensor.shape[axis] <= LARGEST:
            raise InputError(
                f"{self.weights} lacks tensor {name} of a model's size: give the file of this "
                "model."
            )
        return tensor.shape[axis]


@dataclass(frozen=True)
class Export:
    """The names that the folders of an export have, by part, and whether they are short ones."""

    folders: Mapping[str, str]
    short: bool


def _no_options(sizes: Any, export: Export) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Part:
    """A part in official files.

    ``keys`` hold its tensors in a file, each with its other spellings. ``sizes`` is the class of
    what ``read_sizes`` finds; ``options`` says of these what the official code must find in
    ``opt.txt``, beside its name and the dataset. ``fixed`` are sizes that the official code has
    written into it, ``counters`` what it wants to find beside the tensors: epochs and steps.
    """

    place: Place
    keys: tuple[tuple[str, ...], ...]
    sizes: type[Section]
    read_sizes: Callable[[Files], Section]
    options: Callable[[Any, Export], Mapping[str, str]] = _no_options
    fixed: Mapping[str, int] = field(default_factory=dict)
    counters: tuple[str, str] = ("ep", "total_it")

    @property
    def grouped(self) -> bool:
        """Whether the names of the state carry the key in front."""
        return len(self.keys) > 1
