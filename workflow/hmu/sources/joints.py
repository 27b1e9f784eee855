"""A directory at the joints stage: ``joints/<clip>.npy``, each (F, 22 or more, 3), 20 fps, y up.

The first 22 joints are SMPL's body joints; mirrored copies, where wanted, are files like any other.
Without ``joints``, the ``new_joints`` of a processed HumanML3D serve: positions recovered from its
features, so of one skeleton, and a frame shorter than the joints that those were made of.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hmu.interface.sources import BadClip, Clip, Work
from hmu.io.arrays import BadArray, read_array
from hmu.motion.checks import checked_joints
from hmu.sources._raw import arrays_in

STAGE = "joints"
MARKS = ("joints", "new_joints")


def ingest(raw: Path, settings: Mapping[str, Any]) -> Work[Path]:
    """The clips below ``raw``, by name. Raises InputError when there are none."""
    given = next((raw / name for name in MARKS if (raw / name).is_dir()), raw / MARKS[0])
    files = arrays_in(given, "joint positions, a .npy file of (frames, 22, 3) a clip,")
    return Work(files, partial(_read, raw))


def _read(raw: Path, path: Path) -> Iterator[Clip | BadClip]:
    source = path.relative_to(raw).as_posix()
    try:
        yield Clip(path.stem, checked_joints(read_array(path)), source)
    except BadArray as error:
        yield BadClip(path.stem, source, str(error))
