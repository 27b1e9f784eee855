"""The number of a cell, from the repeats of its metric."""

import math
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files
from hmu.tables.student import half_width

PROTOCOL = 1.96
"""The benchmark's factor of its ±: 1.96 · population standard deviation / √repeats."""


def summarise(path: Path, name: str) -> dict[str, Any]:
    """Mean, spread, values in the repeats, and n of one value of a metric file.

    ``interval`` is the ± of the benchmark, 1.96 · population standard deviation / √repeats (the
    reference's ``get_metric_statistics``). ``t_interval`` is half the width of Student's 95%
    interval of the mean over the repeats, None for one repeat. n is that of the first repeat: all
    repeats have the same. Raises InputError when the file does not hold the value.
    """
    values, n = in_repeats(path, name)
    mean = math.fsum(values) / len(values)
    interval = PROTOCOL * math.sqrt(
        math.fsum((value - mean) ** 2 for value in values) / len(values) / len(values)
    )
    wider = student_to_protocol(len(values))
    return {
        "value": mean,
        "interval": interval,
        "t_interval": None if wider is None else wider * interval,
        "repeats": len(values),
        "values": values,
        "n": n,
    }


def cost(path: Path) -> dict[str, Any]:
    """The cell of a cost: seconds as the value, None where they are not known; of no repeats."""
    found = files.read_json(path)
    spread = dict.fromkeys(("interval", "t_interval", "repeats", "values", "n"))
    return {"value": found["seconds"], **spread, "unit": "seconds", "cost": found}


def in_repeats(path: Path, name: str) -> tuple[list[float], int]:
    """One value of a metric file in each repeat, and n. Raises InputError when it has none."""
    mine = [each for each in files.read_json(path) if each["name"] == name]
    values = [each["value"] for each in mine]
    if not values or None in values:
        raise InputError(f"{path} has no finite value of {name!r} for each repeat: make it again.")
    return values, mine[0]["n"]


def student_to_protocol(repeats: int) -> float | None:
    """How many times as wide as the benchmark's ± Student's 95% interval is; None for one repeat,
    of which nobody knows the spread."""
    if repeats < 2:
        return None
    return half_width(repeats) * math.sqrt(repeats / (repeats - 1)) / PROTOCOL
