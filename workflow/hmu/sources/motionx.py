"""Raw Motion-X: nested folders of ``smplx_322`` arrays at 30 frames a second.

Below the raw directory, as its README has it: ``motion_data/smplx_322/<subset>/**/<name>.npy``, and
SMPL-X's neutral model in ``body_models/smplx``. Download and preprocessing together give 81,084
arrays; the lists name 81,080. Each is (F, 322): root orientation (0:3), body pose (3:66), hands and
jaw (66:159), expression and face shape (159:309), translation in metres (309:312), ten betas
(312:322). All but hands and face move the 22 joints (``tomato_represenation/smplx2joints.py``).

* y is up, and the first frame faces z+, in Motion-X's release of 2023 and in the ``smplx322`` of
  Motion-X++'s folder ``motion_generation``; other folders of Motion-X++ have other axes.
* All is at 30 frames a second. Positions between two frames are on the straight line between them:
  20 frames a second are every frame and a half, and the features bring bones back to their length.
* ``raw_pose_processing.py`` adds the translation to joints that have it already. Here it counts
  once.
* Translations of ``aist`` are 94 times too long and point the wrong way along z as downloaded; its
  ``non-mocap-dataset-process/aist.py`` fixes the files in place. It is done here for files to which
  it has not been.
* ``humanml`` is made from AMASS by the user with ``mocap-dataset-process/humanml.py``, which writes
  a mirrored copy ``M<name>.npy`` of each clip. Where all of these are missing they are made here,
  as HumanML3D makes its own.

A clip is named by its path, flattened (:mod:`hmu.io.names`); ``source`` keeps the file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from hmu.errors import InputError
from hmu.interface.sources import BadClip, Clip, Work
from hmu.io.arrays import BadArray, read_array
from hmu.io.names import flat
from hmu.io.walk import walk
from hmu.motion import skeleton
from hmu.motion.bodymodel import BodyModel, locate
from hmu.motion.checks import checked, checked_joints
from hmu.sources._raw import folder

STAGE = "joints"
MARKS = ("motion_data/smplx_322",)
MOTIONS = MARKS[0]
FPS = 30
POSES, TRANS, SHAPE = slice(0, 66), slice(309, 312), slice(312, 322)
VALUES = 322
USED = np.r_[POSES, TRANS, SHAPE]

_AIST_SCALE = 94.0
_FARTHEST = 20.0
"""Metres from the origin, which no dancer leaves that far, and no unmended file stays within."""


@dataclass(frozen=True)
class Task:
    """A file, the clip that it holds, and what to know of it: whether another file has the same
    name, whether it is a mirrored copy, and whether to make one."""

    clip: str
    path: Path
    clashes: bool = False
    mirrored: bool = False
    mirror: str = ""


def ingest(raw: Path, settings: Mapping[str, Any]) -> Work[Task]:
    """The clips below ``raw``, by name. Raises InputError when there are none.

    Two files whose names become the same are both set aside.
    """
    motion = folder(raw / MOTIONS, "Motion-X's folders of smplx_322 arrays")
    files = {
        path: flat(_name(motion, path)) for name, path in walk(motion) if name.endswith(".npy")
    }
    if not files:
        raise InputError(f"{motion} has no .npy file: put Motion-X's smplx_322 arrays there.")
    times = Counter(files.values())
    humanml = {path.stem for path in files if _name(motion, path) == f"humanml/{path.stem}"}
    copied = any(name.startswith("M") for name in humanml)
    tasks = []
    for path, clip in files.items():
        own = path.stem in humanml and path.parent == motion / "humanml"
        mirrored = own and path.stem.startswith("M")
        mirror = flat(f"humanml/M{path.stem}") if own and not copied else ""
        tasks.append(Task(clip, path, times[clip] > 1, mirrored, mirror))
    return Work(sorted(tasks, key=lambda task: (task.clip, task.path)), partial(_read, raw))


def _name(motion: Path, path: Path) -> str:
    return path.relative_to(motion).with_suffix("").as_posix()


def _read(raw: Path, task: Task) -> Iterator[Clip | BadClip]:
    source = task.path.relative_to(raw).as_posix()
    try:
        if task.clashes:
            raise BadArray(f"has the same clip name, {task.clip}, as another file: rename one")
        joints = _joints(raw, task.path)
    except BadArray as error:
        yield BadClip(task.clip, source, str(error))
        if task.mirror:
            yield BadClip(task.mirror, source, str(error))
        return
    yield Clip(task.clip, joints, source, task.mirrored)
    if task.mirror:
        yield Clip(task.mirror, skeleton.mirror(joints), source, mirrored=True)


def _joints(raw: Path, path: Path) -> np.ndarray:
    rows = read_array(path)
    if rows.ndim != 2 or rows.shape[1] != VALUES:
        raise BadArray(f"has shape {rows.shape}, not (frames, {VALUES})")
    used = checked(rows[:, USED], (len(USED),))
    poses, trans, betas = used[:, :66], used[:, 66:69], used[:, 69:]
    if path.is_relative_to(raw / MOTIONS / "aist") and np.abs(trans).max() > _FARTHEST:
        trans = trans / np.array([_AIST_SCALE, _AIST_SCALE, -_AIST_SCALE], dtype=trans.dtype)
    return checked_joints(resample(_posed(_body(raw), poses, trans, betas)))


def _posed(body: BodyModel, poses: np.ndarray, trans: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """(F, 22, 3) at 30 frames a second, with the betas (F, 10) of each row; mostly all are one."""
    if (betas == betas[0]).all():
        return body.joints(poses, trans, betas[0])
    joints = np.empty((len(poses), skeleton.JOINTS, 3), dtype=np.float32)
    shapes, which = np.unique(betas, axis=0, return_inverse=True)
    for number, shape in enumerate(shapes):
        rows = which.reshape(-1) == number
        joints[rows] = body.joints(poses[rows], trans[rows], shape)
    return joints


def resample(joints: np.ndarray, source: int = FPS, target: int = skeleton.FPS) -> np.ndarray:
    """(F, J, 3) at ``source`` frames a second to ``target``, linearly; the first frame stays."""
    steps = (len(joints) - 1) * target // source
    before, rest = np.divmod(np.arange(steps + 1) * source, target)
    after = np.minimum(before + 1, len(joints) - 1)
    share = (rest / target).astype(joints.dtype)[:, None, None]
    between: np.ndarray = joints[before] * (1 - share) + joints[after] * share
    return between


@cache
def _body(raw: Path) -> BodyModel:
    return BodyModel.read(locate(raw / "body_models", "smplx", "neutral"))
