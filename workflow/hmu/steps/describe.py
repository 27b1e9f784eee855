"""Decode generated codes with a checkpoint's tokenizer and describe the motions."""

import numpy as np

from hmu import registry
from hmu.evaluation import asked, describe
from hmu.interface import DescriptorContext
from hmu.io.codes import CodeTable
from hmu.models import storage
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tokenizer import TokenizerSizes
from hmu.unlearning.checkpoint import load_delta


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), generations that hold these motions,
    tokenizer with the checkpoint's delta -> a row a request, by the descriptor of the settings.
    """
    where = device.choose(job.settings["device"])
    plugin = registry.load("descriptors", job.settings["descriptor"])
    delta = load_delta(job.inputs)
    tokenizer = storage.load(Tokenizer, TokenizerSizes, "tokenizer", job.inputs, where, delta)
    path = job.input("generations")
    table = CodeTable.read(path)
    describe.check_codes(table, tokenizer, path, job.input("tokenizer"))
    wanted = asked.read(job.input("requests"), job.optional("plan"))
    rows = asked.rows_among(wanted, table.keys, path)
    descriptor = plugin.load(DescriptorContext(job.inputs, job.settings, job.seed, where))
    scale = Normaliser.of_model(job.input("tokenizer_config"))
    codes = [table.codes[row] for row in rows]
    found = describe.generated(descriptor, plugin.SEES, tokenizer, scale, codes, where)
    np.save(job.outputs["description"], found)
