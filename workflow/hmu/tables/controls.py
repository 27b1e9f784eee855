"""Rows that must not win: controls, whose motions are broken, and what they win.

A body that stands still shows no kick, and is far from all kicks: by FID, R@1 or presence of the
forget set it forgot. So where a table has controls, columns of a forget set decide nothing by
themselves, and of every column that a control wins the table says so. No control is ever the best.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hmu import registry
from hmu.tables.addresses import Address, CellAddress, of_motions, plugin_of
from hmu.tables.binding import Bound
from hmu.tables.claims import Values
from hmu.tables.layouts import Column
from hmu.tables.ranking import loss

MARK = "†"
"""Behind the heading of a column that a control wins."""


@dataclass(frozen=True)
class Won:
    """A column that a control wins on one set: no method of the table is better there.

    ``address`` is that of the reference; ``control`` and ``method`` are the labels of the control
    and of the best method, each with its value.
    """

    column: Column
    address: Address
    control: tuple[str, float]
    method: tuple[str, float]


def won(bound: Bound, records: Values) -> Iterator[Won]:
    """Every column that a control wins, once for each set, dataset and backbone in it."""
    labels = {row.name: row.label for row in bound.rows}
    columns = {column.name: column for column in bound.columns}
    for (name, aim), cells in _contests(bound, records).items():
        column = columns[name]
        ideal = next((value for cell, value in cells if cell.variant == bound.reference), None)
        placed = [
            (lost, cell, value)
            for cell, value in cells
            if (lost := loss(value, column.arrow, ideal)) is not None
        ]
        controls = [each for each in placed if each[1].variant in bound.controls]
        methods = [each for each in placed if each[1].variant not in bound.anchors]
        if not controls or not methods:
            continue
        first, best = (min(rows, key=lambda each: each[0]) for rows in (controls, methods))
        if first[0] <= best[0]:
            who, whom = ((labels[cell.row], value) for _, cell, value in (first, best))
            yield Won(column, aim, who, whom)


def undecided(bound: Bound, records: Values) -> frozenset[Address]:
    """The addresses of the reference at which nobody is the best because of controls: where one
    wins, and where the column would be won by breaking motions."""
    columns = {column.name: column for column in bound.columns}
    found = {each.address for each in won(bound, records)}
    for (name, aim), cells in _contests(bound, records).items():
        beside = any(cell.variant in bound.controls for cell, _ in cells)
        if beside and decides_nothing(bound, columns[name], aim):
            found.add(aim)
    return frozenset(found)


def decides_nothing(bound: Bound, column: Column, address: Address) -> bool:
    """Whether a broken motion does well at an address as a forgotten concept does: in a forget set,
    where a value is to be as low or as high as can be, unless its metric says that it can stand
    ALONE."""
    name = address.set.rpartition("/")[2]
    alone = registry.literals("metrics", plugin_of(address.metric)).get("ALONE", ())
    return name in bound.forget_sets and column.arrow != "→" and address.metric not in alone


def _contests(
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
