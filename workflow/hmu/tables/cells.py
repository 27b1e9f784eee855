"""The number of a cell, from the repeats of its metric."""

import math
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import parquet

Z = 1.96  # standard errors on either side of the mean that hold 95% of a normal distribution


def summarise(path: Path, name: str) -> dict[str, Any]:
    """Mean, half width of the 95% interval, repeats and n of one value of a metric file.

    The interval is 1.96 · std / √repeats with the population's std, as the reference computes
    it. n is that of the first repeat: all repeats have the same. Raises InputError when the file
    does not hold the value.
    """
    rows = parquet.read(path, ["name", "value", "n"]).to_pylist()
    mine = [row for row in rows if row["name"] == name]
    values = [row["value"] for row in mine]
    if not values or not all(map(math.isfinite, values)):
        raise InputError(f"{path} has no finite value of {name!r} for each repeat: make it again.")
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
    return {
        "value": mean,
        "interval": Z * math.sqrt(variance / len(values)),
        "repeats": len(values),
        "n": mine[0]["n"],
    }
