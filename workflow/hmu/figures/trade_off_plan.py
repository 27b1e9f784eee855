"""What a picture of forget against retain shows of a table: which models, and which numbers.

Planning reads this: it imports nothing that draws.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hmu.figures import curve_plan
from hmu.figures.sweeps import Model, Sweep, is_number
from hmu.tables.addresses import KEYS, REAL, CellAddress
from hmu.tables.binding import Bound

SIDES = ("forget", "retain")
METRICS = {"r@1": "r@1", "presence": "r@1", "fid": "fid"}
"""What is drawn of the forget set against what of the retain set: there, presence says how often
the detector errs, and nothing of what a model kept."""

Settings = dict[str, Any]
"""What the step is told, as plain data."""


def settings(bound: Bound, sweeps: Iterable[Sweep]) -> Settings | None:
    """What is drawn of a table; None where it compares nothing so.

    ``metrics``: those of METRICS that the table has of both sets, by the ``name`` of the first,
    each side with its ``metric`` and the name of its ``axis``. ``models``: what
    rows are compared on, with ``spots`` (variant, label, method, role: "original", "reference",
    "control" or "method") and the ``sweeps`` over numbers of the same, of whichever table, that go
    through one of these, with their ``spots`` (variant, label): the value where it is a row of this
    table, or an end.
    """
    own = [cell for cell in bound.cells if cell.variant != REAL]
    found = {forget: _sides(bound, (forget, retain)) for forget, retain in METRICS.items()}
    metrics: list[Settings] = [
        {"name": name, **sides} for name, sides in found.items() if len(sides) == 2
    ]
    shown = {(side, metric[side]["metric"]) for metric in metrics for side in SIDES}
    labels = {row.name: row.label for row in bound.rows}
    roles: dict[str | None, str] = dict.fromkeys(bound.controls, "control")
    roles |= {bound.original: "original", bound.reference: "reference"}
    spots: dict[Model, dict[str, dict[str, str]]] = {}
    for cell in own:
        if (cell.set, cell.metric) in shown:
            here = spots.setdefault(Model(cell.dataset, cell.backbone, cell.concept), {})
            role = roles.get(cell.variant, "method")
            method = bound.variants[cell.variant]["method"]
            here[cell.variant] = {"label": labels[cell.row], "method": method, "role": role}
    models = [
        {
            "model": vars(model),
            "spots": [{"variant": variant, **each} for variant, each in here.items()],
            "sweeps": [
                _swept(each, here)
                for each in sweeps
                if each.model == model
                and is_number(each.points[0].value)
                and any(point.variant in here for point in each.points)
            ],
        }
        for model, here in spots.items()
        if len(here) > 2
    ]
    return {"title": bound.title, "metrics": metrics, "models": models} if models else None


def apart(told: Mapping[str, Settings]) -> list[str]:
    """The tables, of those whose `settings` are given, whose picture shows what none before it
    does: other models, or the same by other metrics."""
    shown: dict[str, str] = {}
    for table, each in told.items():
        shown.setdefault(json.dumps([each["metrics"], each["models"]], sort_keys=True), table)
    return list(shown.values())


def cells(told: Settings, bound: Bound, others: Iterable[CellAddress]) -> list[str]:
    """The files of the cells that a picture is drawn from, of its own table if that has them."""
    found = {_key(each): each.path() for each in (*others, *bound.cells)}
    wanted = [
        (*(model["model"][each] for each in KEYS[:3]), variant, side, metric[side]["metric"])
        for model in told["models"]
        for variant in _variants(model)
        for side in SIDES
        for metric in told["metrics"]
    ]
    return list(dict.fromkeys(found[each] for each in wanted if each in found))


def _key(cell: CellAddress) -> tuple[str, ...]:
    return tuple(getattr(cell, key) for key in KEYS)


def _variants(model: Settings) -> list[str]:
    """All variants of which a model's part of the picture speaks, each once."""
    swept = [spot for sweep in model["sweeps"] for spot in sweep["spots"]]
    return list(dict.fromkeys(spot["variant"] for spot in [*model["spots"], *swept]))


def _sides(bound: Bound, metrics: tuple[str, str]) -> dict[str, dict[str, str]]:
    """The metric and the name of the axis, for each side of which the table has it."""
    headings = {column.name: f"{column.header} {column.arrow}" for column in bound.columns}
    return {
        side: {"metric": metric, "axis": f"{side.capitalize()} set: {headings[cell.column]}"}
        for side, metric in zip(SIDES, metrics, strict=True)
        for cell in bound.cells
        if (cell.set, cell.metric) == (side, metric)
    }


def _swept(sweep: Sweep, shown: Collection[str]) -> Settings:
    ends = (sweep.points[0], sweep.points[-1])
    return {
        "label": curve_plan.label(sweep),
        "method": sweep.method,
        "spots": [
            {
                "variant": point.variant,
                "label": str(point.value) if point.variant in shown or point in ends else "",
            }
            for point in sweep.points
        ],
    }
