"""The CLIP text tower: the official weights, or a small one of our own."""

from hmu.models import storage
from hmu.official import clip as official
from hmu.official.sources import SOURCES
from hmu.run.job import Job
from hmu.sections.text_encoder import ClipSizes
from hmu.text import clip


def run(job: Job) -> None:
    """Official file (``weights``, or the ``folder`` of its download), or sizes -> text encoder."""
    folder = job.optional("folder")
    weights = folder / SOURCES["clip"].file if folder else job.optional("weights")
    if weights is not None:
        tower = official.read(weights)
    else:
        tower = clip.init(ClipSizes.of(job.settings), job.seed)
    config = {"part": "text_encoder", "sizes": tower.sizes.model_dump()}
    storage.save(job.outputs["model"], job.outputs["config"], tower, config)
