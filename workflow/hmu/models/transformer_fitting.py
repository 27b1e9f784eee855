"""From a job to a trained token transformer, masked or residual."""

import os
from collections.abc import Callable
from dataclasses import asdict, replace

from hmu.models import fitting, storage
from hmu.models.batches.codes import CodeBatches
from hmu.models.tokenizer import TokenizerSizes
from hmu.models.training import Schedule
from hmu.models.transformer import TokenTransformer, TransformerSizes
from hmu.run import device
from hmu.run.job import Job


def fit(job: Job, name: str, build: Callable[[TransformerSizes], TokenTransformer]) -> None:
    """Train the transformer ``build`` on the codes of the training motions and their captions.

    Its vocabulary is the tokenizer's, its text width that of the caption embeddings.
    """
    # oneDNN would keep what it prepared for each number of tokens in a batch. Few come again, and
    # what it keeps lies between the tensors, so that memory grows from epoch to epoch.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
    tokenizer = storage.load_sizes(job.input("tokenizer_config"), TokenizerSizes)
    training = job.settings["training"]
    where = device.choose(job.settings["device"])
    batches = CodeBatches.read(job.inputs, training["batch"], where, job.optional("concept"))
    sizes = replace(
        fitting.sizes(TransformerSizes, job.settings),
        codes=tokenizer.codes,
        code_dim=tokenizer.code_dim,
        quantizers=tokenizer.quantizers,
        text_dim=batches.text.shape[1],
    )
    model = fitting.initialise(lambda: build(sizes), job, name)
    schedule = Schedule.of(training)
    kind = job.settings.get("kind")
    fitting.fit(job, name, model, asdict(sizes), model.batch_loss, batches, schedule, kind=kind)
