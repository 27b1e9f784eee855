"""Captions, splits and the features' index -> motions.parquet and samples.parquet."""

from hmu.run.job import Job
from hmu.text import samples


def run(job: Job) -> None:
    """Cut the clips into motions and give each caption its motion.

    Settings: ``shortest``, the fewest frames of either.
    """
    captions, splits, index = (job.input(name) for name in ("captions", "splits", "index"))
    tables = samples.read(captions, splits, index, job.settings["shortest"])
    for name, table in zip(("motions", "samples"), tables, strict=True):
        table.to_parquet(job.outputs[name], index=False)
