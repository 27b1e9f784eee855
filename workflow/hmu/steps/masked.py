"""Train a backbone's masked transformer on first-layer codes and caption embeddings."""

from hmu.backbones import opening
from hmu.models import transformer_fitting
from hmu.run.job import Job
from hmu.sections.transformer import MaskedSection, TransformerSizes


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> masked transformer of the kind."""
    section, kind = MaskedSection.of(job.settings), job.settings["kind"]
    build = opening.masked(kind)
    transformer_fitting.fit(job, "masked", section, TransformerSizes, build, kind)
