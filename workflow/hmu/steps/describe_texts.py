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

    With ``keywords``, these are replaced by ``***`` first.
    """
    settings = job.settings
    where = device.choose(settings["device"])
    tokens = parquet.read(job.input("prompts"), ["tokens"])["tokens"].to_pylist()
    masked = [mask_tokens(each, settings.get("keywords", ())) for each in tokens]
    plugin = registry.load("descriptors", settings["descriptor"])
    descriptor = plugin.load(DescriptorContext(job.inputs, settings, job.seed, where))
    np.save(job.outputs["description"], descriptor.texts(masked))
