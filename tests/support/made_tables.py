"""Tables of made-up numbers."""

from dataclasses import replace
from typing import Any

from hmu.tables import layouts
from hmu.tables.addresses import CellAddress
from hmu.tables.layouts import Column, Row
from hmu.tables.table import Table


def column(name: str, header: str, arrow: layouts.Arrow) -> Column:
    part = dict(zip(("set", "metric"), name.split("-"), strict=True))
    return Column(name, header, arrow, f"{part['set'].capitalize()} set", part)


def row(variant: str, label: str | None = None, group: str = "") -> Row:
    return Row(layouts.row_name(group, variant), label or variant, group, {"variant": variant})


def small(values: dict[tuple[str, str], float] | None = None, **changes: Any) -> Table:
    """Two columns, an anchor, the reference and three methods; one cell missing."""
    columns = [column("forget-fid", "FID", "→"), column("retain-r@1", "R@1", "↑")]
    rows = [row("real", "Real"), row("retrained", "Ref & <co>"), *map(row, "abc")]
    rows = changes.pop("rows", rows)
    columns = changes.pop("columns", columns)
    values = values or {
        ("real", "retain-r@1"): 0.9,
        ("retrained", "forget-fid"): 10.0,
        ("retrained", "retain-r@1"): 0.8,
        ("a", "forget-fid"): 12.0,
        ("a", "retain-r@1"): 0.5,
        ("b", "forget-fid"): 7.0,
        ("b", "retain-r@1"): 0.7,
        ("c", "retain-r@1"): 0.7,
    }
    counts = {"repeats": 3, "n": 64}
    made: dict[tuple[str, str], dict[str, Any]] = {
        key: {"value": value, "interval": 0.25, "t_interval": 0.75, **counts, "paper": None}
        for key, value in values.items()
    }
    if ("a", "forget-fid") in made:
        made["a", "forget-fid"]["paper"] = {"value": 12.5, "interval": 0.5}
        made["b", "forget-fid"]["paper"] = {"value": 6.5, "interval": None}
    where = {"dataset": "demo", "backbone": "momask", "concept": "violence"}
    addresses = {
        (line.name, each.name): CellAddress(
            **{**where, **line.address, **each.address},
            table="small",
            row=line.name,
            column=each.name,
        )
        for line in rows
        for each in columns
        if (line.address["variant"], each.name) != ("real", "forget-fid")
    }
    fields: dict[str, Any] = {
        "name": "small",
        "title": "A_title",
        "columns": columns,
        "rows": rows,
        "addresses": addresses,
        "cells": made,
        "reference": "retrained",
        "anchors": frozenset({"real", "retrained"}),
        "notes": ["Seed 1."],
    }
    return Table(**{**fields, **changes})


def grouped() -> Table:
    """Two groups of rows, each a backbone with a reference of its own."""
    names = [(group, name) for group in "xy" for name in ("retrained", "a", "b")]
    rows = [
        replace(line, address={**line.address, "backbone": group})
        for group, name in names
        for line in [row(name, group=group)]
    ]
    given = (10.0, 9.0, 12.0, 20.0, 9.0, 12.0)
    values = {(line.name, "forget-fid"): each for line, each in zip(rows, given, strict=True)}
    return small(values, rows=rows, columns=[column("forget-fid", "FID", "→")])
