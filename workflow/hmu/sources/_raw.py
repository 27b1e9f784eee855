"""What sources share: looking for files, and names that can be used or the reason why not."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from hmu.errors import InputError
from hmu.interface.sources import BadClip, Clip
from hmu.io.names import composed, printable
from hmu.io.walk import is_left


def fit(item: Clip | BadClip) -> Clip | BadClip:
    """The item, its name as `hmu.io.names.composed` has it; a bad clip instead when the name would
    break lists (a line feed in it) or tables (bytes that are not UTF-8)."""
    if item.clip.isprintable():
        return replace(item, clip=composed(item.clip))
    name, file = map(printable, (item.clip, item.source if isinstance(item, Clip) else item.file))
    return BadClip(name, file, "has a name with characters that cannot be printed: rename it")


def folder(path: Path, holds: str) -> Path:
    """``path`` itself. Raises InputError, saying what it ``holds``, when it is no directory."""
    if not path.is_dir():
        raise InputError(
            f"{path} is not a directory: put {holds} there, or fix `raw` of the dataset in config."
        )
    return path


def arrays_in(path: Path, holds: str) -> list[Path]:
    """The ``.npy`` files of a directory, by name. Raises InputError when there are none."""
    found = sorted(each for each in folder(path, holds).glob("*.npy") if not is_left(each.name))
    if not found:
        raise InputError(f"{path} has no .npy file: put {holds} there.")
    name, times = Counter(composed(each.name) for each in found).most_common(1)[0]
    if times > 1:
        raise InputError(f"{path} has {times} files whose names all look like {name}: rename one.")
    return found
