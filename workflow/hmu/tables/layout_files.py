"""The files of layouts: tables as data, one YAML file each in workflow/tables.

A layout says which rows and columns a table has, what each of them measures, and the values that
the paper prints there. A table, its rows and its columns each give a part of an address
(dataset, backbone, concept, variant, set, metric); a cell's is put together of the three. Names of
datasets, backbones and concepts are the layout's own: an entry of the configuration binds them to
what is configured (`hmu.tables.binding`).

- ``title``: the table's heading; {dataset} and {concept} in it are those that are measured.
- ``address``: the part of the address that holds for the whole table, where no row or column says
  otherwise. The configuration's entry may say otherwise too.
- ``reference``: the variant that "→" is to come close to, at the same address.
- ``anchors``: variants that methods are judged against; they are shown and never win.
- ``open``: which variants get a row though the layout has none for them, in each group of rows:
  those of methods of which no row speaks (``true``), or those of the methods in a list.
- ``beside``: whether the page also puts the rows of each group beside each other and beside the
  paper, with the values of the repeats and the differences.
- ``multiples``: whether the table is drawn too, as small multiples: a dot chart for each column.
- ``columns``: each a part of an address (``metric: seconds`` without a set: what the row's model
  took to make beyond the original), with ``header``, ``arrow`` ("↓" lower, "↑" higher, "→"
  closer to the reference is better), and if need be ``name`` (in the paths of cells; SET-METRIC if
  left out) and ``group``, the heading above (the set's name if left out).
- ``rows``: each a part of an address, with ``label``, and if need be ``name`` (VARIANT, or
  GROUP-VARIANT, if left out), ``group`` (rows of one group stand together and compete),
  ``training_free``, ``method`` (of the variant, where it is not called the same), and ``or``: the
  variant that stands there if the row's own is not configured, and the parameters it must have. A
  label may name parameters of the variant: "LCR, K = {k}"; it and the group may name the row's
  {dataset} and {concept}.
- ``paper``: blocks of the paper's values, each with ``source`` (where they stand) and ``values``,
  {row: [VALUE, VALUE±HALF, ~]}: one for each column, with half the width of its interval where it
  has one, nothing where the paper prints none. A block holds for the layout's ``address``; what it
  says of the address beside that must hold for the whole table too.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

from hmu.errors import InputError
from hmu.io import contents, yaml_document
from hmu.tables.addresses import KEYS, Partial, Printed, check, merged
from hmu.tables.layouts import SLUG, Arrow, Block, Column, Layout, Row, groups, path_part, row_name

FOLDER = Path(__file__).resolve().parents[2] / "tables"
_SECONDS = {"m": 60, "h": 3600}
_LAYOUT_KEYS = {
    *("title", "address", "reference", "anchors", "open", "beside", "multiples"),
    *("columns", "rows", "paper"),
}
_COLUMN_KEYS = {*KEYS, "name", "header", "arrow", "group"}
_ROW_KEYS = {*KEYS, "name", "label", "group", "training_free", "method", "or"}
_BLOCK_KEYS = {*KEYS, "source", "values"}


def path_of(name: str) -> Path:
    """The file of a layout. Raises InputError for an unknown name."""
    path = FOLDER / f"{name}.yaml"
    if not SLUG.fullmatch(name) or not path.is_file():
        known = ", ".join(sorted(each.stem for each in FOLDER.glob("*.yaml")))
        raise InputError(f"There is no table layout {name!r} in workflow/tables ({known}).")
    return path


def of_paper() -> list[str]:
    """The names of the layouts of the paper's tables."""
    return sorted(path.stem for path in FOLDER.glob("table-*.yaml"))


@cache
def load(path: Path) -> Layout:
    """Read a layout. Raises InputError naming the file and what in it is wrong."""
    text = contents.read_text(path)
    try:
        raw = yaml_document.parse(text)
        layout = _layout(path.stem, raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} is not a table layout ({detail}): compare main.yaml.") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return layout


def _layout(name: str, raw: Mapping[str, Any]) -> Layout:
    _only(raw, _LAYOUT_KEYS)
    address = _address(raw.get("address", {}))
    columns = tuple(_column(each, address) for each in raw["columns"])
    layout = Layout(
        name=name,
        title=_text(raw["title"], "the title"),
        address=address,
        reference=raw["reference"],
        anchors=frozenset(raw["anchors"]),
        open=_open(raw.get("open", False)),
        beside=bool(raw.get("beside", False)),
        multiples=bool(raw.get("multiples", False)),
        columns=columns,
        rows=tuple(_row(each, address) for each in raw["rows"]),
        paper=tuple(_block(each, columns) for each in raw.get("paper", [])),
    )
    _once("column", (each.name for each in layout.columns))
    _once("row", (each.name for each in layout.rows))
    _once("group of rows", (group for group, _ in groups(layout.rows)))
    for row, column in itertools.product(layout.rows, layout.columns):
        try:
            merged(address, row.address, column.address)
        except InputError as error:
            raise InputError(f"row {row.name!r}, column {column.name!r}: {error}") from error
    for block in layout.paper:
        _check_names(block, layout)
    return layout


def _column(raw: Mapping[str, Any], table: Partial) -> Column:
    _only(raw, _COLUMN_KEYS)
    address = _address(raw)
    whole = {**table, **address}
    if "name" not in raw and ("set" not in whole or "metric" not in whole):
        raise InputError(f"the column {raw['header']!r} has no name, nor set and metric: add them.")
    name = raw.get("name") or f"{whole['set']}-{whole['metric']}"
    if raw["arrow"] not in get_args(Arrow):
        raise InputError(f"the column {name!r} has the arrow {raw['arrow']!r}: write ↓, ↑ or →.")
    given = raw.get("group", f"{whole.get('set', '').capitalize()} set" if "set" in whole else "")
    header = _text(raw["header"], f"the header of the column {name!r}")
    group = _text(given, f"the group of the column {name!r}")
    return Column(path_part("column", name), header, raw["arrow"], group, address)


def _row(raw: Mapping[str, Any], table: Partial) -> Row:
    _only(raw, _ROW_KEYS)
    address = _address(raw)
    variant = address.get("variant", table.get("variant", ""))
    group = _text(raw.get("group", ""), "the group of a row")
    name = raw.get("name") or row_name(group, variant)
    return Row(
        name=path_part("row", name),
        label=_text(raw.get("label") or name, f"the label of the row {name!r}"),
        group=group,
        address=address,
        training_free=raw.get("training_free"),
        method=raw.get("method", variant),
        alternative=raw.get("or", {}),
        key=name,
    )


def _block(raw: Mapping[str, Any], columns: Sequence[Column]) -> Block:
    _only(raw, _BLOCK_KEYS)
    values = {}
    for row, printed in raw["values"].items():
        if len(printed) != len(columns):
            raise InputError(
                f"the paper's values of the row {row!r} are {len(printed)}, the columns "
                f"{len(columns)}: write one for each column, ~ where the paper prints none."
            )
        values[row] = {
            column.name: _printed(each, _text(raw["source"], "the source of values"))
            for column, each in zip(columns, printed, strict=True)
            if each is not None
        }
    return Block(_address(raw), values)


def _printed(given: float | str, source: str) -> Printed:
    """A value as the paper prints it, "16.358±.150", or without its interval, or a time, "35h"."""
    value, _, half = str(given).partition("±")
    if value[-1] in _SECONDS:
        return Printed(float(value[:-1]) * _SECONDS[value[-1]], None, source)
    return Printed(float(value), float(half) if half else None, source)


def _address(raw: Mapping[str, Any]) -> dict[str, str]:
    """The part of an address that a mapping gives."""
    found = {key: str(raw[key]) for key in KEYS if key in raw}
    if "metric" in found:
        check(found["metric"])
    return found


def _text(given: Any, what: str) -> str:
    """A text; raises InputError for what YAML takes for a number, a list or nothing."""
    if not isinstance(given, str):
        raise InputError(f"{what} is {given!r}, which is no text: write it in quotes.")
    return given


def _open(given: Any) -> bool | tuple[str, ...]:
    if isinstance(given, bool):
        return given
    if not isinstance(given, list):
        raise InputError(f"open is {given!r}: write true, false or a list of methods.")
    return tuple(map(str, given))


def _only(raw: Mapping[str, Any], known: set[str]) -> None:
    if unknown := raw.keys() - known:
        raise InputError(f"unknown keys {', '.join(sorted(map(str, unknown)))}: remove them.")


def _once(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"the {kind} {name!r} stands there twice: give each another name.")
        seen.add(name)


def _check_names(block: Block, layout: Layout) -> None:
    """The paper's values stand in rows that the layout has."""
    rows = {row.key for row in layout.rows}
    if stray := [row for row in block.values if row not in rows]:
        raise InputError(f"the paper's values name the rows {', '.join(stray)}: there are none.")
