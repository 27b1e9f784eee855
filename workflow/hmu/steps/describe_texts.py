"""Describe the texts of prompts, as they are or without the words of a concept."""

import numpy as np

from hmu import registry
from hmu.interface.descriptors import DescriptorContext
from hmu.io import parquet
from hmu.run import device
from hmu.run.job import Job
from hmu.text.vectors import mask_tokens


def run(job: Job) -> None:
    """Prompts -> a row a prompt, by the descriptor of the settings.

    With ``keywords``, these are replaced by ``***`` first, which captions do not allow.
    """
    settings = job.settings
    where = device.choose(settings["device"])
    plugin = registry.load("descriptors", settings["descriptor"])
    column = getattr(plugin, "TEXTS", "tokens")
    texts = parquet.read(job.input("prompts"), [column])[column].to_pylist()
    if "keywords" in settings:
        if column != "tokens":
            raise ValueError(f"{settings['descriptor']} reads no tokens, which alone are masked")
        texts = [mask_tokens(each, settings["keywords"]) for each in texts]
    descriptor = plugin.load(DescriptorContext(job.inputs, settings, job.seed, where))
    np.save(job.outputs["description"], descriptor.texts(texts))
