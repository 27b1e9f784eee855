"""Make one unlearned checkpoint by a method that trains nothing."""

from hmu.run.job import Job
from hmu.unlearning import application


def run(job: Job) -> None:
    """What the method reads -> its delta and origin."""
    application.unlearn(job, trains=False)
    job.outputs["training"].mkdir()
