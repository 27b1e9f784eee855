"""How outputs get their final names: whole, and on the disk, or not at all."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from hmu.io import files

OWN = os.urandom(4).hex()
"""In the temporary names of this process: what another writes to the same place, one that was
stopped and goes on when its work is no longer wanted, stays its own."""


def prepare(final: Path) -> Path:
    """Where this process writes the output ``final`` until it is whole; what others left there
    is removed."""
    final.parent.mkdir(parents=True, exist_ok=True)
    hidden = files.staged(final).name.removesuffix(final.name)
    left = re.compile(rf"{re.escape(hidden)}(?:[0-9a-f]{{8}}\.)?{re.escape(final.name)}")
    for path in final.parent.iterdir():
        if left.fullmatch(path.name):
            remove(path)
    _restore(final)
    return files.staged(final.with_name(f"{OWN}.{final.name}"))


def adopt(place: Path) -> Path:
    """A directory of this process in ``place``, not made yet, with what another left there."""
    own = place / OWN
    for left in sorted(place.glob("*")):
        if left.is_dir() and left != own:
            remove(own)
            os.replace(left, own)
    for half in [*own.rglob(files.staged(Path("*")).name)]:
        remove(half)
    return own


def swap(new: Mapping[Path, Path], allowed: Callable[[], None] = lambda: None) -> None:
    """Give each of the outputs of a job its final name, once the content of all is on the disk and
    ``allowed`` has raised nothing.

    A directory cannot replace another in one move, so the old one steps aside first and is removed
    last.
    """
    for path in new:
        files.settle(path)
    allowed()
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
