"""Draw forget against retain: cells of a table -> a picture of all its methods."""

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
    than two are there. Raises InputError when nothing is left to draw.
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

    def spots(told: Any, method: str = "") -> list[trade_off.Spot]:
        found = []
        for each in told:
            where = (*of, each["variant"])
            sides = [records.get((*where, side, metric[side]["metric"])) for side in SIDES]
            if all(sides):
                across, up = ((side["value"], side["interval"]) for side in sides)
                said = (each["label"], each.get("role", "method"), each.get("method", method))
                found.append(trade_off.Spot(*said, across, up))
        return found

    return trade_off.Panel(
        " · ".join(of),
        metric["forget"]["axis"],
        metric["retain"]["axis"],
        spots(model["spots"]),
        {
            each["label"]: found
            for each in model["sweeps"]
            if len(found := spots(each["spots"], each["method"])) > 1
        },
        metric["name"] in _SHARES,
    )
