"""Train the residual transformer on the codes of all layers and caption embeddings."""

from hmu.job import Job
from hmu.models import transformer_fitting
from hmu.models.residual import ResidualTransformer


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> residual transformer."""
    transformer_fitting.fit(job, "residual", ResidualTransformer)
