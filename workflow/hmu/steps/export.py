"""Write a checkpoint as the official code reads it."""

from hmu.official import writing
from hmu.run.job import Job
from hmu.unlearning import altering
from hmu.unlearning.checkpoint import load_delta


def run(job: Job) -> None:
    """Base models of a ``kind`` of backbone, and delta -> a directory in the official layout, for
    the ``dataset`` there."""
    altering.refuse(job.inputs, "the official code would not")
    settings, delta = job.settings, load_delta(job.inputs)
    to, names, dataset = job.outputs["export"], settings["names"], settings["dataset"]
    writing.write(settings["kind"], job.inputs, delta, to, names, dataset=dataset)
