"""Which rows a table shows: its layout's as far as they are configured, and other variants'."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hmu.errors import InputError
from hmu.tables import layouts
from hmu.tables.addresses import REAL, Partial
from hmu.tables.layouts import Layout, Row

Configuration = Mapping[str, Any]
"""A validated configuration: its tables, datasets, backbones, concepts, variants and sets."""


def shown_rows(
    config: Configuration, table: str, layout: Layout, rows: Iterable[Row], whole: Partial
) -> tuple[Row, ...]:
    """The rows that a table shows: the layout's, and below each group the added variants'.

    ``whole`` is the part of an address that holds for the whole table.
    """
    added = _added(config, table, layout)
    shown: list[Row] = []
    headed = [_headed(row, config, whole) for row in rows]
    for group, together in layouts.groups(headed):
        filled = [
            _labelled(row, config, whole)
            for each in together
            if (row := _filled(each, config)) is not None
        ]
        have = {row.address.get("variant") for row in filled}
        # What all rows of the group have in common holds for the added ones too.
        common = set.intersection(*(set(row.address.items()) for row in together))
        for variant, label in added.items():
            if variant not in have:
                address = {**dict(common), "variant": variant}
                name = layouts.row_name(group, layouts.path_part("variant", variant))
                told = config["variants"][variant]
                free = told.get("training_free")
                filled.append(Row(name, label or variant, group, address, free, key=name))
        shown += filled
    return tuple(shown)


def _filled(row: Row, config: Configuration) -> Row | None:
    """The row as configured: itself, or an alternative variant with the right parameters."""
    variants = config["variants"]
    own = row.address.get("variant")
    if own is None or own in variants or own == REAL:
        return row
    other = next((name for name, each in variants.items() if _may_fill(row, name, each)), None)
    if other is None:
        return None
    called_after = row.name == layouts.row_name(row.group, own)
    name = layouts.row_name(row.group, other) if called_after else row.name
    return replace(row, name=name, address={**row.address, "variant": other})


def spelled(text: str, known: Mapping[str, str], unknown: str) -> str:
    """A text of a layout, with what is ``known`` in the place of its names in braces.

    Raises InputError for another name, of which it says what is ``unknown``.
    """

    def told(name: re.Match[str]) -> str:
        if name[1] not in known:
            raise InputError(f"{text!r} names {name[0]}, {unknown}: correct it in the layout.")
        return known[name[1]]

    return re.sub(r"\{(\w+)\}", told, text)


def data_in_words(
    config: Configuration, datasets: Iterable[str], concepts: Iterable[str]
) -> dict[str, str]:
    """What {dataset} and {concept} stand for in a text of a layout: datasets of the paper are
    called as there, others and concepts as they are configured."""
    called = [benchmark_of(config, name) or name for name in datasets]
    found = {"dataset": " and ".join(called), "concept": " and ".join(concepts)}
    return {key: each for key, each in found.items() if each}


def benchmark_of(config: Configuration, dataset: str) -> str | None:
    """Which dataset of the paper a configured one is; None for any other."""
    found: str | None = (config["datasets"][dataset] or {}).get("benchmark")
    return found


def _of_row(row: Row, config: Configuration, whole: Partial) -> dict[str, str]:
    """What they stand for in the texts of a row."""
    address = {**whole, **row.address}
    given = ([address[key]] if key in address else [] for key in ("dataset", "concept"))
    return data_in_words(config, *given)


def _headed(row: Row, config: Configuration, whole: Partial) -> Row:
    """The row, its group with the data's names."""
    known = _of_row(row, config, whole)
    return replace(row, group=spelled(row.group, known, "which is no part of the row's address"))


def _labelled(row: Row, config: Configuration, whole: Partial) -> Row:
    """The row, its label with the variant's parameters, and the data, in the place of their names.

    Raises InputError when the label names a parameter that the variant lacks.
    """
    name = row.address.get("variant")
    told = {key: in_words(each) for key, each in config["variants"].get(name, {}).items()}
    known = {**_of_row(row, config, whole), **told}
    return replace(row, label=spelled(row.label, known, f"which the variant {name!r} is not told"))


def in_words(parameter: Any) -> str:
    """{kick: 16, punch: 8} as "kick 16 and punch 8", and an empty text as such; anything else as it
    is."""
    if isinstance(parameter, Mapping):
        return " and ".join(f"{name} {each}" for name, each in parameter.items())
    return str(parameter) or "the empty text"


def _may_fill(row: Row, name: str, variant: Mapping[str, Any]) -> bool:
    """Whether a variant may take the place of the row's own: it is the one that the row says, with
    the parameters that it says."""
    return bool(row.alternative) and row.alternative.items() <= {**variant, "variant": name}.items()


def _added(config: Configuration, table: str, layout: Layout) -> dict[str, str | None]:
    """The variants that a table shows beside its layout's rows, and their labels.

    One that may stand for a row of the layout is not shown beside it.

    Raises InputError when the entry lists a row that is no configured variant.
    """
    variants = config["variants"]
    spoken_of = {row.method for row in layout.rows}
    added: dict[str, str | None] = {}
    for name, each in variants.items():
        method = each["method"]
        opened = method not in spoken_of if layout.open is True else method in (layout.open or ())
        stands = any(_may_fill(row, name, each) for row in layout.rows)
        if opened and not stands:
            added[name] = each.get("label")
    for name in config["tables"][table].get("rows") or ():
        if name not in variants:
            raise InputError(
                f"tables.{table}.rows names {name!r}, which is no configured variant "
                f"({', '.join(variants)}): add it to `variants`, or remove it here."
            )
        added[name] = variants[name].get("label")
    return added
