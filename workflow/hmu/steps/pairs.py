"""Step: the pairs of motions that MultiModality compares in one set."""

import pyarrow.parquet as pq

from hmu.evaluation import plan
from hmu.io import parquet
from hmu.run.job import Job


def run(job: Job) -> None:
    """Plan -> pairs. Settings: set, samples (of each repeat, the first ones), draws, pairs."""
    columns = ["repeat", "position", "sample", "frames"]
    table = parquet.read(job.input("plan"), columns)
    settings = job.settings
    found = plan.pairs(
        table,
        settings["set"],
        settings["samples"],
        settings["draws"],
        settings["pairs"],
        job.seed,
    )
    pq.write_table(found, job.outputs["pairs"])
