"""The CLIP text tower: the official weights, or a small one of our own."""

from dataclasses import asdict
from pathlib import Path

from hmu.job import Job
from hmu.models import storage
from hmu.text import clip


def run(job: Job) -> None:
    """Settings -> text encoder; ``weights`` names the official ViT-B/32 file, or is null."""
    settings = job.settings
    if settings["weights"] is None:
        names = ("width", "heads", "layers", "dim")
        tower = clip.init(clip.ClipSizes(**{name: settings[name] for name in names}), job.seed)
    else:
        tower = clip.read_official(Path(settings["weights"]))
    config = {"part": "text_encoder", "sizes": asdict(tower.sizes)}
    storage.save(job.outputs["model"], job.outputs["config"], tower, config)
