"""Decode generated codes with a checkpoint's tokenizer and embed the motions."""

import numpy as np

from hmu.errors import InputError
from hmu.evaluation import embedding
from hmu.io.codes import CodeTable
from hmu.models import storage
from hmu.models.evaluator import Evaluator, EvaluatorSizes
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.delta import load_delta


def run(job: Job) -> None:
    """Generations, tokenizer with the checkpoint's delta, evaluator -> one embedding a row.

    ``decoded`` says whether motions come to the evaluator in its scale, or as they are decoded.
    """
    where = device.choose(job.settings["device"])
    delta = load_delta(job.inputs)
    tokenizer = storage.load(Tokenizer, TokenizerSizes, "tokenizer", job.inputs, where, delta)
    table = CodeTable.read(job.input("generations"))
    sizes = tokenizer.sizes
    largest = max((int(each.max(initial=0)) for each in table.codes), default=0)
    if table.layers != sizes.quantizers or largest >= sizes.codes:
        raise InputError(
            f"{job.input('generations')} has codes up to {largest} in {table.layers} layers, and "
            f"{job.input('tokenizer')} {sizes.codes} codes in {sizes.quantizers}: generate with "
            "transformers that were trained on this tokenizer."
        )
    evaluator = storage.load(Evaluator, EvaluatorSizes, "evaluator", job.inputs, where)
    own, wanted = (
        Normaliser.of_model(job.input(f"{part}_config")) for part in ("tokenizer", "evaluator")
    )
    scale = own.to(own if job.settings["decoded"] == "reference" else wanted)
    found = embedding.of_codes(evaluator, tokenizer, table.codes, where, scale)
    np.save(job.outputs["generated"], found)
