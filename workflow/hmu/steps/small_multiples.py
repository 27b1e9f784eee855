"""Draw the small multiples of a table: its cells -> a dot chart for each column."""

from typing import Any

from hmu.errors import InputError
from hmu.figures import small_multiples
from hmu.run.job import Job
from hmu.tables import detection
from hmu.tables.table import read_cells

_NONE = {"value": None}


def run(job: Job) -> None:
    """Settings: what `hmu.figures.multiples_plan.settings` makes of the table, and what
    `hmu.tables.detection.beside` reads.

    A column without a single value is left out. Raises InputError when nothing is left to draw.
    """
    told = job.settings
    records = next(iter(read_cells(job.input_list("cells")).values()), {})
    panels = [_panel(column, told, records) for column in told["columns"]]
    panels = [panel for panel in panels if any(dot.value is not None for dot in panel.dots)]
    if not panels:
        raise InputError(f"{told['title']}: there is no cell to draw; make them first.")
    labels = [row["label"] for row in told["rows"]]
    about = detection.beside(job)
    small_multiples.draw(told["title"], labels, panels, job.outputs["picture"], about)


def _panel(column: Any, told: Any, records: Any) -> small_multiples.Panel:
    def cell(row: str | None) -> Any:
        return records.get((row, column["name"]), _NONE)

    dots = [
        small_multiples.Dot(
            cell(row["name"])["value"], cell(row["name"]).get("interval") or 0.0, row["role"]
        )
        for row in told["rows"]
    ]
    return small_multiples.Panel(
        column["title"], column["group"], dots, cell(told["real"])["value"]
    )
