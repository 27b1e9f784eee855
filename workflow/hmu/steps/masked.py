"""Train the masked transformer on first-layer codes and caption embeddings."""

from hmu.job import Job
from hmu.models import transformer_fitting
from hmu.models.masked import MaskedTransformer


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> masked transformer."""
    transformer_fitting.fit(job, "masked", MaskedTransformer)
