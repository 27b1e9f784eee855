"""The CLIP text tower: the official weights, or a small one of our own."""

from dataclasses import asdict

from hmu.models import storage
from hmu.official import clip as official
from hmu.official.sources import SOURCES
from hmu.run.job import Job
from hmu.text import clip


def run(job: Job) -> None:
    """Official file (``weights``, or the ``folder`` of its download), or sizes -> text encoder."""
    folder = job.optional("folder")
    weights = folder / SOURCES["clip"].file if folder else job.optional("weights")
    if weights is not None:
        tower = official.read(weights)
    else:
        sizes = {name: job.settings[name] for name in ("width", "heads", "layers", "dim")}
        tower = clip.init(clip.ClipSizes(**sizes), job.seed)
    config = {"part": "text_encoder", "sizes": asdict(tower.sizes)}
    storage.save(job.outputs["model"], job.outputs["config"], tower, config)
