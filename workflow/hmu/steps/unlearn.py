"""Make one unlearned checkpoint by a method that trains nothing."""

from hmu.run.job import Job
from hmu.unlearning import application


def run(job: Job) -> None:
    """What the method reads -> its delta and manifest."""
    application.unlearn(job, trains=False)
