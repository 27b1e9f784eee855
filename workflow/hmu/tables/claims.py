"""Metrics that claim to say how much is forgotten, and where the retrained model contradicts them.

A model that never saw the concept has forgotten it wholly. Where it is worse by such a metric than
the original, which forgot nothing, nobody is better for coming before others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hmu import registry
from hmu.tables.addresses import REAL, Address, of_motions, plugin_of
from hmu.tables.binding import Bound
from hmu.tables.cells import COSTS
from hmu.tables.layouts import Column

Values = Mapping[tuple[str, str], Mapping[str, Any]]
"""The records of cells by row and column."""


def meanings(metrics: Iterable[str]) -> list[str]:
    """What those of ``metrics`` measure that say so, and where that is from, each once."""
    found: dict[str, None] = {}
    for metric in dict.fromkeys(metrics):
        if metric not in COSTS:
            says = registry.literals("metrics", plugin_of(metric)).get("SAYS", {})
            family = "".join(metric.rpartition("@")[:2])
            found |= {says[name]: None for name in (metric, family) if name in says}
    return list(found)


def measured_against(metric: str) -> str:
    """What a value is measured against, where its metric says that number, in words."""
    said: str = registry.literals("metrics", plugin_of(metric))["AGAINST"][metric]
    return said


def explanation(metric: str) -> str | None:
    """What a value that claims to say how much is forgotten can show, and what not; None of the
    others."""
    if metric in COSTS:
        return None
    said: str | None = registry.literals("metrics", plugin_of(metric)).get("CLAIMS", {}).get(metric)
    return said


def explanations(metrics: Iterable[str]) -> list[str]:
    """Those of all ``metrics``, each once."""
    return [said for metric in dict.fromkeys(metrics) if (said := explanation(metric))]


@dataclass(frozen=True)
class Contradiction:
    """A column that the ``reference`` contradicts: its value there and that of the ``original``;
    ``address`` is that of the reference."""

    column: Column
    address: Address
    reference: float
    original: float


def contradictions(bound: Bound, records: Values) -> Iterator[Contradiction]:
    """Where the reference of a table is worse than the original by a value that claims to say how
    much is forgotten. Real motions forgot nothing, and contradict nobody."""
    if bound.reference == REAL:
        return
    values = {
        cell.at(cell.variant): float(records[cell.row, cell.column]["value"])
        for cell in of_motions(bound.cells)
        if records.get((cell.row, cell.column), {}).get("value") is not None
    }
    columns = {column.name: column for column in bound.columns}
    for cell in of_motions(bound.cells):
        column, here = columns[cell.column], cell.at(cell.variant)
        if cell.variant != bound.reference or bound.original is None or here not in values:
            continue
        before = values.get(cell.at(bound.original))
        if before is None or column.arrow == "→" or explanation(cell.metric) is None:
            continue
        if values[here] > before if column.arrow == "↓" else values[here] < before:
            yield Contradiction(column, here, values[here], before)
