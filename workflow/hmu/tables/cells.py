"""The number of a cell, from the repeats of its metric."""

import math
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files

Z = 1.96  # standard errors on either side of the mean that hold 95% of a normal distribution


def summarise(path: Path, name: str) -> dict[str, Any]:
    """Mean, half width of the 95% interval, repeats and n of one value of a metric file.

    The interval is 1.96 · std / √repeats with the population's std, as the reference computes
    it. n is that of the first repeat: all repeats have the same. Raises InputError when the file
    does not hold the value.
    """
    mine = [each for each in files.read_json(path) if each["name"] == name]
    values = [each["value"] for each in mine]
    if not values or None in values:
        raise InputError(f"{path} has no finite value of {name!r} for each repeat: make it again.")
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
    return {
        "value": mean,
        "interval": Z * math.sqrt(variance / len(values)),
        "repeats": len(values),
        "n": mine[0]["n"],
    }
