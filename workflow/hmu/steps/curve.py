"""Draw what a parameter of a method does: cells of a table -> its columns over the parameter."""

import itertools
from typing import Any

from hmu.errors import InputError
from hmu.figures import curves
from hmu.run.job import Job
from hmu.tables import detection
from hmu.tables.table import read_cells

_NONE = {"value": None}


def run(job: Job) -> None:
    """Settings: what `hmu.figures.curve_plan.settings` makes of the curve, and what
    `hmu.tables.detection.beside` reads.

    A row of which a cell is missing, or has no value, is left out. Raises InputError when nothing
    is left to draw.
    """
    settings = job.settings
    records = next(iter(read_cells(job.input_list("cells")).values()), {})
    rows = [
        [panel for each in group if (panel := _panel(each, settings, records)).curves]
        for _, group in itertools.groupby(settings["columns"], key=lambda column: column["group"])
    ]
    rows = [row for row in rows if row]
    if not rows:
        raise InputError(f"{settings['title']}: there is no cell to draw; make them first.")
    about = detection.beside(job)
    curves.draw(settings["title"], settings["parameter"], rows, job.outputs["picture"], about)


def _panel(column: Any, settings: Any, records: Any) -> curves.Panel:
    found, unit = [], None
    for sweep in settings["sweeps"]:
        cells = [
            (value, records[row, column["name"]])
            for value, row in sweep["points"]
            if records.get((row, column["name"]), _NONE)["value"] is not None
        ]
        if cells:
            unit = cells[0][1].get("unit")
            found.append(
                curves.Curve(
                    sweep["label"],
                    [value for value, _ in cells],
                    [cell["value"] for _, cell in cells],
                    [cell["interval"] or 0.0 for _, cell in cells],
                    [cell["paper"] and cell["paper"]["value"] for _, cell in cells],
                )
            )
    levels = {
        label: records[row, column["name"]]["value"]
        for row, label in settings["levels"]
        if records.get((row, column["name"]), _NONE)["value"] is not None
    }
    return curves.Panel(column["title"], found, levels, unit)
