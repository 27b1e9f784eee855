"""What a picture of forget against retain shows of a table: which models, and which numbers.

Planning reads this: it imports nothing that draws.
"""

from collections.abc import Collection, Iterable
from typing import Any

from hmu.figures import curve_plan
from hmu.figures.sweeps import Model, Sweep, is_number
from hmu.tables.addresses import KEYS, REAL, CellAddress
from hmu.tables.binding import Bound

METRICS = ("r@1", "fid")
SIDES = ("forget", "retain")

Settings = dict[str, Any]
"""What the step is told, as plain data."""


def settings(bound: Bound, sweeps: Iterable[Sweep]) -> Settings | None:
    """What is drawn of a table; None where it compares nothing so.

    ``metrics``: those that the table has of both sets, with the names of the axes. ``models``: what
    rows are compared on, with ``spots`` (variant, label, method, role: "original", "reference",
    "control" or "method") and the ``sweeps`` over numbers of the same, of whichever table, with
    their ``spots`` (variant, label): each value of a sweep through rows of this table, the ends of
    others.
    """
    own = [cell for cell in bound.cells if cell.variant != REAL]
    metrics = [
        {"name": metric, **axes} for metric in METRICS if len(axes := _axes(bound, metric)) == 2
    ]
    names = {metric["name"] for metric in metrics}
    labels = {row.name: row.label for row in bound.rows}
    roles: dict[str | None, str] = dict.fromkeys(bound.controls, "control")
    roles |= {bound.original: "original", bound.reference: "reference"}
    spots: dict[Model, dict[str, dict[str, str]]] = {}
    for cell in own:
        if cell.metric in names and cell.set in SIDES:
            here = spots.setdefault(Model(cell.dataset, cell.backbone, cell.concept), {})
            role = roles.get(cell.variant, "method")
            method = bound.variants[cell.variant]["method"]
            here[cell.variant] = {"label": labels[cell.row], "method": method, "role": role}
    models = [
        {
            "model": vars(model),
            "spots": [{"variant": variant, **each} for variant, each in shown.items()],
            "sweeps": [
                _swept(each, shown)
                for each in sweeps
                if each.model == model and is_number(each.points[0].value)
            ],
        }
        for model, shown in spots.items()
        if len(shown) > 2
    ]
    return {"title": bound.title, "metrics": metrics, "models": models} if models else None


def cells(told: Settings, bound: Bound, others: Iterable[CellAddress]) -> list[str]:
    """The files of the cells that a picture is drawn from, of its own table if that has them."""
    found = {_key(each): each.path() for each in (*others, *bound.cells)}
    wanted = [
        (*(model["model"][each] for each in KEYS[:3]), variant, side, metric["name"])
        for model in told["models"]
        for variant in _variants(model)
        for side in SIDES
        for metric in told["metrics"]
    ]
    return [found[each] for each in wanted if each in found]


def _key(cell: CellAddress) -> tuple[str, ...]:
    return tuple(getattr(cell, key) for key in KEYS)


def _variants(model: Settings) -> list[str]:
    """All variants of which a model's part of the picture speaks, each once."""
    swept = [spot for sweep in model["sweeps"] for spot in sweep["spots"]]
    return list(dict.fromkeys(spot["variant"] for spot in [*model["spots"], *swept]))


def _axes(bound: Bound, metric: str) -> dict[str, str]:
    """The names of the axes of a metric, by side, for the sides of which the table has it."""
    headings = {column.name: f"{column.header} {column.arrow}" for column in bound.columns}
    return {
        cell.set: f"{cell.set.capitalize()} set: {headings[cell.column]}"
        for cell in bound.cells
        if cell.metric == metric and cell.set in SIDES
    }


def _swept(sweep: Sweep, shown: Collection[str]) -> Settings:
    own = {point.variant for point in sweep.points} <= set(shown)
    ends = (sweep.points[0], sweep.points[-1])
    return {
        "label": curve_plan.label(sweep),
        "method": sweep.method,
        "spots": [
            {"variant": point.variant, "label": str(point.value) if own or point in ends else ""}
            for point in sweep.points
        ],
    }
