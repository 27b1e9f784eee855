"""A table: what stands where, and which values are the best."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files
from hmu.tables import controls
from hmu.tables.addresses import Address, CellAddress
from hmu.tables.audit import Finding, marks
from hmu.tables.binding import Bound
from hmu.tables.claims import contradictions
from hmu.tables.differences import Difference
from hmu.tables.layouts import Column, Row
from hmu.tables.ranking import loss

Key = tuple[str, str]
"""The names of a row and of a column."""

Record = Mapping[str, Any]
"""A cell as it lies in its file."""

UNDEFINED = "–"  # the metric has no meaning for this row, or no value for a known reason
MISSING = "n/a"  # the value should be there and is not

_FIELDS = (
    *("table", "row", "column", "value", "interval", "t_interval", "repeats", "values", "n"),
    "paper",
)


@dataclass(frozen=True)
class Table:
    """A table to write.

    ``addresses`` are those of the cells that should exist, ``cells`` the records of those that
    do: what is in neither is undefined, what is only in the first is missing. ``reference`` is
    the variant that "→" is to come close to, ``anchors`` are the variants that never win.
    ``undecided`` are the addresses of the reference at which nobody does. ``empty`` says of the
    cells that have no value for a known reason what that is, as the notes do. ``findings`` are
    those of the audit that the paper's values carry. ``differences`` are those of two rows each,
    with the name of their column. ``beside`` are the layout's rows, shown or not, where it puts
    them beside each other. ``disagreements`` are those of the notes that say where metrics
    disagree.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    addresses: Mapping[Key, CellAddress]
    cells: Mapping[Key, Record]
    reference: str
    anchors: frozenset[str]
    notes: Sequence[str] = field(default_factory=tuple)
    undecided: frozenset[Address] = frozenset()
    empty: Mapping[Key, str] = field(default_factory=dict)
    findings: Mapping[Key, tuple[Finding, ...]] = field(default_factory=dict)
    differences: Sequence[tuple[str, Difference]] = ()
    beside: Sequence[Row] = ()
    disagreements: Sequence[str] = ()

    def absent(self, key: Key) -> str:
        """What to write where there is no cell."""
        return MISSING if key in self.addresses and key not in self.empty else UNDEFINED

    def why_absent(self, key: Key) -> str:
        """Why there is no cell, in few words."""
        if key in self.empty:
            return self.empty[key]
        return "not defined for this row" if self.absent(key) == UNDEFINED else "not computed"

    def carried(self) -> list[Finding]:
        """The findings that values of this table carry, each once, by number."""
        found = {finding for each in self.findings.values() for finding in each}
        return sorted(found, key=lambda finding: finding.number)

    def column_groups(self) -> list[tuple[str, int]]:
        """The headings above the columns, and how many columns each spans."""
        grouped = itertools.groupby(self.columns, key=lambda column: column.group)
        return [(group, len(list(together))) for group, together in grouped]

    def best(self) -> tuple[frozenset[Key], frozenset[Key]]:
        """The best cells and the second best.

        Rows of one group compete in a column where they measure the same set of the same dataset
        and concept; anchors do not. Of two there is a best, of three a second best too; equal
        values share a place, and after a shared first place there is no second.
        """
        ideals = {
            address.at(address.variant): float(self.cells[key]["value"])
            for key, address in self.addresses.items()
            if key in self.cells
        }
        contests: dict[tuple[str, ...], dict[Key, float]] = {}
        groups = {row.name: row.group for row in self.rows}
        arrows = {column.name: column.arrow for column in self.columns}
        for key, address in self.addresses.items():
            row, column = key
            if key not in self.cells or address.variant in self.anchors:
                continue
            aim = address.at(self.reference)
            if aim in self.undecided:
                continue
            ideal = ideals.get(aim)
            lost = loss(float(self.cells[key]["value"]), arrows[column], ideal)
            if lost is not None:
                same = (groups[row], column, address.dataset, address.concept, address.set)
                contests.setdefault(same, {})[key] = lost
        first: set[Key] = set()
        second: set[Key] = set()
        for losses in contests.values():
            places = sorted(set(losses.values()))
            ranked = [[key for key, lost in losses.items() if lost == place] for place in places]
            if len(losses) > 1:
                first.update(ranked[0])
            if len(losses) > 2 and len(ranked[0]) == 1:
                second.update(ranked[1])
        return frozenset(first), frozenset(second)


def why_empty(record: Record) -> str:
    """Why a record has no value, where it says that; "" of the others."""
    if record["value"] is not None:
        return ""
    if "undefined" in record:
        return f"undefined: {record['undefined']['why']}"
    return f"unknown: {record['cost']['reason']}" if "cost" in record else ""


def assemble(
    bound: Bound,
    records: Mapping[Key, Record],
    notes: Sequence[str],
    audit: Sequence[Finding] = (),
    differences: Sequence[tuple[str, Difference]] = (),
    disagreements: Sequence[str] = (),
) -> Table:
    """The table of the records of its cells; those of other tables must not be among them.

    Findings of the ``audit`` are shown where the paper's values are.
    """
    addresses = {(cell.row, cell.column): cell for cell in bound.cells}
    contradicted = frozenset(each.address for each in contradictions(bound, records))
    won = {each.column.name for each in controls.contests(bound, records) if each.match.won}
    return Table(
        name=bound.name,
        title=bound.title,
        columns=[
            replace(each, header=f"{each.header}{controls.MARK}") if each.name in won else each
            for each in bound.columns
        ],
        rows=bound.rows,
        addresses=addresses,
        cells={
            key: record
            for key, record in records.items()
            if key in addresses and record["value"] is not None
        },
        reference=bound.reference,
        anchors=bound.anchors,
        notes=notes,
        empty={key: why for key, each in records.items() if (why := why_empty(each))},
        undecided=contradicted | controls.undecided(bound, records),
        findings=marks(audit, bound) if any(each["paper"] for each in records.values()) else {},
        differences=differences,
        beside=bound.beside,
        disagreements=disagreements,
    )


def read_cells(paths: Sequence[Path]) -> dict[str, dict[Key, Record]]:
    """The records of cells by table and (row, column), each with its path as ``path``.

    Raises InputError when a file is not a cell's.
    """
    records: dict[str, dict[Key, Record]] = {}
    for path in paths:
        record = files.read_json(path)
        if not isinstance(record, dict) or any(name not in record for name in _FIELDS):
            raise InputError(f"{path} is not the record of a cell: delete it and make it again.")
        key = (record["row"], record["column"])
        records.setdefault(record["table"], {})[key] = {**record, "path": path.as_posix()}
    return records
