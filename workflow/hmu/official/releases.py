"""Which official files there are: the module ``official`` of each kind of backbone that has one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from hmu import registry
from hmu.errors import InputError
from hmu.official import shared
from hmu.official.parts import Part
from hmu.official.sources import SOURCES, Download
from hmu.sections.base import Section


class Release(Protocol):
    """What the module ``official`` of a backbone says."""

    @property
    def PARTS(self) -> Mapping[str, Part]:
        """Each part of the backbone, by its name."""
        ...

    @property
    def DOWNLOADS(self) -> Mapping[str, Download]:
        """The public files that are this backbone's."""
        ...

    def folders(self, sizes: Mapping[str, Section]) -> dict[str, str]:
        """The folders of an export whose names tell the sizes of the parts, by part."""
        ...


def kinds() -> list[str]:
    """The kinds of backbones that have official files."""
    return [name for name in registry.names("backbones") if _path(name).is_file()]


def of(kind: str) -> Release:
    """The official files of a kind of backbone. Raises InputError when it has none."""
    if kind not in kinds():
        raise InputError(
            f"There are no official files of the kind {kind!r}, only of {', '.join(kinds())}: "
            f"write workflow/hmu/backbones/{kind}/official.py to read and write them."
        )
    return cast(Release, registry.load("backbones", kind, "official"))


def module(kind: str) -> str:
    """The name of that module, for the jobs that load it."""
    return f"hmu.backbones.{kind}.official"


def parts(kind: str | None) -> Mapping[str, Part]:
    """The parts of a kind of backbone, or (None) the models that all share. Raises as `of`."""
    return shared.PARTS if kind is None else of(kind).PARTS


def downloads() -> dict[str, Download]:
    """All public files, by name."""
    found = dict(SOURCES)
    for kind in kinds():
        found |= of(kind).DOWNLOADS
    return found


def _path(kind: str) -> Path:
    return registry.source("backbones", kind).with_name("official.py")
