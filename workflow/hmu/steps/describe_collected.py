"""Describe motions that were made elsewhere."""

import numpy as np

from hmu import registry
from hmu.evaluation import asked, describe
from hmu.interface.descriptors import DescriptorContext
from hmu.io.store import ClipStore
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), a store that has these motions -> a
    row a request, by the descriptor of the settings.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    store = ClipStore(job.input("data"), job.input("index"))
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    rows = asked.rows_among(wanted, store.index, job.input("index"))
    whole = store.index[["clip", "length"]].rename(columns={"length": "frames"}).assign(start=0)
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    found = describe.stored(descriptor, plugin.SEES, store, whole.iloc[rows], where)
    np.save(job.outputs["description"], found)
