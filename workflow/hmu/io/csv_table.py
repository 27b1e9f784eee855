"""Tables as comma-separated values, in which no text is a formula.

Spreadsheets take a field that begins with ``=``, ``+``, ``-`` or ``@`` for something to compute. A
text of that kind has an apostrophe before it, which they take for "this is text"; `read` takes it
off. Control characters are written as escapes. Numbers are numbers.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hmu.io import inert

_FORMULA = re.compile(r"'*(?:[\t\r\n]|['\s]*[=+\-@＝＋－＠])")


def field(text: str) -> str:
    """A text as a field."""
    return f"'{text}" if _FORMULA.match(text) else text


def text_of(field: str) -> str:
    """The inverse of :func:`field`."""
    return field[1:] if field.startswith("'") and _FORMULA.match(field[1:]) else field


def text(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table with a line for each of ``rows``: numbers as they are, nothing of None and NaN."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(field, header))
    writer.writerows(map(_field, row) for row in rows)
    return stream.getvalue()


def _field(value: Any) -> Any:
    if isinstance(value, str):
        return field(inert.visible(value))
    return None if isinstance(value, float) and math.isnan(value) else value


def write(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write such a table (UTF-8, lines end in ``\n``)."""
    path.write_bytes(text(header, rows).encode("utf-8"))


def read(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a table that :func:`write` wrote, by its header."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {name: text_of(each) for name, each in row.items()}
