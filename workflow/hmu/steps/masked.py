"""Train a backbone's masked transformer on first-layer codes and caption embeddings."""

from hmu import backbones
from hmu.models import transformer_fitting
from hmu.run.job import Job


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> masked transformer of the kind."""
    transformer_fitting.fit(job, "masked", backbones.masked(job.settings["kind"]))
