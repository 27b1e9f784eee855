"""The pairs of motions that MultiModality compares in one set, and the motions to make for them."""

import pyarrow.parquet as pq

from hmu.evaluation import plan
from hmu.io import parquet
from hmu.run.job import Job


def run(job: Job) -> None:
    """Plan and requests -> pairs, and their requests.

    Settings: ``set``, ``samples`` (of each repeat, the first ones), ``draws``, ``pairs``.
    """
    settings = job.settings
    pairs, requests = plan.pairs(
        parquet.read(job.input("plan")),
        parquet.read(job.input("requests")),
        settings["set"],
        settings["samples"],
        settings["draws"],
        settings["pairs"],
        job.seed,
    )
    pairs.write(job.outputs["pairs"])
    pq.write_table(requests, job.outputs["requests"])
