"""Decode generated codes with a checkpoint's tokenizer and describe the motions."""

import numpy as np

from hmu import registry
from hmu.evaluation import asked, describe
from hmu.evaluation.made import Made
from hmu.interface.descriptors import DescriptorContext
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), generations that hold these motions,
    tokenizer with the checkpoint's delta -> a row a request, by the descriptor of the settings.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    compared = bool({"replaced", "unedited"} & {*plugin.SEES})
    made = Made.of(job.inputs, job.input("generations"), wanted, job.seed, where, compared)
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    found = describe.generated(descriptor, plugin.SEES, made)
    np.save(job.outputs["description"], found)
