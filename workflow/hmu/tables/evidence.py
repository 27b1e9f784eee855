"""Evidence: relations between values of the paper that anybody can recompute.

A relation is said of rows (``table-1/momask-lcr``: all columns that the two have in common), of
cells (``table-1/momask-lcr/forget-fid``) or of a number of the text. What is said must be so; the
words for it give the values.

- ``{equal: [a, b]}``: the same values, whatever their intervals.
- ``{differ: [a, b]}``: some value or interval is another; the words give those.
- ``{overlap: [a, b]}``: all intervals have a value in common; one without an interval is a point.
- ``{apart: [a, b]}``: none have.
- ``{near: [a, b], is: 2.7}``: no value of a is further from b's than so many percent of it.
- ``{ordered: [a, b, c]}``: cells, each less than the next.
- ``{percent: [a, b], is: 16.4}``: a is so many percent less than b; more, where that is negative.
- ``{halves: [a, b, c], is: 0.0}``: all are printed with this half width of their interval.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hmu.errors import InputError
from hmu.tables.addresses import Printed
from hmu.tables.writers import number

Values = Mapping[str, Printed]
"""A row of the paper by column, or one value under the column "" """


@dataclass(frozen=True)
class Said:
    """One side of a relation: its name in words ("" for a number), and its values."""

    name: str
    values: Values


@dataclass(frozen=True)
class Pair:
    """A column that two sides have in common, and its value in each."""

    column: str
    one: Printed
    other: Printed

    @property
    def same(self) -> bool:
        """Whether values are equal, and intervals where both have one."""
        halves = {self.one.interval, self.other.interval} - {None}
        return self.distance == 0 and len(halves) < 2

    @property
    def distance(self) -> float:
        """How far the values are from each other."""
        return abs(self.one.value - self.other.value)

    @property
    def reach(self) -> float:
        """How far two values may be from each other whose intervals touch, as they are rounded."""
        return (self.one.interval or 0) + (self.other.interval or 0) + 1e-9


def words(relation: Mapping[str, Any], sides: Sequence[Said]) -> str:
    """The relation in words, with its values.

    Raises InputError when there is no such relation, or what it says is not so.
    """
    kind = next(iter(relation))
    if kind not in _RELATIONS or relation.keys() - {kind, "is"}:
        raise InputError(f"{dict(relation)} is no relation: write {', '.join(_RELATIONS)}.")
    text, holds = _RELATIONS[kind](sides, relation.get("is"))
    if not holds:
        raise InputError(f"{dict(relation)} is not so ({text}): correct it.")
    return text


def _pairs(sides: Sequence[Said]) -> list[Pair]:
    one, other = (side.values for side in sides)
    found = [Pair(column, one[column], other[column]) for column in one if column in other]
    if not found and len(one) == len(other) == 1:  # cells of different columns, or numbers
        found = [Pair("", *one.values(), *other.values())]
    if not found:
        raise InputError(f"{sides[0].name} and {sides[1].name} have no column in common.")
    return found


def _equal(sides: Sequence[Said], _: Any) -> tuple[str, bool]:
    pairs = _pairs(sides)
    same = ", ".join(f"{pair.column} {number(pair.one.value)}".strip() for pair in pairs)
    return f"{_both(sides)} are equal: {same}", all(pair.distance == 0 for pair in pairs)


def _differ(sides: Sequence[Said], _: Any) -> tuple[str, bool]:
    pairs = [pair for pair in _pairs(sides) if not pair.same]
    return f"{_both(sides)} differ: {_beside(pairs)}", bool(pairs)


def _overlap(sides: Sequence[Said], _: Any) -> tuple[str, bool]:
    pairs = _pairs(sides)
    holds = all(pair.distance <= pair.reach for pair in pairs)
    return f"{_both(sides)} overlap: {_beside(pairs)}", holds


def _apart(sides: Sequence[Said], _: Any) -> tuple[str, bool]:
    pairs = _pairs(sides)
    holds = all(pair.distance > pair.reach for pair in pairs)
    return f"{_both(sides)} do not overlap: {_beside(pairs)}", holds


def _near(sides: Sequence[Said], most: float) -> tuple[str, bool]:
    pairs = _pairs(sides)
    found = max(100 * pair.distance / pair.other.value for pair in pairs)
    text = f"{_both(sides)} differ by at most {found:.1f}%: {_beside(pairs)}"
    return text, round(found, 1) == most


def _ordered(sides: Sequence[Said], _: Any) -> tuple[str, bool]:
    values = [printed.value for side in sides for printed in side.values.values()]
    text = " < ".join(_single(side) for side in sides)
    holds = len(values) == len(sides) and all(a < b for a, b in itertools.pairwise(values))
    return text, holds


def _percent(sides: Sequence[Said], share: float) -> tuple[str, bool]:
    (pair,) = _pairs(sides)
    found = 100 * (pair.other.value - pair.one.value) / pair.other.value
    way = "less" if found > 0 else "more"
    text = f"{_single(sides[0])} is {abs(found):.1f}% {way} than {_single(sides[1])}"
    return text, round(found, 1) == share


def _halves(sides: Sequence[Said], half: float) -> tuple[str, bool]:
    found = [printed.interval for side in sides for printed in side.values.values()]
    names = "; ".join(side.name for side in sides)
    return f"printed with ±{number(half)}: {names}", all(each == half for each in found)


_RELATIONS: dict[str, Callable[[Sequence[Said], Any], tuple[str, bool]]] = {
    "equal": _equal,
    "differ": _differ,
    "overlap": _overlap,
    "apart": _apart,
    "near": _near,
    "ordered": _ordered,
    "percent": _percent,
    "halves": _halves,
}


def _both(sides: Sequence[Said]) -> str:
    return " and ".join(side.name or _single(side) for side in sides)


def _single(side: Said) -> str:
    return f"{side.name} {', '.join(map(_shown, side.values.values()))}".strip()


def _beside(pairs: Sequence[Pair]) -> str:
    return ", ".join(f"{p.column} {_shown(p.one)} and {_shown(p.other)}".strip() for p in pairs)


def _shown(printed: Printed) -> str:
    """A value of the paper, with its interval where it has one."""
    half = "" if printed.interval is None else f"±{number(printed.interval)}"
    return number(printed.value) + half
