"""From a layout and an entry of the configuration to the cells of a table.

The entry (`tables.NAME`) gives a part of an address for the whole table, before which the layout's
own stands back, and says in ``names`` what the layout's names of datasets, backbones, concepts,
variants and sets are called in this configuration (`names: {humanml3d: demo}`).
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hmu import registry
from hmu.errors import InputError
from hmu.tables import layout_files
from hmu.tables.addresses import (
    KEYS,
    REAL,
    Address,
    CellAddress,
    Partial,
    Printed,
    defined_for_real,
    merged,
    of_an_edit,
)
from hmu.tables.cells import COSTS
from hmu.tables.layouts import Column, Layout, Row
from hmu.tables.rows import Configuration, benchmark_of, data_in_words, shown_rows, spelled

Line = TypeVar("Line", Row, Column)

SECTIONS = {
    "dataset": "datasets",
    "backbone": "backbones",
    "concept": "concepts",
    "variant": "variants",
    "set": "sets",
}
"""The section of the configuration that a key of an address is looked up in."""

ORIGINAL = "original"
"""The method that forgets nothing."""

_WHOLE = ("tables", "variants", "sets")
_NAMES = ("backbones", "concepts")


@dataclass(frozen=True)
class Bound:
    """A table of the configuration: what it shows, and where each cell's number comes from.

    ``layout`` is the layout's name; ``reference`` and ``anchors`` are its variants as they are
    called here, ``original`` is the variant that forgot nothing, if one is configured. ``variants``
    are the configured ones by name; ``controls`` those of them that must not win, which are among
    the anchors. ``forget_sets`` are the sets of clips that a concept chooses. ``left_out`` says in
    words what of the layout is not shown. ``beside`` are the layout's rows, where it puts them
    beside each other. ``multiples`` says whether its columns are drawn, too.
    """

    name: str
    layout: str
    title: str
    reference: str
    original: str | None
    anchors: frozenset[str]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: tuple[CellAddress, ...]
    variants: Mapping[str, Mapping[str, Any]]
    left_out: tuple[str, ...]
    beside: tuple[Row, ...] = ()
    controls: frozenset[str] = frozenset()
    forget_sets: frozenset[str] = frozenset()
    multiples: bool = False


def addresses(config: Configuration, table: str) -> list[CellAddress]:
    """The cells of one configured table, row by row. Raises InputError as `bind` does."""
    return list(bind(config, table).cells)


def bind(config: Configuration, table: str, layout: Layout | None = None) -> Bound:
    """Fill the layout of an entry of the configuration, read from its file if it is not given.

    Columns, and rows, that speak of what is not configured are left out, and so are rows of
    variants that are not. A row of real motions has only the columns whose metric is defined for
    them. Raises InputError, naming the table and what to write where, when a cell's address is
    incomplete, or said twice, or when nothing is left to show.
    """
    entry = config["tables"][table]
    layout = layout or layout_files.load(layout_files.path_of(entry["layout"]))
    if REAL in config["variants"]:
        raise InputError(f"variants.{REAL}: that name is kept for real motions, choose another.")
    names = _names(config, table, layout)
    backbones = list(config["backbones"])
    whole = {
        **({"backbone": backbones[0]} if backbones else {}),
        **_renamed(layout.address, names),
        **{key: entry[key] for key in KEYS if entry.get(key) is not None},
    }
    for lack in _lacking(whole, config):
        raise InputError(
            f"tables.{table}: there is no {lack}. Write one that is configured in the entry, or "
            f"bind the name of the layout {layout.name!r}: `names: {{{lack.split()[-1]}: ...}}`."
        )
    columns, no_columns = _configured(layout.columns, names, config)
    rows, no_rows = _configured(layout.rows, names, config)
    shown = shown_rows(config, table, layout, rows, whole)
    left_out = (*_in_words("columns", no_columns), *_in_words("rows", no_rows))
    if not shown or not columns:
        raise InputError(
            f"tables.{table}: nothing of the layout {layout.name!r} is configured. "
            + " ".join(left_out or ("Its variants are not.",))
            + " Bind its names to yours in `names`."
        )
    printed = _printed(layout, whole, names)
    cells = tuple(_cells(table, layout, whole, shown, columns, printed, config))
    controls = frozenset(name for name, each in config["variants"].items() if _is_control(each))
    return Bound(
        name=table,
        layout=layout.name,
        title=_title(config, layout, cells),
        reference=names.get(layout.reference, layout.reference),
        original=next((k for k, v in config["variants"].items() if v["method"] == ORIGINAL), None),
        anchors=frozenset(names.get(each, each) for each in layout.anchors) | controls,
        columns=columns,
        rows=shown,
        cells=cells,
        variants=config["variants"],
        left_out=left_out,
        beside=layout.rows if layout.beside else (),
        controls=controls,
        forget_sets=frozenset(
            name for name, each in config["sets"].items() if each["clips"] == "forget"
        ),
        multiples=layout.multiples,
    )


def settings(config: Configuration) -> dict[str, list[Any]]:
    """What of a configuration tables depend on, as lists, which keep their order as JSON."""
    whole = {name: [[key, each] for key, each in config[name].items()] for name in _WHOLE}
    datasets = [[name, {"benchmark": benchmark_of(config, name)}] for name in config["datasets"]]
    return whole | {"datasets": datasets} | {name: list(config[name]) for name in _NAMES}


def from_settings(given: Mapping[str, list[Any]]) -> dict[str, dict[str, Any]]:
    """The configuration of which `settings` were made, as far as tables depend on it."""
    whole = {name: dict(given[name]) for name in (*_WHOLE, "datasets")}
    return whole | {name: dict.fromkeys(given[name]) for name in _NAMES}


def unshown(config: Configuration, cells: Iterable[CellAddress]) -> list[str]:
    """A warning for each configured variant of which no table has a cell."""
    seen = {cell.variant for cell in cells}
    return [
        f"variants.{name}: no table shows it; name it in `rows` of a table, or remove it."
        for name in config["variants"]
        if name not in seen
    ]


def _title(config: Configuration, layout: Layout, cells: Iterable[CellAddress]) -> str:
    """The table's heading, with the names of the data that its cells are measured on."""
    used = [(cell.dataset, cell.concept) for cell in cells]
    datasets, concepts = (dict.fromkeys(names) for names in zip(*used, strict=True))
    known = data_in_words(config, datasets, concepts)
    return spelled(layout.title, known, "which is neither dataset nor concept")


def _is_control(variant: Mapping[str, Any]) -> bool:
    return bool(registry.literals("methods", variant["method"]).get("CONTROL"))


def _names(config: Configuration, table: str, layout: Layout) -> Mapping[str, str]:
    """What the layout's names stand for. Raises InputError for names that lead nowhere."""
    names: Mapping[str, str] = config["tables"][table].get("names") or {}
    known = layout.names()
    have = [name for section in SECTIONS.values() for name in config[section]]
    for name, meant in names.items():
        if name not in known:
            raise InputError(
                f"tables.{table}.names: the layout {layout.name!r} does not speak of {name!r}; "
                f"{_near(name, known)}it speaks of {', '.join(sorted(known))}."
            )
        if meant not in have:
            raise InputError(
                f"tables.{table}.names.{name}: nothing configured is called {meant!r}; "
                f"{_near(meant, have)}write the name of a dataset, backbone, concept, variant or "
                "set of this configuration."
            )
    return names


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def _renamed(part: Partial, names: Mapping[str, str]) -> dict[str, str]:
    """Part of an address with the configuration's names in place of the layout's."""

    def named(value: str) -> str:
        return "/".join(names.get(each, each) for each in value.split("/"))

    return {key: value if key == "metric" else named(value) for key, value in part.items()}


def _lacking(part: Partial, config: Configuration, variant: bool = True) -> Iterator[str]:
    """What an address speaks of and the configuration lacks: "dataset motionx".

    ``variant`` says whether that may be a variant.
    """
    for key in ("dataset", "backbone", "concept"):
        if key in part and part[key] not in config[SECTIONS[key]]:
            yield f"{key} {part[key]}"
    concept, _, name = part.get("set", "").rpartition("/")
    if concept and concept not in config["concepts"]:
        yield f"concept {concept}"
    if name and name not in config["sets"]:
        yield f"set {name}"
    if variant and part.get("variant", REAL) not in (REAL, *config["variants"]):
        yield f"variant {part['variant']}"


def _configured(
    lines: Iterable[Line], names: Mapping[str, str], config: Configuration
) -> tuple[tuple[Line, ...], dict[str, list[str]]]:
    """The rows or columns of which all is configured, bound; and by what they lack, the others.

    Rows of variants that are not configured are no such: another may fill them.
    """
    kept: list[Line] = []
    lacking: dict[str, list[str]] = {}
    for line in lines:
        bound = replace(line, address=_renamed(line.address, names))
        lacks = next(_lacking(bound.address, config, isinstance(line, Column)), None)
        if lacks is None:
            kept.append(bound)
        else:
            lacking.setdefault(lacks, []).append(line.name)
    return tuple(kept), lacking


def _in_words(kind: str, lacking: Mapping[str, list[str]]) -> Iterator[str]:
    for lacks, names in lacking.items():
        yield f"Left out, because this configuration has no {lacks}: the {kind} {', '.join(names)}."


def _printed(
    layout: Layout, whole: Partial, names: Mapping[str, str]
) -> dict[tuple[str, str], Printed]:
    """The paper's values that hold for the whole table's part of the address."""
    return {
        (row, column): printed
        for block in layout.paper
        if _renamed({**layout.address, **block.address}, names).items() <= dict(whole).items()
        for row, columns in block.values.items()
        for column, printed in columns.items()
    }


def _defined(address: Partial, config: Configuration) -> bool:
    """Whether an address means something: the original, with which all rows begin, cost nothing
    beyond itself, and not every metric is of real motions, or of models whose codebook is the
    original's or another one altogether."""
    variant, metric = address["variant"], address["metric"]
    if variant == REAL:
        return defined_for_real(metric)
    method = config["variants"][variant]["method"]
    if of_an_edit(metric):
        return tuple(registry.literals("methods", method)["CHANGES"]) == ("tokenizer",)
    return metric not in COSTS or method != ORIGINAL


def _cells(
    table: str,
    layout: Layout,
    whole: Partial,
    rows: Iterable[Row],
    columns: Iterable[Column],
    printed: Mapping[tuple[str, str], Printed],
    config: Configuration,
) -> Iterator[CellAddress]:
    """The address of each cell. Raises InputError when one is incomplete or said twice."""
    seen: set[str] = set()
    for row in rows:
        if row.name in seen:
            raise InputError(
                f"tables.{table}: two rows are called {row.name!r}; give one of them a `name` in "
                f"workflow/tables/{layout.name}.yaml."
            )
        seen.add(row.name)
        for column in columns:
            where = f"tables.{table}, row {row.name!r}, column {column.name!r}"
            try:
                address = merged(whole, row.address, column.address)
                if address.get("metric") in COSTS:
                    address["set"] = ""
                if missing := [key for key in KEYS if key not in address]:
                    raise InputError(
                        f"the address has no {', no '.join(missing)}: write it in tables.{table}, "
                        f"or in the row or the column in workflow/tables/{layout.name}.yaml."
                    )
                Address(**address).values(config["sets"])
            except InputError as error:
                raise InputError(f"{where}: {error}") from error
            if _defined(address, config):
                yield CellAddress(
                    **address,
                    table=table,
                    row=row.name,
                    column=column.name,
                    paper=printed.get((row.key, column.name)),
                )
