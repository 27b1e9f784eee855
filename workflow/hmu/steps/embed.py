"""Decode generated codes with a checkpoint's tokenizer and embed the motions."""

import numpy as np

from hmu import device, embedding
from hmu.codes import CodeTable
from hmu.job import Job
from hmu.models import storage
from hmu.models.evaluator import Evaluator, EvaluatorSizes
from hmu.models.tokenizer import Tokenizer, TokenizerSizes


def run(job: Job) -> None:
    """Generations, tokenizer with the checkpoint's delta, evaluator -> one embedding a row."""
    where = device.choose(job.settings["device"])
    delta = storage.load_state(job.input("delta"))
    tokenizer = storage.load(Tokenizer, TokenizerSizes, "tokenizer", job.inputs, where, delta)
    evaluator = storage.load(Evaluator, EvaluatorSizes, "evaluator", job.inputs, where)
    table = CodeTable.read(job.input("generations"))
    np.save(job.outputs["generated"], embedding.of_codes(evaluator, tokenizer, table.codes, where))
