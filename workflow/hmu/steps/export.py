"""Write a checkpoint as the official code reads it."""

from hmu.official import writing
from hmu.run.job import Job


def run(job: Job) -> None:
    """Base models and delta -> a directory in the official layout, for the ``dataset`` there."""
    settings = job.settings
    writing.write(job.inputs, job.outputs["export"], settings["names"], dataset=settings["dataset"])
