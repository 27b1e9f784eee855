"""Draw forget against retain: cells of a table -> a picture of all its methods."""

from collections import Counter
from typing import Any

from hmu.errors import InputError
from hmu.figures import trade_off
from hmu.figures.trade_off_plan import SIDES
from hmu.run.job import Job
from hmu.tables import detection
from hmu.tables.addresses import KEYS
from hmu.tables.table import read_cells

_SHARES = ("r@1", "presence")


def run(job: Job) -> None:
    """Settings: what `hmu.figures.trade_off_plan.settings` makes of the table, and what
    `hmu.tables.detection.beside` reads.

    A model of which a cell is missing, or has no value, is left out, and a sweep of which fewer
    than two are there. Methods that are rows of one sweep are its points, with its values for
    names, unless the others are still too many to be named. Raises InputError when nothing is left
    to draw.
    """
    records = {
        tuple(record[key] for key in KEYS): record
        for table in read_cells(job.input_list("cells")).values()
        for record in table.values()
        if record["value"] is not None
    }
    rows = [
        [_panel(model, metric, records) for metric in job.settings["metrics"]]
        for model in job.settings["models"]
    ]
    if not any(panel.spots for row in rows for panel in row):
        raise InputError(f"{job.settings['title']}: there is no cell to draw; make them first.")
    trade_off.draw(job.settings["title"], rows, job.outputs["picture"], detection.beside(job))


def _panel(model: Any, metric: Any, records: Any) -> trade_off.Panel:
    of = [model["model"][key] for key in KEYS[:3]]
    places = [(side, metric[side]["metric"]) for side in SIDES]

    def measured(told: Any) -> list[tuple[Any, list[Any]]]:
        """What has a value on both sides, with its records of the forget and the retain set."""
        found = (
            (each, [records.get((*of, each["variant"], *place)) for place in places])
            for each in told
        )
        return [(each, sides) for each, sides in found if all(sides)]

    rows = measured(model["spots"])
    sweeps = [(each, measured(each["spots"])) for each in model["sweeps"]]
    sweeps = [(each, found) for each, found in sweeps if len(found) > 1]
    points = _points([each for each, _ in rows], [found for _, found in sweeps])
    return trade_off.Panel(
        " · ".join(of),
        metric["forget"]["axis"],
        metric["retain"]["axis"],
        [
            _spot(each["label"], each["role"], each["method"], sides)
            for each, sides in rows
            if each["variant"] not in points
        ],
        {
            sweep["label"]: [
                _spot(
                    each["label"],
                    "method" if each["variant"] in points else "line",
                    sweep["method"],
                    sides,
                )
                for each, sides in found
            ]
            for sweep, found in sweeps
        },
        metric["name"] in _SHARES,
    )


def _points(rows: Any, sweeps: Any) -> set[str]:
    """The variants that stand in a panel as points of a sweep: of one through two methods of the
    table or more, and of no other, where its value would not say of which parameter it is."""
    methods = {each["variant"] for each in rows if each["role"] == "method"}
    own = [methods & {each["variant"] for each, _ in found} for found in sweeps]
    on = Counter(variant for each in own if len(each) > 1 for variant in each)
    points = {variant for variant, lines in on.items() if lines == 1}
    return points if len(rows) - len(points) <= trade_off.MOST_NAMED else set()


def _spot(label: str, role: str, method: str, sides: Any) -> trade_off.Spot:
    across, up = ((side["value"], side["interval"]) for side in sides)
    return trade_off.Spot(label, role, method, across, up)
