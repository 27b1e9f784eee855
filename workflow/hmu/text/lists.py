"""Split lists of a raw dataset: ``train.txt``, ``val.txt`` and ``test.txt``, a clip a line."""

from dataclasses import dataclass
from pathlib import Path

from hmu.errors import InputError
from hmu.io import contents
from hmu.io.names import composed, flat, is_safe, printable

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Fault:
    """Why a clip cannot be used, and which file says so."""

    clip: str
    file: str
    reason: str


def read_lists(raw: Path) -> tuple[dict[str, str], list[Fault]]:
    """The split of each listed name, in the order of the lists, and names that cannot be used.

    Names are as `hmu.io.names.composed` has them, with / between folders where Windows wrote \\.

    Raises InputError when a list is missing, not UTF-8, or empty.
    """
    splits: dict[str, str] = {}
    owner: dict[str, str] = {}
    faults = []
    for split in SPLITS:
        path = raw / f"{split}.txt"
        try:
            names = contents.lines(contents.read_text(path))
        except FileNotFoundError as error:
            raise InputError(
                f"{path} is missing: list the clips of the split, one per line."
            ) from error
        names = [_plain(name) for name in names if name.strip()]
        if not names:
            raise InputError(f"{path} is empty: list the clips of the split, one per line.")
        for name in names:
            clip = flat(name)
            if not is_safe(name):
                faults.append(Fault(printable(clip), path.name, "the name leaves its directory"))
            elif clip in owner:
                other = owner[clip]
                faults.append(Fault(clip, path.name, f"the clip is listed in {other} already"))
            else:
                splits[name], owner[clip] = split, path.name
    return splits, faults


def _plain(name: str) -> str:
    return composed(name.strip()).replace("\\", "/")
