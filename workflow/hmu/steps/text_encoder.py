"""The text encoder: CLIP's official weights, or word vectors."""

from hmu.models import origin
from hmu.official import clip
from hmu.official.sources import SOURCES
from hmu.run.job import Job
from hmu.text import encoder, wordllama


def run(job: Job) -> None:
    """Official file (``weights``, or the ``folder`` of its download), or ``dim`` -> encoder."""
    folder = job.optional("folder")
    weights = folder / SOURCES["clip"].file if folder else job.optional("weights")
    made = clip.read(weights) if weights else wordllama.read(job.settings["dim"])
    encoder.save(job.outputs["model"], job.outputs["config"], made)
    origin.write(job, "imported", **({} if weights else {"package": "wordllama"}))
