"""How faithful a metric is: does it tell models that have a concept from those that never saw it?

Models are trained several times, with the concept and without it, from other seeds. Of all pairs of
one of each kind, AUC is the share in which the model without the concept is better, in the
direction of the column's arrow; equal values count half. At 1 the metric never errs, at 0.5 it says
nothing, and below the arrow points the wrong way. Source: the meta-evaluation of open-unlearning
(Dorna et al. 2025, arXiv 2506.12618).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from hmu.errors import InputError
from hmu.tables import controls
from hmu.tables.addresses import of_motions
from hmu.tables.binding import Bound
from hmu.tables.claims import Values
from hmu.tables.layouts import Arrow, Column

MOST_SPLITS = 200_000
"""Of more splits than so many, none are counted: 10 models of each kind have 184,756."""


@dataclass(frozen=True)
class Faithful:
    """A column of a table: how it tells the two kinds of models apart.

    ``had`` and ``never`` are its values of models with the concept and of models without it.
    ``beside`` is the best control beside the best model without the concept, None where the table
    has no control: it wins the column where it is better than all of them. ``why`` says why no
    model has a value, where none has: such a column tells nothing, and its ``auc`` and ``p`` are
    None.
    """

    name: str
    title: str
    metric: str
    auc: float | None
    p: float | None
    splits: int
    had: list[float]
    never: list[float]
    beside: controls.Match | None
    why: str | None = None


def of_table(bound: Bound, records: Values) -> list[Faithful]:
    """Each column of a table whose arrow says by itself what is better.

    Models with the concept are those of the method `original`, models without it those of the
    reference. Raises InputError where a column has values, and not of two of each.
    """
    labels = {row.name: row.label for row in bound.rows}
    found = []
    for column in bound.columns:
        if column.arrow == "→":
            continue
        shown = [
            (cell, record)
            for cell in of_motions(bound.cells)
            if cell.column == column.name
            and (record := records.get((cell.row, cell.column))) is not None
        ]
        values = [
            (cell, float(record["value"])) for cell, record in shown if record["value"] is not None
        ]
        if shown and not values:
            found.append(_empty(column, shown[0][1]["undefined"]["why"]))
            continue
        had = [value for cell, value in values if cell.variant == bound.original]
        without, broken = (
            [(labels[cell.row], value) for cell, value in values if cell.variant in wanted]
            for wanted in ({bound.reference}, bound.controls)
        )
        found.append(_measured(column, had, without, broken))
    return found


def faults(bound: Bound) -> Iterator[str]:
    """The first column of a table that is to say how faithful its metrics are which has too few
    models for that, or too many, whatever its values."""
    for column in bound.columns:
        if column.arrow == "→":
            continue
        shown = [cell.variant for cell in of_motions(bound.cells) if cell.column == column.name]
        had, never = (
            sum(variant == each for variant in shown) for each in (bound.original, bound.reference)
        )
        try:
            _check(column, had, never)
        except InputError as error:
            yield str(error)
            return


def auc(had: Sequence[float], never: Sequence[float], arrow: Arrow) -> float:
    """The share of pairs in which the model that ``never`` had the concept is better."""
    return _points(had, never, arrow) / (2 * len(had) * len(never))


def p_value(had: Sequence[float], never: Sequence[float], arrow: Arrow) -> tuple[float, int]:
    """The share of all ways to call so many of the models "never" in which AUC is as high as here,
    or higher, and how many ways there are. Exact: all are counted.

    Raises InputError where there are more than MOST_SPLITS.
    """
    splits, everyone = _splits(len(had), len(never)), [*had, *never]
    reached, highest = 0, _points(had, never, arrow)
    for chosen in combinations(range(len(everyone)), len(never)):
        others = [value for place, value in enumerate(everyone) if place not in chosen]
        reached += _points(others, [everyone[place] for place in chosen], arrow) >= highest
    return reached / splits, splits


def _points(had: Sequence[float], never: Sequence[float], arrow: Arrow) -> int:
    """Two for each pair in which "never" is better, one for equal values."""
    sign = 1 if arrow == "↑" else -1
    return sum(1 + (sign * (b - a) > 0) - (sign * (b - a) < 0) for a in had for b in never)


def _splits(had: int, never: int) -> int:
    splits = math.comb(had + never, never)
    if splits > MOST_SPLITS:
        raise InputError(
            f"{had} and {never} models can be split in {splits:,} ways, more than "
            f"{MOST_SPLITS:,}: compare fewer."
        )
    return splits


def _check(column: Column, had: int, never: int) -> None:
    """Raise InputError where there are too few models with the concept or without, or too many."""
    if min(had, never) < 2:
        raise InputError(
            f"The column {column.name!r} has values of {had} with the concept and {never} without "
            "it: give two models of each or more, backbones with a `seed` of their own."
        )
    _splits(had, never)


def _metric(column: Column) -> str:
    return column.address.get("metric", "")


def _empty(column: Column, why: str) -> Faithful:
    """A column in which nothing has a value."""
    return Faithful(
        name=column.name,
        title=column.title(),
        metric=_metric(column),
        auc=None,
        p=None,
        splits=0,
        had=[],
        never=[],
        beside=None,
        why=why,
    )


def _measured(
    column: Column,
    had: list[float],
    without: list[controls.Labelled],
    broken: list[controls.Labelled],
) -> Faithful:
    never = [value for _, value in without]
    _check(column, len(had), len(never))
    p, splits = p_value(had, never, column.arrow)
    return Faithful(
        name=column.name,
        title=column.title(),
        metric=_metric(column),
        auc=auc(had, never, column.arrow),
        p=p,
        splits=splits,
        had=had,
        never=never,
        beside=controls.match(broken, without, column.arrow, None),
    )
