"""Captions, splits and the features' index -> motions.parquet and samples.parquet."""

from hmu.job import Job
from hmu.text import samples


def run(job: Job) -> None:
    """Cut the clips into motions and give each caption its motion."""
    tables = samples.read(job.input("captions"), job.input("splits"), job.input("index"))
    for name, table in zip(("motions", "samples"), tables, strict=True):
        table.to_parquet(job.outputs[name], index=False)
