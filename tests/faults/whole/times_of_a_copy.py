"""Results came by a copy that wrote its files in any order, and kept no times."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

from support.project import Project


def fault(project: Project) -> None:
    """The caches came too, and know other files."""
    paths = sorted(path for path in (project.root / "results").rglob("*") if path.is_file())
    random.Random(1).shuffle(paths)
    for path in paths:
        os.utime(path)


def holds(project: Project) -> None:
    """Planning changes no byte, and there is nothing to do."""
    before = {path: path.read_bytes() for path in _outputs(project)}
    assert project.planned() == []
    assert {path: path.read_bytes() for path in _outputs(project)} == before
    times = {path: path.stat().st_mtime_ns for path in _outputs(project)}
    assert project.planned() == []
    assert {path: path.stat().st_mtime_ns for path in _outputs(project)} == times, "done already"


def _outputs(project: Project) -> Iterator[Path]:
    results = project.root / "results"
    for path in sorted(results.rglob("*")):
        if path.is_file() and not path.relative_to(results).parts[0].startswith("."):
            yield path
