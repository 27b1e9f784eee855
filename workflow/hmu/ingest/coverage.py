"""How much of a dataset is there: files of each data set that it is made from, clips of each split.

A user seldom has everything: AMASS is some twenty downloads. Here it is said what is missing, which
files, and what share of each split that leaves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.interface.sources import Sequences
from hmu.io import inert
from hmu.io.names import flat
from hmu.text.lists import SPLITS, read_lists


@dataclass(frozen=True)
class Coverage:
    """What there is of a dataset.

    ``sequences``: of each data set, what an index names and what of that is missing; empty when no
    index says what there should be. ``splits``: of each split list the clips that it names, and
    those of them that have a motion; empty without lists. ``unlisted``: clips in no list.
    """

    sequences: tuple[Sequences, ...]
    splits: dict[str, tuple[int, int]]
    unlisted: tuple[str, ...]

    @property
    def named(self) -> int:
        """Files that there should be."""
        return sum(each.named for each in self.sequences)

    @property
    def missing(self) -> int:
        """Files that there are not."""
        return sum(len(each.missing) for each in self.sequences)

    def lines(self) -> list[str]:
        """The same in short, for a log: what is missing, and what that leaves of each split."""
        said = []
        if self.sequences:
            said.append(f"{self.named - self.missing:,} of {self.named:,} sequences are there.")
        short = [each for each in self.sequences if each.missing]
        if short:
            parts = (f"{each.dataset} {len(each.missing):,} of {each.named:,}" for each in short)
            said.append(f"Missing: {', '.join(parts)}.")
        if self.splits:
            parts = (
                f"{split} {present:,} of {named:,} ({present / named:.1%})"
                for split, (named, present) in self.splits.items()
            )
            said.append(f"Clips with a motion: {', '.join(parts)}.")
        return said

    def record(self) -> dict[str, Any]:
        """The whole as plain values, every missing file and unlisted clip by name."""
        return {
            "sequences": [
                {
                    "dataset": each.dataset,
                    "named": each.named,
                    "found": each.named - len(each.missing),
                    "missing": list(each.missing),
                }
                for each in self.sequences
            ],
            "splits": {
                split: {"named": named, "present": present, "share": present / named}
                for split, (named, present) in self.splits.items()
            },
            "unlisted": list(self.unlisted),
        }

    def table(self) -> str:
        """The counts as Markdown."""
        rows = ["# What is there", ""]
        if self.sequences:
            rows += ["| data set | sequences named | found | missing |", "|---|--:|--:|--:|"]
            rows += [_row(each.dataset, each.named, len(each.missing)) for each in self.sequences]
            rows += [_row("all", self.named, self.missing), ""]
        if self.splits:
            rows += ["| split | clips listed | with a motion | share |", "|---|--:|--:|--:|"]
            for split, (named, present) in self.splits.items():
                rows.append(f"| {split} | {named:,} | {present:,} | {present / named:.1%} |")
            rows.append("")
        rows.append(f"{len(self.unlisted):,} clips with a motion are in no list.")
        return "\n".join(rows) + "\n"


def _row(name: str, named: int, missing: int) -> str:
    return f"| {inert.markdown(name)} | {named:,} | {named - missing:,} | {missing:,} |"


def measure(
    raw: Path, sequences: tuple[Sequences, ...], clips: Collection[str] | None = None
) -> Coverage:
    """The coverage of the raw directory ``raw``.

    ``clips`` are those that have a motion; before they are known (None), all listed ones count but
    those that the missing files leave out. Lists that are missing or damaged are left to the step
    that needs them.
    """
    try:
        listed, _ = read_lists(raw)
    except InputError:
        listed = {}
    names = {flat(name): split for name, split in listed.items()}
    lost = {clip for each in sequences for clip in each.lost}
    there = names.keys() - lost if clips is None else set(clips)
    splits = {}
    for split in SPLITS:
        wanted = [clip for clip, its in names.items() if its == split]
        if wanted:
            splits[split] = len(wanted), sum(clip in there for clip in wanted)
    return Coverage(sequences, splits, tuple(sorted(there - names.keys())) if names else ())
