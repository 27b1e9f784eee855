"""What the picture of a curve shows: the columns of a table over a parameter.

Planning reads this: it imports nothing that draws.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hmu.errors import InputError
from hmu.figures.sweeps import Model, Sweep, sweeps
from hmu.tables.addresses import REAL
from hmu.tables.binding import Bound
from hmu.tables.rows import in_words


def of_curve(name: str, curve: Mapping[str, Any], tables: Mapping[str, Bound]) -> list[Sweep]:
    """The sweeps of an entry of the section `curves`.

    Raises InputError, naming the entry, where its table or variants are unknown, and where there is
    nothing to draw.
    """
    if curve["table"] not in tables:
        raise InputError(
            f"curves.{name}.table: there is no table {curve['table']!r}; write one of: "
            f"{', '.join(tables)}."
        )
    try:
        return sweeps(tables[curve["table"]], curve["parameter"], curve["variants"])
    except InputError as error:
        raise InputError(f"curves.{name}: {error}") from error


def settings(bound: Bound, found: Sequence[Sweep]) -> dict[str, Any]:
    """What the step is told.

    ``columns`` of the table; ``sweeps``, each with its ``points`` (value, row); ``levels``, rows
    (row, label) that stand beside them on the same model: the original and the retrained one. Where
    the sweeps are of several models, each says which, and there are no levels.
    """
    models = list(dict.fromkeys(sweep.model for sweep in found))
    swept = {point.row for sweep in found for point in sweep.points}
    labels = {row.name: row.label for row in bound.rows}
    beside = {
        cell.row: labels[cell.row]
        for cell in bound.cells
        if cell.variant in (bound.anchors | {bound.original}) - bound.controls
        and cell.variant != REAL
        and cell.row not in swept
        and (cell.dataset, cell.backbone, cell.concept)
        == (models[0].dataset, models[0].backbone, models[0].concept)
    }
    return {
        "title": bound.title,
        "parameter": found[0].parameter,
        "columns": [
            {
                "name": column.name,
                "group": column.group,
                "title": f"{column.group}: {column.header} {column.arrow}".removeprefix(": "),
            }
            for column in bound.columns
        ],
        "sweeps": [
            {
                "label": label(sweep, models),
                "points": [(point.value, point.row) for point in sweep.points],
            }
            for sweep in found
        ],
        "levels": list(beside.items()) if len(models) == 1 else [],
    }


def label(sweep: Sweep, models: Sequence[Model] = ()) -> str:
    """The method of a sweep, its parameter, what tells it from the sweeps beside it, and its model
    where they are of several."""
    told = [f"{name} {in_words(value)}" for name, value in sweep.told.items()]
    of = " · ".join(vars(sweep.model).values()) if len(models) > 1 else ""
    return ", ".join([f"{sweep.method}: {sweep.parameter}", *told, *filter(None, [of])])


def rows(told: Mapping[str, Any]) -> list[str]:
    """The rows of the table whose cells are drawn."""
    swept = [row for sweep in told["sweeps"] for _, row in sweep["points"]]
    return list(dict.fromkeys([*swept, *(row for row, _ in told["levels"])]))
