"""The last words of jobs that failed, from their logs: what a run says at its end."""

from collections.abc import Iterable, Iterator
from pathlib import Path

MARK = "hmu: "


def last_words(logs: Path, since: float) -> Iterator[tuple[Path, str]]:
    """Each log below ``logs`` that ends in a failure, and the message there.

    ``since``: seconds since the epoch; what was written before is of another run. A job that was
    killed leaves no message, and is not found here.
    """
    for path in sorted(logs.rglob("*.log")):
        if path.stat().st_mtime < since:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith(MARK)]
        if starts:
            yield path, "\n".join(lines[starts[-1] :]).removeprefix(MARK)


def summary(logs: Path, since: float, more: Iterable[str] = ()) -> str:
    """The same as text, with what is said of other jobs; empty where there is nothing."""
    found = [f"{message}\n  ({path})" for path, message in last_words(logs, since)]
    found += more
    return "\n".join(["", "What failed:", *found]) if found else ""
