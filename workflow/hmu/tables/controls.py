"""Rows that must not win: controls, whose motions are broken, and what they win.

A body that stands still shows no kick, and is far from all kicks: by FID, R@1 or presence of the
forget set it forgot. So where a table has controls, or a metric that no broken motion wins, other
columns of a forget set decide nothing by themselves, and of every column that a control wins the
table says so. No control is ever the best.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hmu import registry
from hmu.tables.addresses import Address, CellAddress, of_motions, plugin_of
from hmu.tables.binding import Bound
from hmu.tables.claims import Values
from hmu.tables.layouts import Arrow, Column
from hmu.tables.ranking import loss

MARK = "†"
"""Behind the heading of a column that a control wins."""

Labelled = tuple[str, float]
"""The label of a row, and its value."""


@dataclass(frozen=True)
class Match:
    """The best control of a column beside the best of its rivals; ``won`` where the control is
    better, ``tied`` where they are equally good, as far as rounding lets one say."""

    control: Labelled
    rival: Labelled
    won: bool
    tied: bool


def match(
    controls: Sequence[Labelled], rivals: Sequence[Labelled], arrow: Arrow, ideal: float | None
) -> Match | None:
    """Whether a control wins a column: it is better, by the ``arrow``, than every one of the
    ``rivals``.

    Rivals are what the column ranks. Of a table of methods these are its methods, and neither the
    original, which forgot nothing, nor the model retrained without the concept, which they are to
    come close to: a column that puts a broken body before all methods is won, whatever those have.
    Where retrained models are themselves what is ranked, as for `hmu.tables.faithfulness`, they are
    the rivals. ``ideal`` is the value that "→" is to come close to. A tie is no win. None where
    either side has no value, or the ideal is unknown: nothing is won by being alone.
    """
    placed = [
        [(lost, each) for each in side if (lost := loss(each[1], arrow, ideal)) is not None]
        for side in (controls, rivals)
    ]
    if not all(placed):
        return None
    (lost, control), (least, rival) = (min(side, key=lambda each: each[0]) for side in placed)
    tied = math.isclose(lost, least, rel_tol=1e-9, abs_tol=1e-12)
    return Match(control, rival, won=lost < least and not tied, tied=tied)


@dataclass(frozen=True)
class Contest:
    """A `match` of a table's controls and methods: in which ``column``, on the set, dataset and
    backbone of ``address``, which is that of the reference."""

    column: Column
    address: Address
    match: Match


def contests(bound: Bound, records: Values) -> Iterator[Contest]:
    """Every column in which a control and a method have a value, once for each set, dataset and
    backbone in it."""
    labels = {row.name: row.label for row in bound.rows}
    columns = {column.name: column for column in bound.columns}
    for (name, aim), cells in _shared(bound, records).items():
        column = columns[name]
        ideal = next((value for cell, value in cells if cell.variant == bound.reference), None)
        controls, methods = (
            [(labels[cell.row], value) for cell, value in cells if wanted(cell.variant)]
            for wanted in (
                lambda variant: variant in bound.controls,
                lambda variant: variant not in bound.anchors,
            )
        )
        if (found := match(controls, methods, column.arrow, ideal)) is not None:
            yield Contest(column, aim, found)


def undecided(bound: Bound, records: Values) -> frozenset[Address]:
    """The addresses of the reference at which nobody is the best because of controls: where no
    method is better than they are, and where the column would be won by breaking motions."""
    found = {each.address for each in contests(bound, records) if each.match.won or each.match.tied}
    return frozenset(found | {cell.at(bound.reference) for cell in deciding_nothing(bound)})


def deciding_nothing(bound: Bound) -> list[CellAddress]:
    """The cells at whose addresses a broken motion does as well as a forgotten concept does: those
    of forget sets whose metric cannot stand `alone`. None where a table has neither controls nor a
    metric that can: what forgot is then not told from what broke."""
    cells = of_motions(bound.cells)
    if not any(cell.variant in bound.controls or alone(cell.metric) for cell in cells):
        return []
    forget = (cell for cell in cells if cell.set.rpartition("/")[2] in bound.forget_sets)
    return [cell for cell in forget if not alone(cell.metric)]


def alone(metric: str) -> bool:
    """Whether a metric says that no broken motion wins it: it can stand ALONE."""
    return metric in registry.literals("metrics", plugin_of(metric)).get("ALONE", ())


def _shared(
    bound: Bound, records: Values
) -> Mapping[tuple[str, Address], list[tuple[CellAddress, float]]]:
    """By the column and the address of the reference: the cells there that have a value."""
    found: dict[tuple[str, Address], list[tuple[CellAddress, float]]] = {}
    for cell in of_motions(bound.cells):
        record: Mapping[str, Any] | None = records.get((cell.row, cell.column))
        if record is not None and record["value"] is not None:
            place = (cell.column, cell.at(bound.reference))
            found.setdefault(place, []).append((cell, float(record["value"])))
    return found
