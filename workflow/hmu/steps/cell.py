"""Step: one cell of one table, from the file of its metric."""

from hmu.io import files
from hmu.run.job import Job
from hmu.tables import cells

MADE_AGAIN = True


def run(job: Job) -> None:
    """Write the address, value, intervals, values of the repeats, n and the paper's value as JSON.

    Settings: a cell's record as ``cell``, and paper_comparable. The paper's value is given only
    where the configuration is the paper's; elsewhere it would invite a comparison of different
    things.
    """
    record = dict(job.settings["cell"])
    if not job.settings["paper_comparable"]:
        record["paper"] = None
    if record["metric"] in cells.COSTS:
        measured = cells.cost(job.input("metric"))
    else:
        measured = cells.summarise(job.input("metric"), record["metric"])
    files.write_json(job.outputs["cell"], {**record, **measured})
