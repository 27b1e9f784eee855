"""Decode generated codes with a checkpoint's tokenizer and describe the motions."""

import numpy as np

from hmu import registry
from hmu.backbones.codec import Codec
from hmu.evaluation import asked, describe
from hmu.interface.descriptors import DescriptorContext
from hmu.io.codes import CodeTable
from hmu.models.stored import Stored
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.checkpoint import load_delta


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), generations that hold these motions,
    tokenizer with the checkpoint's delta -> a row a request, by the descriptor of the settings.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    codec = Codec.open(Stored.among(job.inputs, "tokenizer"), where, load_delta(job.inputs))
    path = job.input("generations")
    table = CodeTable.read(path)
    describe.check_codes(table, codec, path, job.input("tokenizer"))
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    rows = asked.rows_among(wanted, table.keys, path)
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    codes = [table.codes[row] for row in rows]
    frames = table.keys["frames"].to_numpy()[rows]
    found = describe.generated(descriptor, plugin.SEES, codec, codes, frames)
    np.save(job.outputs["description"], found)
