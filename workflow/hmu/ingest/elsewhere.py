"""Motions that are made elsewhere: which of them are wanted, and those that came, as one store."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.ingest.axes import Axes
from hmu.interface.backbones import Motions
from hmu.io import csv_table
from hmu.io.arrays import BadArray
from hmu.io.progress import Progress
from hmu.io.store import ClipWriter
from hmu.motion.features import FEATURES, to_features

_SHOWN = 3
"""Files that a message names of each kind of fault."""


@dataclass(frozen=True)
class Wanted:
    """A motion to make: of ``prompts``, the source, which ``prompt`` and what it says; how many
    ``frames`` the ``file`` has, whose path below the directory of motions that is."""

    prompts: str
    prompt: str
    caption: str
    frames: int
    repeat: int
    draw: int
    file: str


def wanted(motions: Motions, prompts: str, requests: Any, captions: list[str]) -> Iterator[Wanted]:
    """What the ``requests`` (a pandas frame: prompt, repeat, draw, row, frames) of a source of
    prompts ask for; ``row`` is the prompt's among the ``captions``."""
    columns = requests[["prompt", "repeat", "draw", "row", "frames"]]
    for prompt, repeat, draw, row, frames in columns.itertuples(index=False):
        file = motions.file(prompts, prompt, repeat, draw)
        length = motions.frames(frames)
        yield Wanted(prompts, prompt, captions[row], length, repeat, draw, file)


def write(path: Path, rows: Iterable[Wanted]) -> None:
    """Write the table for whoever makes the motions: a line a file, by their names.

    Raises InputError when the files of two prompts have names that some file systems take for one.
    """
    found: dict[str, Wanted] = {}
    for row in rows:
        other = found.setdefault(row.file.casefold(), row)
        if other.file != row.file:
            raise InputError(
                f"{row.prompts}: the prompts {other.prompt!r} and {row.prompt!r} are the same "
                "but for capitals, and some file systems do not tell their files apart: rename one."
            )
    lines = sorted(found.values(), key=lambda row: row.file)
    csv_table.write(path, [each.name for each in fields(Wanted)], map(astuple, lines))


def collect(
    folder: Path,
    motions: Motions,
    requests: Any,
    prompts: tuple[str, Collection[str]],
    store: tuple[Path, Path],
    table: str,
) -> None:
    """Read the motions of the ``requests`` from ``folder`` into a store of features (data, index).

    ``requests`` (a pandas frame) has prompt, repeat, draw and frames; the index has the first three
    too. ``prompts`` are the name of their source and all prompts in it. Raises InputError, which
    refers to the ``table`` of what is wanted, when a file is missing, holds no motion as it is
    wanted, or is of no prompt, and when most motions stand along another axis than y.
    """
    source, names = prompts
    found = _Faults(superfluous=list(motions.superfluous(folder, source, names)))
    axes = Axes()
    keys = requests[["prompt", "repeat", "draw", "frames"]]
    with ClipWriter(*store, (FEATURES,)) as out, Progress(len(keys), "collect", "motions") as bar:
        for prompt, repeat, draw, frames in keys.itertuples(index=False):
            file = motions.file(source, prompt, repeat, draw)
            bar.update(1)
            if not (folder / file).exists():
                found.missing.append(file)
                continue
            try:
                given = motions.read(folder / file, frames)
            except BadArray as error:
                found.bad.append(f"{file} {error}")
                continue
            if motions.stage == "joints":
                axes.add(given, file)
                given = to_features(given)
            out.add(file, given, prompt=prompt, repeat=repeat, draw=draw)
        found.settle(folder, len(keys), table)
        axes.settle(folder)


@dataclass
class _Faults:
    """Files by what is wrong with them."""

    superfluous: list[str]
    missing: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def settle(self, folder: Path, total: int, table: str) -> None:
        """Raise InputError when there are any."""
        said = []
        if self.missing:
            said.append(f"of {total:,} motions {len(self.missing):,} are missing")
            said[-1] += f" ({_first(self.missing)})"
        if self.bad:
            said.append(f"{len(self.bad):,} cannot be used ({_first(self.bad)})")
        if self.superfluous:
            said.append(f"{len(self.superfluous):,} are of no prompt ({_first(self.superfluous)})")
        if said:
            raise InputError(
                f"{folder}: {'; '.join(said)}. {table} lists the files that are wanted, with the "
                "frames of each: make these as it says, and remove others."
            )


def _first(each: list[str]) -> str:
    return "; ".join([*each[:_SHOWN], *(["…"] if len(each) > _SHOWN else [])])
