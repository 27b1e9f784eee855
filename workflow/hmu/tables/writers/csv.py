"""Tables as comma-separated values."""

from typing import Any

from hmu.io import csv_table, inert
from hmu.tables.table import Table


def text(table: Table) -> str:
    """Every value at full precision, six fields a column of the table; the last says why there is
    no value, where there is none."""
    fields = ("", " ±", " t ±", " paper", " paper ±", " why")
    names = [column.name + field for column in table.columns for field in fields]
    lines = []
    for row in table.rows:
        line: list[Any] = [inert.line(row.group), row.name, inert.line(row.label)]
        for column in table.columns:
            key = (row.name, column.name)
            cell = table.cells.get(key)
            if cell is None:
                line += [table.absent(key), *[""] * (len(fields) - 2)]
                line += [inert.line(table.why_absent(key))]
            else:
                paper = cell["paper"] or {"value": None, "interval": None}
                line += [cell[each] for each in ("value", "interval", "t_interval")]
                line += [paper["value"], paper["interval"], ""]
        lines.append(line)
    return csv_table.text(["group", "row", "label", *names], lines)
