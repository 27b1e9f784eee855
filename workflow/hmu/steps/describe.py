"""Decode generated codes with a checkpoint's tokenizer and describe the motions."""

import numpy as np

from hmu import registry
from hmu.evaluation import asked, describe, earlier
from hmu.evaluation.made import Made
from hmu.interface.descriptors import DescriptorContext
from hmu.run import device
from hmu.run.job import Job

KEEPS_ACROSS = ("requests", "plan", "generations")


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), generations that hold these motions,
    tokenizer with the checkpoint's delta -> a row a request, by the descriptor of the settings.

    Repeats that a job before described, of the same motions, are not described again.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    compared = bool({"replaced", "unedited"} & {*plugin.SEES})
    made = Made.of(job.inputs, job.input("generations"), wanted, job.seed, where, compared)
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    repeats = earlier.Repeats.of(made.repeats, made.identities())
    known = earlier.find(job.kept, repeats)
    found = describe.generated(descriptor, plugin.SEES, made, known)
    np.save(job.outputs["description"], found)
    earlier.keep(job.kept, job.outputs["description"], repeats)
