"""The audit of the paper: which of its values contradict others, or cannot be what they are called.

Findings are data, in ``workflow/tables/audit/findings.yaml``: each with ``name``, ``title``,
``says`` (what is found, in neutral words), ``at`` (the values that carry it, as
``table-1/momask-lcr`` or ``table-1/momask-lcr/forget-fid``, also such that the text lacks), and if
need be ``quotes`` (of the paper's text) and ``shows``, the evidence (`hmu.tables.evidence`). They
are numbered in their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import yaml_document
from hmu.tables import evidence, layout_files
from hmu.tables.addresses import Printed
from hmu.tables.binding import Bound
from hmu.tables.evidence import Said
from hmu.tables.layouts import Layout

PATH = layout_files.FOLDER / "audit" / "findings.yaml"
_KEYS = {"name", "title", "says", "at", "quotes", "shows"}


@dataclass(frozen=True)
class Place:
    """Where a value stands: a layout, the key of a row, and a column."""

    layout: str
    row: str
    column: str


@dataclass(frozen=True)
class Finding:
    """One finding: its number, its name in links, and what is to be read on the audit's page.

    ``lines`` are the rows and cells that carry it as they are written, ``places`` all their values.
    """

    number: int
    name: str
    title: str
    says: str
    lines: tuple[str, ...]
    places: frozenset[Place]
    quotes: tuple[str, ...]
    evidence: tuple[str, ...]


@cache
def load(path: Path = PATH) -> tuple[Finding, ...]:
    """The findings of a file. Raises InputError naming the file and the finding that is wrong, also
    when its evidence is not so."""
    try:
        raw = yaml_document.parse(path.read_text(encoding="utf-8"))["findings"]
        found = tuple(_finding(number, each) for number, each in enumerate(raw, 1))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} is no list of findings ({detail}): correct it.") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    names = [finding.name for finding in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"{path}: two findings are called {', '.join(twice)}: rename one.")
    return found


def marks(
    findings: Sequence[Finding], bound: Bound
) -> Mapping[tuple[str, str], tuple[Finding, ...]]:
    """The findings that the values of a table carry, by the names of row and column."""
    found = {}
    for row in bound.rows:
        for column in bound.columns:
            here = Place(bound.layout, row.key, column.name)
            carried = tuple(finding for finding in findings if here in finding.places)
            if carried:
                found[row.name, column.name] = carried
    return found


def _finding(number: int, raw: Mapping[str, Any]) -> Finding:
    try:
        if unknown := raw.keys() - _KEYS:
            raise InputError(f"unknown keys {', '.join(sorted(map(str, unknown)))}: remove them.")
        lines = tuple(raw.get("at", ()))
        return Finding(
            number=number,
            name=raw["name"],
            title=raw["title"],
            says=" ".join(raw["says"].split()),
            lines=lines,
            places=frozenset(place for line in lines for place in _places(line)),
            quotes=tuple(" ".join(each.split()) for each in raw.get("quotes", ())),
            evidence=tuple(_evidence(each) for each in raw.get("shows", ())),
        )
    except InputError as error:
        raise InputError(f"finding {raw.get('name', number)!r}: {error}") from error


def _evidence(relation: Mapping[str, Any]) -> str:
    return evidence.words(relation, [_side(each) for each in next(iter(relation.values()))])


def _side(given: str | float) -> Said:
    """A row, a cell, or a number of the text."""
    if not isinstance(given, str):
        return Said("", {"": Printed(float(given), None, "the text")})
    layout, row, _ = _split(given)
    printed = layout.paper[0].values.get(row, {})
    wanted = [place.column for place in _places(given)]
    values = {column: printed[column] for column in wanted if column in printed}
    if not values:
        raise InputError(f"the paper prints no value at {given!r}: correct it.")
    return Said(in_words(given), values)


def in_words(line: str) -> str:
    """ "table-1/momask-lcr/forget-fid" as "Table 1, momask-lcr, forget-fid"."""
    return ", ".join(line.split("/")).replace("table-", "Table ", 1)


def _split(line: str) -> tuple[Layout, str, str | None]:
    table, row, *column = line.split("/")
    return layout_files.load(layout_files.path_of(table)), row, column[0] if column else None


def _places(line: str) -> list[Place]:
    """The places of a row, or that of a cell. Raises InputError when there are none."""
    layout, row, column = _split(line)
    columns = [each.name for each in layout.columns if column in (None, each.name)]
    if not columns or row not in {each.key for each in layout.rows}:
        raise InputError(f"{line!r} is no row or cell of a layout of the paper: correct it.")
    return [Place(layout.name, row, each) for each in columns]
