"""What a command did not write stays as it is: it writes beside it, or not at all."""

from collections.abc import Collection, Iterable
from pathlib import Path

from hmu.errors import InputError


def refuse(wanted: Iterable[Path], own: Collection[Path], remedy: str) -> None:
    """Raise InputError where a file that is about to be written is there, and not among a command's
    ``own`` of an earlier run. Call it before anything is written or removed, and before the work.
    """
    there = [path for path in wanted if path not in own and (path.exists() or path.is_symlink())]
    if there:
        more = f" and {len(there) - 1} more files" if len(there) > 1 else ""
        raise InputError(
            f"{there[0]}{more} would be overwritten, which this command did not write: {remedy}, or"
            " move it away."
        )
