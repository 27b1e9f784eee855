"""Raw Motion-X: nested folders of ``smplx_322`` arrays at 30 frames a second.

Below the raw directory: ``motion/<subset>/**/<name>.npy``, each (F, 322), and the neutral SMPL-X
model ``body_models/smplx/SMPLX_NEUTRAL.npz``. A row holds the root orientation (0:3), the body pose
(3:66), hands and jaw (66:159), expression and face shape (159:309), the translation in metres
(309:312) and ten betas (312:322), which are the same in every row (layout:
``tomato_represenation/smplx2joints.py`` of Motion-X). y is up, as in Motion-X's release for motion
generation; that code adds the translation twice, here it is added once.

Positions between two frames are on the straight line between them: 20 frames a second are every
frame and a half, and the features bring bones back to their length.

A clip is named by its path with ``_`` for ``/``; ``source`` keeps the path.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from hmu.arrays import BadArray, read_array
from hmu.datasets._raw import BadClip, Clip, Work, checked, checked_joints, folder
from hmu.errors import InputError
from hmu.motion import skeleton
from hmu.motion.bodymodel import BodyModel

STAGE = "joints"

FPS = 30
POSES, TRANS, SHAPE = slice(0, 66), slice(309, 312), slice(312, 322)
VALUES = 322


def ingest(raw: Path, settings: Mapping[str, Any]) -> Work[tuple[str, Path, bool]]:
    """The clips below ``raw``, by name. Raises InputError when there are none.

    Two files whose names become the same are both set aside.
    """
    motion = folder(raw / "motion", "Motion-X's folders of smplx_322 arrays")
    files = {
        path: "_".join(path.relative_to(motion).with_suffix("").parts) for path in _all(motion)
    }
    if not files:
        raise InputError(f"{motion} has no .npy file: put Motion-X's smplx_322 arrays there.")
    times = Counter(files.values())
    tasks = sorted((clip, path, times[clip] > 1) for path, clip in files.items())
    return Work(tasks, partial(_read, raw))


def _all(motion: Path) -> list[Path]:
    return [path for path in motion.rglob("*.npy") if path.is_file()]


def _read(raw: Path, task: tuple[str, Path, bool]) -> Iterator[Clip | BadClip]:
    clip, path, clashes = task
    source = path.relative_to(raw).as_posix()
    try:
        if clashes:
            raise BadArray(f"has the same clip name, {clip}, as another file: rename one of them")
        yield Clip(clip, _joints(raw, checked(read_array(path), (VALUES,))), source)
    except BadArray as error:
        yield BadClip(clip, source, str(error))


def _joints(raw: Path, rows: np.ndarray) -> np.ndarray:
    body = _body(raw / "body_models" / "smplx" / "SMPLX_NEUTRAL.npz")
    joints = body.joints(rows[:, POSES], rows[:, TRANS], rows[0, SHAPE])
    return checked_joints(resample(joints, FPS, skeleton.FPS))


def resample(joints: np.ndarray, source: int, target: int) -> np.ndarray:
    """(F, J, 3) at ``source`` frames a second to ``target``, linearly; the first frame stays."""
    steps = (len(joints) - 1) * target // source
    before, rest = np.divmod(np.arange(steps + 1) * source, target)
    after = np.minimum(before + 1, len(joints) - 1)
    share = (rest / target).astype(joints.dtype)[:, None, None]
    between: np.ndarray = joints[before] * (1 - share) + joints[after] * share
    return between


@cache
def _body(path: Path) -> BodyModel:
    return BodyModel.read(path)
