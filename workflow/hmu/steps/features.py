"""Joints -> the 263-value representation, with its mean and standard deviation."""

from pathlib import Path

import numpy as np

from hmu import arrays
from hmu.errors import InputError
from hmu.job import Job
from hmu.motion.features import FEATURES, Moments, to_features
from hmu.progress import each
from hmu.quarantine import Quarantine
from hmu.store import ClipStore, ClipWriter


def run(job: Job) -> None:
    """Features of every clip of the store ``data`` and ``index``.

    Settings: ``stage`` of that store ("joints", or "features", which are taken as they are),
    ``on_bad_clip``, ``quarantine_limit``. Given ``raw`` too, at the features stage, its
    ``Mean.npy`` and ``Std.npy`` are used where present. Raises InputError for bad input.
    """
    given = ClipStore(job.input("data"), job.input("index"))
    ready = job.settings["stage"] == "features"
    bad, moments = Quarantine(job.settings), Moments()
    with ClipWriter(job.outputs["data"], job.outputs["index"], (FEATURES,)) as store:
        for clip in each(given, "features", "clips"):
            rows = given[clip] if ready or len(given[clip]) < 2 else to_features(given[clip])
            if not ready and len(given[clip]) < 2:
                bad.add(clip, job.input("data"), "has fewer than the 2 frames that a motion needs")
            elif not np.isfinite(rows).all():
                bad.add(clip, job.input("data"), "gives features that are not finite")
            else:
                store.add(clip, rows)
                moments.add(rows)
        bad.settle(len(store.rows), job.outputs["quarantine"])
    published = _published(job.input("raw")) if ready and "raw" in job.inputs else None
    for name, values in zip(("mean", "std"), published or moments.result(), strict=True):
        with job.outputs[name].open("wb") as stream:
            np.save(stream, values)


def _published(raw: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """``Mean.npy`` and ``Std.npy`` of a distributed dataset, if it has both."""
    paths = raw / "Mean.npy", raw / "Std.npy"
    if not all(path.exists() for path in paths):
        return None
    mean, std = (_statistics(path) for path in paths)
    return mean, std


def _statistics(path: Path) -> np.ndarray:
    try:
        values = arrays.read_array(path)
    except arrays.BadArray as error:
        raise InputError(f"{path} {error}: download it again, or remove it.") from error
    if values.shape != (FEATURES,) or not np.isfinite(values).all():
        raise InputError(
            f"{path} must hold {FEATURES} finite numbers: download it again, or remove it."
        )
    return values.astype(np.float32)
