"""Make one unlearned checkpoint by a method that trains."""

from hmu.models.curves import write_logs
from hmu.run.job import Job
from hmu.unlearning import application


def run(job: Job) -> None:
    """What the method reads -> its delta and origin, and the log and curves of its training."""
    edit = application.unlearn(job, trains=True)
    write_logs(job.outputs["training"], edit.logs)
