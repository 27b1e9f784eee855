"""Describe the real motions that stand beside the requests of a source of prompts."""

import numpy as np

from hmu import registry
from hmu.errors import InputError
from hmu.evaluation import asked, describe
from hmu.interface.descriptors import DescriptorContext
from hmu.io.store import ClipStore
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Requests and features -> a row a request, by the descriptor of the settings.

    Raises InputError when a prompt stands for no real motion: what compares with it is undefined.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    wanted = asked.read(job.input("requests"))
    alone = wanted["prompt"][wanted["clip"].isna()]
    if len(alone):
        raise InputError(
            f"{job.input('requests')}: the prompt {alone.iloc[0]!r} stands for no real motion, so "
            "nothing can be compared with one: give its `sample`, or leave these metrics out."
        )
    store = ClipStore(job.input("data"), job.input("index"))
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    found = describe.stored(descriptor, plugin.SEES, store, wanted, where)
    np.save(job.outputs["description"], found)
