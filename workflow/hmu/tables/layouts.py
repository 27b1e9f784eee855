"""What a layout holds: the rows and columns of a table, and the paper's values.

A table, its rows and its columns each give a part of an address. `layout_files` reads layouts and
says what each field means.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hmu.errors import InputError
from hmu.tables.addresses import Partial, Printed

Arrow = Literal["↓", "↑", "→"]
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


@dataclass(frozen=True)
class Column:
    """A column: its name in paths, its heading, which way is better, the heading above, and its
    part of the address."""

    name: str
    header: str
    arrow: Arrow
    group: str
    address: Partial

    def title(self) -> str:
        """Its headings in one line, where it stands alone."""
        return " · ".join(filter(None, (self.group, f"{self.header} {self.arrow}")))


@dataclass(frozen=True)
class Row:
    """A row: its name in paths, its label, its group ("" for none), and its part of the address.

    ``key`` is what the layout calls the row, if another variant has taken its place and its name.
    ``alternative`` says which variant may take it ({"variant": its name, and its parameters}).
    """

    name: str
    label: str
    group: str
    address: Partial
    training_free: bool | None = None
    method: str = ""
    alternative: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class Block:
    """Values of the paper by row and column, and the part of the address that they hold for."""

    address: Partial
    values: Mapping[str, Mapping[str, Printed]]


@dataclass(frozen=True)
class Layout:
    """A declared table; `layout_files` says what its fields are."""

    name: str
    title: str
    address: Partial
    reference: str
    anchors: frozenset[str]
    open: bool | tuple[str, ...]
    beside: bool
    multiples: bool
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    paper: tuple[Block, ...]

    def names(self) -> set[str]:
        """The names that an entry of the configuration may bind."""
        lines: list[Column | Row | Block] = [*self.columns, *self.rows, *self.paper]
        parts = [self.address, *(each.address for each in lines)]
        found = [value for part in parts for key, value in part.items() if key != "metric"]
        return {name for value in found for name in value.split("/")}


def groups(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows that stand together under one heading ("" for none), in their order."""
    for group, together in itertools.groupby(rows, key=lambda row: row.group):
        yield group, list(together)


def slug(text: str) -> str:
    """A heading as part of a path: "K = 32" is k-32."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def row_name(group: str, variant: str) -> str:
    """The name of a row that has none of its own."""
    return f"{slug(group)}-{variant}" if group else variant


def path_part(kind: str, name: str) -> str:
    """The name of a row, column or variant. Raises InputError when it cannot stand in a path."""
    if not SLUG.fullmatch(name):
        raise InputError(
            f"the {kind} {name!r} cannot be part of a path: give it a `name` of letters, digits "
            "and -."
        )
    return name
