"""Step: the evaluation plan of one set, and the set's samples in a fixed order."""

import pyarrow.parquet as pq

from hmu.errors import InputError
from hmu.evaluation import plan
from hmu.io import parquet
from hmu.run.job import Job


def run(job: Job) -> None:
    """Read samples, motions and the concept's clips; write the plan and the set's samples.

    Settings: set, repeats, pool, captions. Raises InputError when a table is
    damaged or the set does not fill one pool.
    """
    columns = ["sample", "motion", "clip", "caption_index", "caption", "tokens", "split"]
    samples = parquet.read(job.input("samples"), columns)
    motions = parquet.read(job.input("motions"), ["motion", "start", "frames"])
    clips = parquet.read(job.input("concept"), ["clip", "forget"])
    settings = job.settings
    chosen = plan.select(samples, clips, settings["set"])
    protocol = plan.Protocol(
        repeats=settings["repeats"],
        pool=settings["pool"],
        captions=settings["captions"],
    )
    try:
        table = plan.build(chosen, motions, settings["set"], protocol, job.seed)
    except InputError as error:
        raise InputError(f"{job.input('concept')}: {error}") from error
    pq.write_table(chosen, job.outputs["samples"])
    pq.write_table(table, job.outputs["plan"])
