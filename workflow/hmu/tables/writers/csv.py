"""Tables as comma-separated values."""

import csv
import io
from typing import Any

from hmu.tables.table import Table


def text(table: Table) -> str:
    """Every value at full precision, five fields a column of the table."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    fields = ("", " ±", " t ±", " paper", " paper ±")
    names = [column.name + field for column in table.columns for field in fields]
    writer.writerow(["group", "row", "label", *names])
    for row in table.rows:
        line: list[Any] = [row.group, row.name, row.label]
        for column in table.columns:
            key = (row.name, column.name)
            cell = table.cells.get(key)
            if cell is None:
                line += [table.absent(key), *[""] * (len(fields) - 1)]
            else:
                paper = cell["paper"] or {"value": None, "interval": None}
                line += [cell[each] for each in ("value", "interval", "t_interval")]
                line += [paper["value"], paper["interval"]]
        writer.writerow(line)
    return stream.getvalue()
