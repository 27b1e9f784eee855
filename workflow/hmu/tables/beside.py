"""Rows of a group beside each other and beside the paper: what differs from what, value by value.

For layouts with ``beside``: a line for each column of the table; in it the paper, and each row of
the group with the values of its repeats; and what lies between any two of these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from hmu.tables import layouts
from hmu.tables.layouts import Column, Row
from hmu.tables.table import UNDEFINED, Table

PAPER = "The paper"


@dataclass(frozen=True)
class Side:
    """A value, its ± if it has one, and that of each repeat; or why there is none."""

    value: float | None = None
    interval: float | None = None
    repeats: tuple[float, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Between:
    """Of one side minus another: the difference, and, where they can be known, whether their ±
    overlap, and whether they differ by the paired bootstrap. Without values, nothing."""

    value: float | None = None
    overlap: bool | None = None
    differ: bool | None = None


@dataclass(frozen=True)
class Line:
    """One column of the table: its sides, and what lies between any two, first minus second."""

    column: Column
    sides: tuple[Side, ...]
    between: tuple[Between, ...]


@dataclass(frozen=True)
class Group:
    """A group of rows ("" if it has no name): what its sides are called, and its lines."""

    name: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]

    def pairs(self) -> list[tuple[str, str]]:
        """What the differences of a line are called: those of these two."""
        return list(combinations(self.headings, 2))


def groups(table: Table) -> Iterator[Group]:
    """The groups of the rows that a table's layout puts beside each other; none of others."""
    differ = {
        (column, each.first, each.second): each.differ() for column, each in table.differences
    }
    for name, rows in layouts.groups(table.beside):
        headings = (PAPER, *(row.label for row in rows))
        lines = tuple(_line(table, column, rows, differ) for column in table.columns)
        yield Group(name, headings, lines)


def _line(
    table: Table, column: Column, rows: list[Row], differ: dict[tuple[str, str, str], bool | None]
) -> Line:
    sides = (_printed(table, column, rows), *(_measured(table, column, row) for row in rows))
    names = ("", *(row.name for row in rows))
    between = tuple(
        _between(sides[i], sides[j], differ.get((column.name, names[i], names[j])))
        for i, j in combinations(range(len(sides)), 2)
    )
    return Line(column, sides, between)


def _printed(table: Table, column: Column, rows: list[Row]) -> Side:
    """The paper's value, which every row of the group has that has one."""
    found = [
        table.cells[row.name, column.name] for row in rows if (row.name, column.name) in table.cells
    ]
    paper = next((cell["paper"] for cell in found if cell["paper"]), None)
    if paper is None:
        return Side(why="not comparable" if found else "no row to compare")
    return Side(paper["value"], paper["interval"])


def _measured(table: Table, column: Column, row: Row) -> Side:
    key = (row.name, column.name)
    if key in table.cells:
        cell = table.cells[key]
        return Side(cell["value"], cell["interval"], tuple(cell["values"] or ()))
    if row.name not in {each.name for each in table.rows}:
        return Side(why="not configured")
    return Side(why="not defined" if table.absent(key) == UNDEFINED else "not computed")


def _between(first: Side, second: Side, differ: bool | None) -> Between:
    if first.value is None or second.value is None:
        return Between()
    value, overlap = first.value - second.value, None
    if first.interval is not None and second.interval is not None:
        overlap = abs(value) <= first.interval + second.interval
    return Between(value, overlap, differ)
