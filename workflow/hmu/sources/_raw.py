"""What sources share: looking for files, and clips that can be used or the reason why not."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from hmu.errors import InputError
from hmu.interface.sources import BadClip, Clip
from hmu.io.arrays import BadArray
from hmu.io.names import composed, printable
from hmu.io.walk import is_left
from hmu.motion import skeleton

LONGEST = 72_000
"""Frames of a clip at most, an hour: what a clip takes while it is worked on grows with them."""

_LONGEST_SPINE = 1.5
"""Metres from pelvis to head; those of a tall man are 0.75 apart."""


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


def checked(frames: np.ndarray, tail: tuple[int, ...], least: int = 2) -> np.ndarray:
    """``frames`` as float32. Raises BadArray unless it is ``(frames, *tail)`` with ``least`` to
    ``LONGEST`` frames, and finite."""
    if frames.shape[1:] != tail:
        expected = ", ".join(map(str, ("frames", *tail)))
        raise BadArray(f"has shape {frames.shape}, not ({expected})")
    if len(frames) < least:
        raise BadArray(f"has {len(frames)} frames, and a motion needs {least}")
    if len(frames) > LONGEST:
        raise BadArray(f"has {len(frames)} frames, and one clip may have {LONGEST}: cut it")
    with np.errstate(over="ignore"):  # too big for float32 becomes infinite, and is refused
        small = np.ascontiguousarray(frames, dtype=np.float32)
    wrong = ~np.isfinite(small.reshape(len(small), -1)).all(axis=1)
    if wrong.any():
        raise BadArray(f"has NaN or infinite values, first in frame {int(wrong.argmax())}")
    return small


def checked_joints(frames: np.ndarray, least: int = 2) -> np.ndarray:
    """The 22 body joints of ``(F, 22 or more, 3)``. Raises BadArray as :func:`checked` does,
    and for a person far larger than people are."""
    if frames.ndim != 3 or frames.shape[1] < skeleton.JOINTS or frames.shape[2] != 3:
        raise BadArray(f"has shape {frames.shape}, not (frames, {skeleton.JOINTS}, 3)")
    joints = checked(frames[:, : skeleton.JOINTS], (skeleton.JOINTS, 3), least)
    spine = float(np.median(np.linalg.norm(skeleton.spine(joints), axis=1)))
    if spine > _LONGEST_SPINE:
        raise BadArray(
            f"is not in metres: the head is {spine:,.1f} from the pelvis (divide millimetres by "
            "1000, centimetres by 100)"
        )
    return joints
