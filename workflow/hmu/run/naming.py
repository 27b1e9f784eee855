"""How outputs get their final names: whole, and on the disk, or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path

from hmu.io import files


def prepare(final: Path) -> Path:
    """Where the output ``final`` is written until it is whole, with nothing left there."""
    final.parent.mkdir(parents=True, exist_ok=True)
    staged = files.staged(final)
    remove(staged)
    _restore(final)
    return staged


def swap(new: Mapping[Path, Path]) -> None:
    """Give each of the outputs of a job its final name, once the content of all is on the disk.

    A directory cannot replace another in one move, so the old one steps aside first and is removed
    last.
    """
    for path in new:
        files.settle(path)
    for path, final in new.items():
        if final.is_dir() or (final.exists() and path.is_dir()):
            remove(_aside(final))
            os.replace(final, _aside(final))
    files.rename(new)
    for final in new.values():
        remove(_aside(final))
        remove(files.cut_short(final))


def remove(path: Path) -> None:
    """Remove a file, or a directory with all in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # most outputs are files

        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _restore(final: Path) -> None:
    """Mend what a crash in the middle of :func:`swap` left."""
    aside = _aside(final)
    if aside.exists() and not final.exists():
        os.replace(aside, final)
    remove(aside)


def _aside(path: Path) -> Path:
    return path.with_name(f".old.{path.name}")
