"""Train the residual transformer on the codes of all layers and caption embeddings."""

from hmu.models import transformer_fitting
from hmu.models.residual import ResidualTransformer
from hmu.run.job import Job
from hmu.sections.transformer import ResidualSection, ResidualSizes


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> residual transformer."""
    section = ResidualSection.of(job.settings)
    transformer_fitting.fit(job, "residual", section, ResidualSizes, ResidualTransformer)
