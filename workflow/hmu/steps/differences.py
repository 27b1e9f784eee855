"""Step: whether the rows of one table differ, two by two."""

from pathlib import Path

import numpy as np

from hmu import rng
from hmu.errors import InputError
from hmu.evaluation.rows import Planned
from hmu.io import npz, parquet
from hmu.run.job import Job
from hmu.tables import cells, long_form
from hmu.tables.differences import Measured, Resampling, clips


def run(job: Job) -> None:
    """What the cells of a table are made of -> the differences of its rows, as Parquet.

    Settings: ``table`` and ``sets``, each with ``dataset``, ``place`` and ``cells``, which are
    [row, column, metric]. Inputs: of set number 0 the plan's ``rows/0`` and its ``requests/0``; of
    its cells, in their order, ``values/0`` and ``motions/0``. Raises InputError when one is damaged
    or they do not belong together.
    """
    found = []
    for number, of_set in enumerate(job.settings["sets"]):
        units = _clips(job.input(f"rows/{number}"), job.input(f"requests/{number}"))
        address = (of_set["dataset"], of_set["place"])
        resampling = Resampling(units, rng.generator(job.seed, "differences", *address))
        columns: dict[tuple[str, str], dict[str, Measured]] = {}
        for (row, column, metric), values, motions in zip(
            of_set["cells"],
            job.input_list(f"values/{number}"),
            job.input_list(f"motions/{number}"),
            strict=True,
        ):
            measured = _measured(metric, values, motions, units.shape)
            if measured is not None:
                columns.setdefault((column, metric), {})[row] = measured
        for (column, _), rows in columns.items():
            found += [(column, each) for each in resampling.differences(rows)]
    long_form.write_differences(job.outputs["differences"], job.settings["table"], found)


def _clips(rows: Path, requests: Path) -> np.ndarray:
    """Which clip each motion of a set is of, (repeats, n)."""
    planned = Planned.read(rows)
    asked = parquet.read(requests, ["clip", "prompt"])
    if len(asked) != planned.requests:
        raise InputError(f"{rows} is of other motions than {requests}: make both again.")
    return clips(asked["clip"].to_pylist(), asked["prompt"].to_pylist())[planned.request]


def _measured(metric: str, values: Path, motions: Path, shape: tuple[int, ...]) -> Measured | None:
    """A row in a column; None where the value is undefined for it."""
    found = cells.in_repeats(values, metric)
    if found is None:
        return None
    if cells.repeats(values, metric) != shape[0]:
        raise InputError(f"{values} has other repeats than its plan: make it again.")
    if metric not in npz.names(motions):
        return Measured(np.array(found))
    (each,) = npz.read(motions, metric)
    if each.shape != shape:
        raise InputError(f"{motions} has other motions than its plan: make it again.")
    return Measured(np.array(found), each)
