"""Joints -> the 263-value representation, with its mean and standard deviation."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hmu.errors import InputError
from hmu.ingest.quarantine import Quarantine
from hmu.ingest.streaming import stream
from hmu.interface.sources import BadClip, Clip, Work
from hmu.io import files
from hmu.io.store import ClipStore, ClipWriter, frames_of
from hmu.motion.features import FEATURES, Moments, label, to_features
from hmu.motion.normalise import statistics
from hmu.run.job import Job

RESUMES_ACROSS = ("on_bad_clip", "quarantine_limit", "statistics", "threads")

_REMEDY = "download it again, or remove it"

Statistics = tuple[np.ndarray, np.ndarray]


def run(job: Job) -> None:
    """Features of every clip of the store ``data`` and ``index``, in ``threads`` processes.

    Settings: ``stage`` of that store ("joints", or "features", which are taken as they are),
    ``statistics`` ("auto", "published" or "computed"), ``on_bad_clip``, ``quarantine_limit``. The
    inputs ``published_mean`` and ``published_std`` are optional but for "published"; "auto" takes
    them where they are given. The output ``report`` says which were taken, and how far the
    published ones are from the computed. Raises InputError for bad input.
    """
    published = _published(job)
    bad, moments = Quarantine(job.settings), Moments()
    with (
        ClipWriter(job.outputs["data"], job.outputs["index"], (FEATURES,)) as store,
        stream(_work(job), (FEATURES,), job.scratch, job.threads, "features") as items,
    ):
        for item in items:
            if isinstance(item, Clip):
                store.add(item.clip, item.frames, source=item.source, mirrored=item.mirrored)
                moments.add(item.frames)
            else:
                bad.add(item.clip, item.file, item.reason)
        bad.settle(len(store.rows), job.outputs["quarantine"])
    computed = moments.result()
    taken = computed if published is None or _wants(job) == "computed" else published
    for name, values in zip(("mean", "std"), taken, strict=True):
        with job.outputs[name].open("wb") as file:
            np.save(file, values)
    report = {
        "taken": "computed" if taken is computed else "published",
        "clips": len(store.rows),
        "frames": store.frames,
        "largest_difference": published and _differences(published, computed),
    }
    files.write_json(job.outputs["report"], report)


class _Row(NamedTuple):
    """A row of the index of joints."""

    clip: str
    start: int
    length: int
    source: str
    mirrored: bool


def _work(job: Job) -> Work[_Row]:
    data, index = job.input("data"), job.input("index")
    rows = ClipStore(data, index).index[list(_Row._fields)]
    tasks = [_Row(*row) for row in rows.itertuples(index=False)]
    return Work(tasks, partial(_read, data, job.settings["stage"] == "features"))


def _read(data: Path, ready: bool, row: _Row) -> Iterator[Clip | BadClip]:
    """The features of one clip; ``ready`` when the store holds them already."""
    given = frames_of(data, row.start, row.length)
    if not ready and row.length < 2:
        yield BadClip(row.clip, str(data), "has fewer than the 2 frames that a motion needs")
        return
    rows = given if ready else to_features(given)
    if np.isfinite(rows).all():
        yield Clip(row.clip, rows, row.source, row.mirrored)
    else:
        yield BadClip(row.clip, str(data), "gives features that are not finite")


def _wants(job: Job) -> str:
    return str(job.settings["statistics"])


def _published(job: Job) -> Statistics | None:
    """``Mean.npy`` and ``Std.npy`` of the dataset, when the job is given both."""
    paths = job.optional("published_mean"), job.optional("published_std")
    if paths[0] is None or paths[1] is None:
        if _wants(job) == "published":
            raise InputError(
                "`statistics: published` needs Mean.npy and Std.npy in the dataset's raw "
                "directory: put them there, or write `statistics: computed`."
            )
        return None
    return statistics(paths[0], _REMEDY), statistics(paths[1], _REMEDY)


def _differences(published: Statistics, computed: Statistics) -> dict[str, Any]:
    """Of mean and of deviation, the value in which the two are furthest apart."""
    found = {}
    for name, theirs, ours in zip(("mean", "std"), published, computed, strict=True):
        worst = int(np.abs(theirs - ours).argmax())
        found[name] = {
            "feature": worst,
            "label": label(worst),
            "published": float(theirs[worst]),
            "computed": float(ours[worst]),
            "difference": float(abs(theirs[worst] - ours[worst])),
        }
        print(
            f"The published {name} differs most from the computed in value {worst} "
            f"({label(worst)}): {theirs[worst]:.4g}, not {ours[worst]:.4g}."
        )
    return found
