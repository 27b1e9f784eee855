"""Describe motions that were made elsewhere."""

import numpy as np

from hmu import registry
from hmu.evaluation import asked, describe, earlier
from hmu.interface.descriptors import DescriptorContext
from hmu.io.store import ClipStore
from hmu.run import device
from hmu.run.job import Job

KEEPS_ACROSS = ("requests", "plan", "data", "index")


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), a store that has these motions -> a
    row a request, by the descriptor of the settings.

    Repeats that a job before described, of the same motions, are not described again.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    store = ClipStore(job.input("data"), job.input("index"))
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    rows = asked.rows_among(wanted, store.index, job.input("index"))
    whole = store.index[["clip", "length"]].rename(columns={"length": "frames"}).assign(start=0)
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    crops = whole.iloc[rows].assign(repeat=wanted["repeat"].to_numpy())
    told = (np.ascontiguousarray(store[clip]).tobytes() for clip in crops["clip"])
    repeats = earlier.Repeats.of(crops["repeat"].to_numpy(), told)
    known = earlier.find(job.kept, repeats)
    found = describe.stored(descriptor, plugin.SEES, store, crops, where, known)
    np.save(job.outputs["description"], found)
    earlier.keep(job.kept, job.outputs["description"], repeats)
