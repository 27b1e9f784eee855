"""Tables as the page shows them: what stands in each cell, and what opens when one is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from hmu.report import scene_plan
from hmu.tables.addresses import KEYS
from hmu.tables.layouts import Column, Row, groups
from hmu.tables.table import Key, Table
from hmu.tables.writers import comparison, number, of_cell, paper_of

_RECORD = ("value", "interval", "t_interval", "repeats", "values", "n", "path", "cost")


def view(table: Table) -> dict[str, Any]:
    """A table for the template: headings, and the rows of each group with the text of each cell."""
    best, second = table.best()
    marks = {**dict.fromkeys(second, "second"), **dict.fromkeys(best, "best")}
    starts, place = set(), 0
    for _, width in table.column_groups():
        starts.add(place)
        place += width
    return {
        "name": table.name,
        "title": table.title,
        "notes": [*table.notes, *(f"[{each.number}] {each.title}." for each in table.carried())],
        "headings": table.column_groups(),
        "columns": [
            {"name": each.name, "header": each.header, "arrow": each.arrow, "title": each.title()}
            for each in table.columns
        ],
        "starts": starts,
        "has_paper": any(cell["paper"] for cell in table.cells.values()),
        "has_differences": bool(table.differences),
        "tested": comparison.tested(table),
        "compared_how": comparison.how(table),
        "groups": [
            (
                group,
                [
                    {
                        "name": row.name,
                        "label": row.label,
                        "training_free": row.training_free,
                        "cells": [_cell(table, row, column, marks) for column in table.columns],
                    }
                    for row in rows
                ],
            )
            for group, rows in groups(table.rows)
        ],
    }


def _cell(table: Table, row: Row, column: Column, marks: Mapping[Key, str]) -> dict[str, Any]:
    key = (row.name, column.name)
    cell = table.cells.get(key)
    if cell is None:
        text, why = table.absent(key), table.why_absent(key)
        return {"value": None, "text": text, "why": why, "mark": ""}
    findings = ", ".join(str(each.number) for each in table.findings.get(key, ()))
    return {
        "at": f"{table.name}/{row.name}/{column.name}",
        "value": cell["value"],
        "text": of_cell(cell),
        "interval": "" if cell["interval"] is None else f"±{number(cell['interval'])}",
        "paper": paper_of(cell, " ±"),
        "findings": findings,
        "mark": marks.get(key, ""),
        "command": f"hmu lineage {cell['path']}",
    }


def details(tables: Sequence[Table], scenes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What opens with a cell: ``cells`` by "TABLE/ROW/COLUMN", and ``differences`` by table.

    ``scenes`` are those that `hmu.report.scene_plan.scenes` plans.
    """
    cells = {}
    for table in tables:
        labels = {row.name: row.label for row in table.rows}
        columns = {column.name: column for column in table.columns}
        for (row, column), record in table.cells.items():
            address = table.addresses[row, column]
            scene, model = scene_plan.place_of(scenes, address)
            cells[f"{table.name}/{row}/{column}"] = {
                **{name: record[name] for name in _RECORD if name in record},
                "row": labels[row],
                "column": columns[column].title(),
                "arrow": columns[column].arrow,
                "text": of_cell(record),
                "paper": paper_of(record, " ±"),
                "source": (record["paper"] or {}).get("source"),
                "findings": [
                    f"[{each.number}] {each.title}."
                    for each in table.findings.get((row, column), ())
                ],
                "scene": scene,
                "model": model,
                "metric": address.metric,
                "address": [getattr(address, key) for key in KEYS],
            }
    return {
        "cells": cells,
        "differences": {
            table.name: comparison.compared(table) for table in tables if table.differences
        },
    }
