"""What a run would find in a raw directory, part by part. Nothing is written.

Files are counted all, texts and lists read all, motions by a sample or all, each by the code that a
run reads them with.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hmu import registry, rng
from hmu.errors import InputError
from hmu.ingest.axes import Axes
from hmu.interface.sources import BadClip, Work
from hmu.io.names import composed, nested
from hmu.io.progress import each
from hmu.motion.bodymodel import BodyModel, locate
from hmu.motion.normalise import statistics
from hmu.raw_data.styles import STYLES, marked
from hmu.sections.dataset import LONGEST_CLIP, shortest_of
from hmu.sources import humanml3d, motionx
from hmu.sources._amass import NAMES
from hmu.text import captions
from hmu.text.lists import Fault, read_lists

SAMPLE = 300
"""Motions that are read without ``--all``: a share of one in a hundred is found in all but 5 % of
directories."""

_NUMBERED = re.compile(r"M?\d{6}")  # a clip of HumanML3D


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what to do about it: ``state`` is ok, note (worth knowing)
    or wrong (a run would stop at it, or set clips aside)."""

    state: str
    part: str
    text: str
    remedy: str = ""


@dataclass
class Motions:
    """The motions of a directory by their files: tasks to read, the clips that they give with
    whether the source is there, and which of these are mirrored copies."""

    source: str
    work: Work[Any]
    clips: dict[str, bool] = field(default_factory=dict)
    mirrored: list[str] = field(default_factory=list)


def recognise(raw: Path) -> str:
    """The ``source`` of a raw directory. Raises InputError when it is none."""
    for source in STYLES:
        if marked(raw, source):
            return source
    every = ", ".join(mark for marks in STYLES.values() for mark in marks)
    what = f"has none of {every}" if raw.is_dir() else "is not a directory"
    inside = sorted(raw.glob("*/")) if raw.is_dir() else []
    near = [path for path in inside if any(marked(path, source) for source in STYLES)]
    remedy = f"Do you mean {near[0]}?" if near else "Start with `hmu data fetch`."
    raise InputError(f"{raw} is not the raw directory of a dataset: it {what}. {remedy}")


def look(raw: Path, source: str, everything: bool = False) -> Iterator[Finding]:
    """What there is to say of a raw directory of the style ``source``, part by part."""
    others = [name for name in STYLES if name != source and marked(raw, name)]
    if others:
        yield Finding(
            "note", "other forms", f"is there too: {', '.join(others)}", "--source looks at it"
        )
    try:
        motions = _motions(raw, source)
    except InputError as error:
        yield Finding("wrong", "motions", *_split(error))
    else:
        yield from _counted(raw, motions)
        models = list(_models(raw, source))
        yield from models
        if not any(model.state == "wrong" for model in models):
            yield from _read(raw, motions, everything)
        yield from _texts(raw, motions)
    yield from _statistics(raw)


def _split(error: InputError) -> tuple[str, str]:
    """A message and its remedy, which begins after the colon that comes last."""
    text, _, remedy = str(error).rpartition(": ")
    return (text, remedy) if text else (remedy, "")


# -- motions -------------------------------------------------------------------------------------


def _motions(raw: Path, source: str) -> Motions:
    work = registry.load("sources", source).ingest(raw, {})
    motions = Motions(source, work)
    missing = {file for sequences in work.sequences for file in sequences.missing}
    for task in work.tasks:
        if isinstance(task, humanml3d.Entry):
            there = task.source not in missing
            motions.clips |= {task.clip: there, f"M{task.clip}": there}
            motions.mirrored.append(f"M{task.clip}")
        elif isinstance(task, motionx.Task):
            motions.clips |= {clip: True for clip in (task.clip, task.mirror) if clip}
            motions.mirrored += [task.clip] if task.mirrored else [task.mirror]
        else:
            motions.clips[_clip(task)] = True
    return motions


def _counted(raw: Path, motions: Motions) -> Iterator[Finding]:
    """Counts of files, against those of the whole dataset."""
    if motions.source == "humanml3d":
        yield from _indexed(raw, motions)
    elif motions.source == "motionx":
        yield from _motionx(motions)
    else:
        yield Finding("ok", "motions", f"{len(motions.clips):,} files")


def _indexed(raw: Path, motions: Motions) -> Iterator[Finding]:
    """Lines of index.csv, and the files that they name, by data set."""
    lines, whole = len(motions.work.tasks), 14_616
    state = "ok" if lines == whole else "note"
    yield Finding(state, "index.csv", f"{lines:,} lines ({whole:,} in HumanML3D's)")
    named = sum(each.named for each in motions.work.sequences)
    lost = sum(len(each.missing) for each in motions.work.sequences)
    text = f"{named - lost:,} of {named:,} files that index.csv names are there"
    yield Finding("wrong" if lost else "ok", "sources", text)
    for sequences in motions.work.sequences:
        if sequences.missing:
            name, missing = sequences.dataset, sequences.missing
            text = f"{len(missing):,} of {sequences.named:,} are missing, for example {missing[0]}"
            site = NAMES.get(name, name)
            remedy = f"get {site} of AMASS (SMPL+H G), and unpack it in {raw / 'amass'}"
            if name == humanml3d.HUMANACT12:
                remedy = "`hmu data fetch` gets it"
            yield Finding("wrong", f"  {name}", text, remedy)


_SUBSETS = {
    "EgoBody": 980, "GRAB": 1335, "HAA500": 5231, "aist": 1470, "animation": 329, "dance": 163,
    "fitness": 16730, "game_motion": 10217, "humanml": 26288, "humman": 744, "idea400": 12513,
    "kungfu": 1040, "music": 3565, "perform": 475,
}  # fmt: skip
"""Clips by subset in Motion-X's lists, 81,080 in all (datasets/all.txt)."""


def _motionx(motions: Motions) -> Iterator[Finding]:
    found = Counter(nested(clip).partition("/")[0] for clip in motions.clips)
    known = sum(found[name] for name in _SUBSETS)
    total = sum(_SUBSETS.values())
    yield Finding("ok", "motions", f"{found.total():,} clips ({total:,} in Motion-X's lists)")
    for name, count in _SUBSETS.items():
        if known and found[name] < count:
            yield Finding("note", f"  {name}", f"{found[name]:,} of {count:,}")
    spelled = {name.casefold(): name for name in _SUBSETS}
    for name in sorted(set(found) - set(_SUBSETS)):
        near = spelled.get(name.casefold().removesuffix("_motion"))
        remedy = f"rename it {near}: lists find clips by the folders' names" if near else ""
        text = f"{found[name]:,} clips, not a subset of Motion-X"
        yield Finding("wrong" if near else "note", f"  {name}", text, remedy)


def _models(raw: Path, source: str) -> Iterator[Finding]:
    """Body models, each opened."""
    wanted = {
        "humanml3d": [("smplh", "male"), ("smplh", "female")],
        "motionx": [("smplx", "neutral")],
    }
    for family, gender in wanted.get(source, []):
        path = locate(raw / "body_models", family, gender)
        try:
            BodyModel.read(path)
        except InputError as error:
            yield Finding("wrong", f"{family} {gender}", *_split(error))
        else:
            yield Finding("ok", f"{family} {gender}", str(path.relative_to(raw)))


def _read(raw: Path, motions: Motions, everything: bool) -> Iterator[Finding]:
    """Read motions as a run does; those whose source is missing are counted already."""
    tasks = [task for task in motions.work.tasks if motions.clips[_clip(task)]]
    there = len(tasks)
    if not everything and there > SAMPLE:
        chosen = rng.generator(0, "data check").choice(there, SAMPLE, replace=False)
        tasks = [tasks[place] for place in np.sort(chosen)]
    bad: dict[str, BadClip] = {}
    lengths: list[int] = []
    axes = Axes()
    for task in each(tasks, "read", "motions"):
        for item in motions.work.read(task):
            if isinstance(item, BadClip):
                bad.setdefault(item.file, item)
            else:
                lengths.append(len(item.frames))
                if item.frames.ndim == 3:  # of features nobody asks
                    axes.add(item.frames, item.source)
    which = "all were read" if len(tasks) == there else f"a sample of {there:,}; --all: every one"
    remedy = "fix or remove them, or set them aside with `on_bad_clip: quarantine`" if bad else ""
    text = f"{len(bad):,} of {len(tasks):,} files are bad ({which})"
    yield Finding("wrong" if bad else "ok", "read", text, remedy)
    for item in list(bad.values())[:5]:
        yield Finding("wrong", "", f"{item.file} {item.reason}")
    if lengths:
        yield _lengths(motions.source, lengths)
    yield from _axes(raw, motions.source, axes)


def _lengths(source: str, lengths: list[int]) -> Finding:
    """How many of the motions that could be read are of use."""
    shortest = shortest_of("Motion-X" if source == "motionx" else None)
    longest = LONGEST_CLIP
    fit = sum(shortest <= frames <= longest for frames in lengths)
    text = f"{fit:,} of {len(lengths):,} clips have the {shortest} to {longest} frames in use"
    return Finding("ok" if fit else "wrong", "lengths", text)


def _axes(raw: Path, source: str, axes: Axes) -> Iterator[Finding]:
    """Which way is up, as a run tells it."""
    if fault := axes.fault(raw):
        remedy = "take Motion-X of 2023, or motion_generation of Motion-X++"
        other = "turn all clips so that y is up"
        yield Finding("wrong", "axes", fault, remedy if source == "motionx" else other)
    elif line := axes.line(raw):
        yield Finding("note", "axes", line)


def _clip(task: Any) -> str:
    return composed(task.stem if isinstance(task, Path) else task.clip)


# -- captions, lists and statistics --------------------------------------------------------------


def _texts(raw: Path, motions: Motions) -> Iterator[Finding]:
    """Captions and split lists, all of them; what tagging would make of sentences is left out."""
    present = [clip for clip, there in motions.clips.items() if there]
    mirrored = {f"M{clip}" for clip in present} if motions.source == "humanml3d" else set()
    try:
        listed, _ = read_lists(raw)
        found = captions.read(raw, present, _untagged, mirrored=mirrored)
    except InputError as error:
        yield Finding("wrong", "captions", *_split(error))
        return
    whole = " (81,080 in Motion-X)" if motions.source == "motionx" else ""
    if not whole and all(_NUMBERED.fullmatch(name) for name in listed):
        whole = " (29,228 in HumanML3D)"
    text = f"{found.captions.num_rows:,} of {found.splits.num_rows:,} clips, {len(listed):,} listed"
    yield Finding("ok", "captions", text + whole)
    wanted, usable = Counter(listed.values()), Counter(found.splits["split"].to_pylist())
    for split, count in wanted.items():
        text = f"{usable[split]:,} of {count:,} clips have motion and captions"
        state = "ok" if usable[split] == count else "wrong"
        yield Finding(state, f"{split}.txt", f"{text} ({usable[split] / count:.1%})")
    reasons: dict[str, list[Fault]] = {}
    for fault in found.faults:
        reasons.setdefault(_kind(fault.reason), []).append(fault)
    for reason, faults in sorted(reasons.items(), key=lambda item: -len(item[1])):
        first = faults[0]
        text = f"{len(faults):,} set aside: {reason}; {first.file}, clip {first.clip}, for one"
        yield Finding("wrong", "", text)
    if found.unlisted:
        text = f"{len(found.unlisted):,} clips are in no list, {found.unlisted[0].clip} for one"
        yield Finding("note", "lists", text, "they are not used")
    mended = {rule: count for rule, count in found.labels.files.items() if rule != "set aside"}
    if mended:
        rules = ", ".join(f"{rule} {count:,}" for rule, count in sorted(mended.items()))
        yield Finding("note", "labels", f"files that a rule changes: {rules}")


def _untagged() -> Callable[[str], str]:
    return lambda sentence: "x/X" if any(letter.isalpha() for letter in sentence) else ""


def _kind(reason: str) -> str:
    """A reason without what differs from line to line."""
    return reason.split(";")[0] if not reason.startswith("line ") else "a line that is malformed"


def _statistics(raw: Path) -> Iterator[Finding]:
    """Mean.npy and Std.npy, if they are there."""
    for name in ("Mean.npy", "Std.npy"):
        if (raw / name).is_file():
            try:
                statistics(raw / name, "get it again, or remove it")
            except InputError as error:
                yield Finding("wrong", name, *_split(error))
            else:
                yield Finding("ok", name, "263 values")
