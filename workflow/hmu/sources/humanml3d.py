"""Raw HumanML3D: AMASS sequences (SMPL-H), HumanAct12 joints, and the index that cuts clips.

Below the raw directory: ``index.csv`` (source_path, start_frame, end_frame, new_name), AMASS as
downloaded (:mod:`hmu.sources._amass`), ``humanact12/*.npy``, and the SMPL-H models of both genders
in ``body_models``. What is done follows HumanML3D's ``raw_pose_processing.ipynb``:

* every ``int(rate / 20)``-th frame is kept (59.9 frames a second count as 40, as there);
* z up becomes y up by exchanging the axes, and x changes sign;
* some AMASS data sets begin with a calibration pose, which is cut off before frames are counted;
* any gender but ``male`` takes the female body, with the first ten betas and without DMPLs;
* of each clip there is a mirrored copy, named with an ``M`` in front.

HumanAct12 comes as joints with y up, and whole.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from hmu.errors import InputError
from hmu.interface.sources import BadClip, Clip, Sequences, Work
from hmu.io import arrays, contents
from hmu.io.arrays import BadArray
from hmu.motion import skeleton
from hmu.motion.bodymodel import BodyModel, locate
from hmu.motion.checks import checked_joints
from hmu.sources import _amass
from hmu.sources._raw import folder

STAGE = "joints"
MARKS = ("index.csv", "amass", "amass_data")

TRIMS = {
    "Eyes_Japan_Dataset": 60,
    "MPI_HDM05": 60,
    "TotalCapture": 20,
    "MPI_Limits": 20,
    "Transitions_mocap": 10,
}
"""Frames (of 20 a second) cut off the beginning of the sequences of an AMASS data set."""

HUMANACT12 = "humanact12"
_HUMANACT12_FOLDERS = ("humanact12", "humanact12/humanact12", "pose_data/humanact12",
                       "pose_data/humanact12/humanact12")  # fmt: skip

_COLUMNS = ("source_path", "start_frame", "end_frame", "new_name")


@dataclass(frozen=True)
class Entry:
    """A line of the index: the clip, its file below the raw directory, and the frames to keep.

    ``dataset`` is the folder of AMASS's first release, or ``humanact12``. ``fault`` says why the
    line cannot be followed, and is empty otherwise.
    """

    clip: str
    source: str
    start: int
    end: int
    dataset: str = ""
    fault: str = ""


def ingest(raw: Path, settings: Mapping[str, Any]) -> Work[Entry]:
    """The clips that the index names, by name, each followed by its mirrored copy.

    ``sequences`` of the result says, of each data set, which files are missing. Raises InputError
    when the directory or the index is missing or malformed.
    """
    folder(raw, "raw HumanML3D (amass/, humanact12/, body_models/, index.csv)")
    entries, sequences = _found(raw, read_index(raw / "index.csv"))
    amass = [each for each in sequences if each.dataset != HUMANACT12]
    fault = ""
    if amass and all(each.absent for each in amass):
        fault = (
            f"{raw / _amass.FOLDERS[0]} has none of the {sum(each.named for each in amass):,} "
            f"AMASS sequences that index.csv names, {amass[0].missing[0]} for one. Put the data "
            "sets there as they unpack; `hmu data fetch --help` says where to get them."
        )
    return Work(entries, partial(_read, raw), sequences, fault)


def _found(raw: Path, entries: list[Entry]) -> tuple[list[Entry], tuple[Sequences, ...]]:
    """The entries with their files as they are called here, and what is missing of each data set.

    A missing file keeps the name that the index gives it.
    """
    tree = _amass.Tree(raw)
    found: dict[str, Path | None] = {}
    files: defaultdict[str, set[str]] = defaultdict(set)
    lost: defaultdict[str, list[str]] = defaultdict(list)
    here = []
    for entry in entries:
        if entry.fault:
            here.append(entry)
            continue
        if entry.source not in found:
            found[entry.source] = _find(tree, entry)
        files[entry.dataset].add(entry.source)
        path = found[entry.source]
        if path is None:
            lost[entry.dataset] += [entry.clip, _mirrored(entry.clip)]
        here.append(replace(entry, source=path.relative_to(raw).as_posix()) if path else entry)
    sequences = []
    for name, sources in sorted(files.items()):
        missing = sorted(source for source in sources if found[source] is None)
        sequences.append(Sequences(name, len(sources), tuple(missing), tuple(lost[name])))
    return here, tuple(sequences)


def _find(tree: _amass.Tree, entry: Entry) -> Path | None:
    source = PurePosixPath(entry.source)
    if entry.dataset != HUMANACT12:
        return tree.find(source.relative_to(_amass.FOLDERS[0]))
    paths = (tree.raw / name / source.name for name in _HUMANACT12_FOLDERS)
    return next((path for path in paths if path.is_file()), None)


def read_index(path: Path) -> list[Entry]:
    """The entries of ``index.csv``, sorted by clip. Raises InputError for a malformed file."""
    try:
        text = contents.read_text(path)
        rows = list(csv.DictReader(io.StringIO(text), delimiter=_separator(text), strict=True))
    except FileNotFoundError:
        raise InputError(f"{path} is missing: copy it from the HumanML3D repository.") from None
    except csv.Error as error:
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


def _separator(text: str) -> str:
    """What separates the columns' names: a comma, or what spreadsheets write in its place."""
    head = text.partition("\n")[0]
    return next((mark for mark in ";\t" if mark in head and "," not in head), ",")


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
        fault = "is not a path of the form ./pose_data/<data set>/…"
        return Entry(name, given, 0, 0, fault=fault)
    dataset = parts[1]
    if dataset == HUMANACT12:
        return Entry(name, f"{HUMANACT12}/{parts[-1]}", 0, -1, dataset)
    source = str(PurePosixPath(_amass.FOLDERS[0], *parts[1:]).with_suffix(".npz"))
    if start < 0 or (0 <= end <= start):
        fault = f"keeps no frame from {start} to {end}, see index.csv"
        return Entry(name, source, 0, 0, dataset, fault)
    trim = sum(frames for mark, frames in TRIMS.items() if mark in given)
    return Entry(name, source, trim + start, trim + end if end >= 0 else end, dataset)


def _mirrored(clip: str) -> str:
    return "M" + clip


def _read(raw: Path, entry: Entry) -> Iterator[Clip | BadClip]:
    mirrored = _mirrored(entry.clip)
    try:
        if entry.fault:
            raise BadArray(entry.fault)
        joints = _joints(raw, entry)
    except BadArray as error:
        yield BadClip(entry.clip, entry.source, str(error))
        yield BadClip(mirrored, entry.source, str(error))
        return
    yield Clip(entry.clip, joints, entry.source)
    yield Clip(mirrored, skeleton.mirror(joints), entry.source, mirrored=True)


def _joints(raw: Path, entry: Entry) -> np.ndarray:
    path = raw / entry.source
    if not path.is_file():
        raise BadArray("does not exist: is this data set downloaded?")
    if entry.dataset == HUMANACT12:
        return checked_joints(arrays.read_array(path))
    bodies = {gender: _body(raw / "body_models", gender) for gender in _amass.GENDERS}
    return _amass.joints(path, bodies, entry.start, entry.end)


@cache
def _body(folder: Path, gender: str) -> BodyModel:
    return BodyModel.read(locate(folder, "smplh", gender))
