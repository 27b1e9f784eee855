"""Cells: the address of a number in a table, and the number from a metric's repeats."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hmu import registry
from hmu.errors import InputError
from hmu.io import parquet

Z = 1.96  # standard errors on either side of the mean that hold 95% of a normal distribution


@dataclass(frozen=True)
class CellAddress:
    """Where a number stands (table, row, column) and what it measures.

    ``column`` is "{set}-{metric}", ``metric`` a name such as "r@1". ``paper`` is the paper's value
    and the half width of its interval, where the paper gives them for the same dataset, backbone
    and concept.
    """

    table: str
    row: str
    column: str
    dataset: str
    backbone: str
    concept: str
    variant: str
    set: str
    metric: str
    paper: tuple[float, float | None] | None = None

    def path(self) -> str:
        """The cell's file below the results directory."""
        return f"cells/{self.table}/{self.row}/{self.column}.json"

    def wildcards(self) -> dict[str, str]:
        """What names the file of the metric; there ``metric`` is the plugin that measures it."""
        kept = ("dataset", "backbone", "concept", "variant", "set")
        return {**{name: getattr(self, name) for name in kept}, "metric": plugin_of(self.metric)}

    def record(self) -> dict[str, Any]:
        """The address as plain data, ``paper`` as {value, interval} or None."""
        paper = dict(zip(("value", "interval"), self.paper, strict=True)) if self.paper else None
        return {**asdict(self), "paper": paper}


def plugin_of(name: str) -> str:
    """The metric plugin that gives the value ``name``. Raises InputError when none does."""
    for plugin in registry.names("metrics"):
        if name in registry.literals("metrics", plugin).get("NAMES", ()):
            return plugin
    raise InputError(f"No plugin in hmu/metrics gives {name!r}: correct the column in the layout.")


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
