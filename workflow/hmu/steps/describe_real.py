"""Describe the real motions that stand beside the requests of a source of prompts."""

import json

import numpy as np

from hmu import registry
from hmu.errors import InputError
from hmu.evaluation import asked, describe, earlier
from hmu.interface.descriptors import DescriptorContext
from hmu.io.store import ClipStore
from hmu.run import device
from hmu.run.job import Job

KEEPS_ACROSS = ("requests",)


def run(job: Job) -> None:
    """Requests and features -> a row a request, by the descriptor of the settings.

    Repeats that a job before described, of the same crops, are not described again. Raises
    InputError when a prompt stands for no real motion: what compares with it is undefined.
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
    crops = wanted[["clip", "start", "frames"]].itertuples(index=False, name=None)
    told = (
        json.dumps([str(clip), int(start), int(frames)]).encode() for clip, start, frames in crops
    )
    repeats = earlier.Repeats.of(wanted["repeat"].to_numpy(), told)
    known = earlier.find(job.kept, repeats)
    found = describe.stored(descriptor, plugin.SEES, store, wanted, where, known)
    np.save(job.outputs["description"], found)
    earlier.keep(job.kept, job.outputs["description"], repeats)
