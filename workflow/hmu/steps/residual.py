"""Train the residual transformer on the codes of all layers and caption embeddings."""

from hmu.models import transformer_fitting
from hmu.models.residual import ResidualTransformer
from hmu.run.job import Job


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> residual transformer."""
    transformer_fitting.fit(job, "residual", ResidualTransformer)
