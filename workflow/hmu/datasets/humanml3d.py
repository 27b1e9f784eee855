"""Raw HumanML3D: AMASS sequences (SMPL-H), HumanAct12 joints, and the index that cuts clips.

Below the raw directory: ``index.csv`` (source_path, start_frame, end_frame, new_name),
``amass/<dataset>/<subject>/*_poses.npz`` as downloaded, ``humanact12/*.npy``, and
``body_models/smplh/{male,female}/model.npz``. What is done follows HumanML3D's
``raw_pose_processing.ipynb``:

* every ``int(rate / 20)``-th frame is kept (59.9 frames a second count as 40, as there);
* z up becomes y up by exchanging the axes, and x changes sign;
* some AMASS datasets begin with a calibration pose, which is cut off before frames are counted;
* any gender but ``male`` takes the female body, with the first ten betas;
* of each clip there is a mirrored copy, named with an ``M`` in front.

HumanAct12 comes as joints with y up, and whole.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from hmu import arrays
from hmu.arrays import BadArray
from hmu.datasets._raw import BadClip, Clip, Work, checked, checked_joints, folder
from hmu.errors import InputError
from hmu.motion import skeleton
from hmu.motion.bodymodel import BETAS, BodyModel

STAGE = "joints"

TRIMS = {
    "Eyes_Japan_Dataset": 60,
    "MPI_HDM05": 60,
    "TotalCapture": 20,
    "MPI_Limits": 20,
    "Transitions_mocap": 10,
}
"""Frames (of 20 a second) cut off the beginning of the sequences of an AMASS dataset."""

_COLUMNS = ("source_path", "start_frame", "end_frame", "new_name")


@dataclass(frozen=True)
class Entry:
    """A line of the index: the clip, its file below the raw directory, and the frames to keep.

    ``fault`` says why the line cannot be followed, and is empty otherwise.
    """

    clip: str
    source: str
    start: int
    end: int
    fault: str = ""


def ingest(raw: Path, settings: Mapping[str, Any]) -> Work[Entry]:
    """The clips that the index names, by name, each followed by its mirrored copy.

    Raises InputError when the directory, the index or a body model is missing or malformed.
    """
    folder(raw, "raw HumanML3D (amass/, humanact12/, body_models/, index.csv)")
    return Work(read_index(raw / "index.csv"), partial(_read, raw))


def read_index(path: Path) -> list[Entry]:
    """The entries of ``index.csv``, sorted by clip. Raises InputError for a malformed file."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except FileNotFoundError:
        raise InputError(f"{path} is missing: copy it from the HumanML3D repository.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not CSV in UTF-8 ({error}): copy it again.") from error
    if not rows or any(column not in rows[0] for column in _COLUMNS):
        raise InputError(f"{path} needs lines under the columns {', '.join(_COLUMNS)}.")
    entries = [_entry(path, number, row) for number, row in enumerate(rows, start=2)]
    names = Counter(name for entry in entries for name in (entry.clip, _mirrored(entry.clip)))
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        raise InputError(
            f"{path} gives two clips the name {min(twice)!r}, mirrored copies counted: give every "
            "line a name of its own."
        )
    return sorted(entries, key=lambda entry: entry.clip)


def _entry(path: Path, number: int, row: Mapping[str, str | None]) -> Entry:
    try:
        start, end = int(row["start_frame"] or ""), int(row["end_frame"] or "")
    except ValueError:
        raise InputError(
            f"{path} line {number}: start_frame and end_frame must be whole numbers."
        ) from None
    given, name = row["source_path"] or "", (row["new_name"] or "").removesuffix(".npy")
    if not name or name in {".", ".."} or any(mark in name for mark in "/\\\0"):
        raise InputError(f"{path} line {number}: {name!r} in new_name is not a plain file name.")
    parts = PurePosixPath(given).parts
    if parts[:1] != ("pose_data",) or len(parts) < 3 or ".." in parts:
        return Entry(name, given, 0, 0, "is not a path of the form ./pose_data/<dataset>/…")
    if parts[1] == "humanact12":
        return Entry(name, f"humanact12/{parts[-1]}", 0, -1)
    source = PurePosixPath("amass", *parts[1:]).with_suffix(".npz")
    trim = next((frames for dataset, frames in TRIMS.items() if dataset in given), 0)
    if start < 0 or (0 <= end <= start):
        return Entry(
            name, str(source), 0, 0, f"keeps no frame from {start} to {end}, see index.csv"
        )
    return Entry(name, str(source), trim + start, trim + end if end >= 0 else end)


def _mirrored(clip: str) -> str:
    return "M" + clip


def _read(raw: Path, entry: Entry) -> Iterator[Clip | BadClip]:
    mirrored = _mirrored(entry.clip)
    try:
        if entry.fault:
            raise BadArray(entry.fault)
        path = raw / entry.source
        joints = _humanact(path) if entry.source.startswith("humanact12/") else _amass(raw, entry)
    except BadArray as error:
        yield BadClip(entry.clip, entry.source, str(error))
        yield BadClip(mirrored, entry.source, str(error))
        return
    yield Clip(entry.clip, joints, entry.source)
    yield Clip(mirrored, skeleton.mirror(joints), entry.source, mirrored=True)


def _humanact(path: Path) -> np.ndarray:
    return checked_joints(arrays.read_array(path))


def _amass(raw: Path, entry: Entry) -> np.ndarray:
    """Joints of an entry's frames, y up. Raises BadArray when they cannot be had."""
    try:
        archive = arrays.open_archive(raw / entry.source)
    except FileNotFoundError:
        raise BadArray("does not exist: is this AMASS dataset downloaded?") from None
    with archive:
        read = partial(arrays.member, archive)
        step = _step(arrays.numbers(read("mocap_framerate"), "mocap_framerate"))
        poses, trans, betas = (arrays.numbers(read(n), n) for n in ("poses", "trans", "betas"))
        gender = np.asarray(read("gender")).item() if read("gender").size == 1 else ""
    if poses.ndim != 2 or poses.shape[1] < 66 or trans.shape != (len(poses), 3) or betas.ndim != 1:
        raise BadArray(
            f"has poses {poses.shape}, trans {trans.shape} and betas {betas.shape}, not "
            "(frames, 156), (frames, 3) and (16,)"
        )
    kept = slice(entry.start, entry.end)
    poses, trans = poses[::step][kept], trans[::step][kept]
    checked(trans, (3,))
    checked(poses, poses.shape[1:])
    sex = "male" if gender in ("male", b"male") else "female"
    body = _body(raw / "body_models" / "smplh" / sex / "model.npz")
    joints = body.joints(poses, trans, betas[:BETAS])
    return checked_joints(joints[..., [0, 2, 1]] * np.array([-1, 1, 1], dtype=np.float32))


def _step(rate: np.ndarray) -> int:
    value = float(rate.item()) if rate.size == 1 else float("nan")
    if not skeleton.FPS <= value < float("inf"):
        raise BadArray(f"has a mocap_framerate of {value:g}, and {skeleton.FPS} is the least")
    return int(value / skeleton.FPS)


@cache
def _body(path: Path) -> BodyModel:
    return BodyModel.read(path)
