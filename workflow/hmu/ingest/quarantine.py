"""Bad clips: the run stops at the first, or sets them aside, lists them, and stops at too many."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import csv_table


class Quarantine:
    """Clips set aside, as the dataset's ``on_bad_clip`` and ``quarantine_limit`` say."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """``settings`` holds ``on_bad_clip`` ("stop" or "quarantine") and ``quarantine_limit``,
        the share of clips above which the run stops all the same."""
        self.stops = settings["on_bad_clip"] == "stop"
        self.limit = float(settings["quarantine_limit"])
        self.rows: list[tuple[str, str, str]] = []
        self._absent = 0

    def note_absent(self, clip: str, file: str | Path, reason: str) -> None:
        """List a clip whose data set was never there: it stops no run and counts for no limit,
        which guard against files that are damaged or got lost."""
        self.rows.append((clip, str(file), reason))
        self._absent += 1

    def add(self, clip: str, file: str | Path, reason: str) -> None:
        """Set a clip aside; ``reason`` continues the sentence "this file ...". Raises InputError
        when bad clips stop the run."""
        if self.stops:
            raise InputError(
                f"{file} (clip {clip}) {reason}. Fix or remove it, or set this dataset's "
                "`on_bad_clip: quarantine`."
            )
        self.rows.append((clip, str(file), reason))

    def settle(self, good: int, path: Path) -> None:
        """Write ``path`` (clip, file, reason). Raises InputError when more than the limit of
        ``good`` and bad clips together are bad, or none is good."""
        bad = len(self.rows) - (self._absent if good else 0)
        if bad > self.limit * (good + bad) or not good:
            first = "; ".join(f"{file} {reason}" for _, file, reason in self.rows[:3])
            raise InputError(
                f"{bad} of {good + bad} clips are bad ({first}{'; …' if bad > 3 else ''}). "
                "Fix them, or raise this dataset's `quarantine_limit`."
            )
        write(path, self.rows)


def write(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    """Write ``quarantine.csv``."""
    csv_table.write(path, ("clip", "file", "reason"), rows)


def clips(paths: Iterable[Path]) -> set[str]:
    """The clips that files of this form list."""
    found: set[str] = set()
    for path in paths:
        found.update(row["clip"] for row in csv_table.read(path))
    return found
