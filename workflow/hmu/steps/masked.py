"""Train a backbone's masked transformer on first-layer codes and caption embeddings."""

from hmu import backbones
from hmu.job import Job
from hmu.models import transformer_fitting


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> masked transformer of the kind."""
    transformer_fitting.fit(job, "masked", backbones.masked(job.settings["kind"]))
