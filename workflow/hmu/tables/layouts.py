"""Tables as data: which rows and columns a table has, and the address of each of its cells.

A layout (workflow/tables/<name>.yaml) declares columns, rows and the paper's values; an entry of
the configuration binds a layout to a dataset, a backbone and a concept.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml

from hmu import registry
from hmu.errors import InputError
from hmu.tables.cells import CellAddress, plugin_of
from hmu.tables.table import SETS, Arrow, Column, Row

FOLDER = Path(__file__).resolve().parents[2] / "tables"
REAL = "real"
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_KEYS = {"title", "open", "reference", "anchors", "columns", "rows", "paper"}
_ROW_KEYS = {"variant", "method", "label", "training_free", "or"}


@dataclass(frozen=True)
class Layout:
    """A declared table.

    ``reference`` is the row that "→" columns are to come close to, ``anchors`` are the rows that
    methods are judged against and that never win. ``open`` layouts also show each configured
    variant of a method of which no row speaks: a new method enters them by its config entry alone.
    ``alternatives`` say which variant fills a row whose own is not configured, and the parameters
    that it must have (K = 32 under the name of the main table's variant).
    ``paper`` maps (dataset, backbone, concept) to {row: {column: (value, interval or None)}}, and
    ``sources`` maps the same to where in the paper the values stand.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    methods: Mapping[str, str]
    alternatives: Mapping[str, Mapping[str, Any]]
    reference: str
    anchors: frozenset[str]
    open: bool
    paper: Mapping[tuple[str, str, str], Mapping[str, Mapping[str, tuple[float, float | None]]]]
    sources: Mapping[tuple[str, str, str], str]

    def label(self, row: str) -> str:
        """The label of a row, or its name when the layout has no such row."""
        return next((each.label for each in self.rows if each.row == row), row)


def path_of(name: str) -> Path:
    """The file of a layout. Raises InputError for an unknown name."""
    path = FOLDER / f"{name}.yaml"
    if not _SLUG.fullmatch(name) or not path.is_file():
        known = ", ".join(sorted(each.stem for each in FOLDER.glob("*.yaml")))
        raise InputError(f"There is no table layout {name!r} in workflow/tables ({known}).")
    return path


@cache
def load(path: Path) -> Layout:
    """Read a layout. Raises InputError naming the file and what in it is wrong."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        layout = _layout(path.stem, raw)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} is not a table layout ({detail}): compare main.yaml.") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return layout


def _layout(name: str, raw: dict[str, Any]) -> Layout:
    unknown = (raw.keys() - _KEYS) | {key for row in raw["rows"] for key in row.keys() - _ROW_KEYS}
    if unknown:
        raise InputError(f"unknown keys {', '.join(sorted(map(str, unknown)))}: remove them.")
    columns = tuple(Column(**column) for column in raw["columns"])
    for column in columns:
        if column.set not in SETS or column.arrow not in get_args(Arrow):
            raise InputError(f"{column.column!r} is not forget-… or retain-… with ↓, ↑ or →.")
        plugin_of(column.metric)
    rows = tuple(_row(row["variant"], row) for row in raw["rows"])
    blocks = {
        (block["dataset"], block["backbone"], block["concept"]): block
        for block in raw.get("paper", [])
    }
    for block in blocks.values():
        _check_names(block["values"], rows, columns)
    return Layout(
        name=name,
        title=raw["title"],
        columns=columns,
        rows=rows,
        methods={row["variant"]: row.get("method", row["variant"]) for row in raw["rows"]},
        alternatives={row["variant"]: row["or"] for row in raw["rows"] if "or" in row},
        reference=raw["reference"],
        anchors=frozenset(raw["anchors"]),
        open=bool(raw.get("open", False)),
        paper={
            where: {
                row: {column: _value(pair) for column, pair in values.items()}
                for row, values in block["values"].items()
            }
            for where, block in blocks.items()
        },
        sources={where: block["source"] for where, block in blocks.items()},
    )


def _check_names(
    values: Mapping[str, Mapping[str, Any]], rows: Sequence[Row], columns: Sequence[Column]
) -> None:
    """Each value of the paper stands in a row and a column that the layout has."""
    known = {row.row: {column.column for column in columns} for row in rows}
    for row, given in values.items():
        stray = given.keys() - known.get(row, set())
        if stray or row not in known:
            names = ", ".join(sorted(stray))
            raise InputError(f"the paper's values name {row!r} {names}, which the table lacks.")


def _value(pair: float | list[float]) -> tuple[float, float | None]:
    """A value of the paper and the half width of its interval, where the paper gives one."""
    if isinstance(pair, int | float):
        return float(pair), None
    value, interval = pair
    return float(value), float(interval)


def rows(
    table: str, entry: Mapping[str, Any], layout: Layout, variants: Mapping[str, Any]
) -> list[Row]:
    """The rows that a table shows: the layout's configured ones, new methods, the entry's own.

    ``variants`` are the configured variants ({id: {method, label?}}). Raises InputError when
    the entry lists a row that is no configured variant, or a variant has the name of that row
    which is kept for real motions.
    """
    if REAL in variants:
        raise InputError(f"variants.{REAL}: that name is kept for real motions, choose another.")
    filled = (_fill(row, layout, variants) for row in layout.rows)
    shown = [row for row in filled if row is not None]
    have = {row.row for row in shown}
    spoken_of = set(layout.methods.values())
    if layout.open:
        extra = [name for name, each in variants.items() if each["method"] not in spoken_of]
        shown += [_row(name, variants[name]) for name in extra if name not in have]
        have.update(extra)
    for item in entry.get("rows", []):
        given = item if isinstance(item, Mapping) else {"variant": item}
        name = given["variant"]
        if name not in variants:
            raise InputError(
                f"tables.{table}.rows names {name!r}, which is no configured variant "
                f"({', '.join(variants)}): add it to `variants`, or remove it here."
            )
        if name not in have:
            shown.append(_row(name, {**variants[name], **given}))
            have.add(name)
    return shown


def _fill(row: Row, layout: Layout, variants: Mapping[str, Any]) -> Row | None:
    """The row as configured: itself, or an alternative variant with the right parameters."""
    if row.row in variants or row.row == REAL:
        return row
    other = dict(layout.alternatives.get(row.row, {}))
    name = other.pop("variant", None)
    if name in variants and other.items() <= dict(variants[name]).items():
        return replace(row, row=name, stands_for=row.row)
    return None


def _row(name: str, given: Mapping[str, Any]) -> Row:
    if not _SLUG.fullmatch(name):
        raise InputError(
            f"the variant {name!r} cannot be part of a path: use letters, digits and -."
        )
    return Row(name, given.get("label") or name, given.get("training_free"))


def expand(
    table: str, entry: Mapping[str, Any], layout: Layout, variants: Mapping[str, Any]
) -> list[CellAddress]:
    """The address of each cell of a table, row by row.

    ``entry`` has dataset, backbone and concept. The row of real motions has only the columns whose
    metric is defined for them.
    """
    where = (entry["dataset"], entry["backbone"], entry["concept"])
    values = layout.paper.get(where, {})
    return [
        CellAddress(
            table=table,
            row=row.row,
            column=column.column,
            dataset=entry["dataset"],
            backbone=entry["backbone"],
            concept=entry["concept"],
            variant=row.row,
            set=column.set,
            metric=column.metric,
            paper=values.get(row.stands_for or row.row, {}).get(column.column),
        )
        for row in rows(table, entry, layout, variants)
        for column in layout.columns
        if row.row != REAL or _defined_for_real(column.metric)
    ]


def _defined_for_real(metric: str) -> bool:
    return bool(registry.literals("metrics", plugin_of(metric)).get("REAL", False))


def addresses(config: Mapping[str, Any], table: str) -> list[CellAddress]:
    """The addresses of one configured table. Raises InputError when its layout is not to be had."""
    entry = config["tables"][table]
    return expand(table, entry, load(path_of(entry["layout"])), config["variants"])
