"""From a job to a trained token transformer, masked or residual."""

import os
from collections.abc import Callable
from typing import TypeVar

from hmu.models import fitting, storage
from hmu.models.batches.codes import CodeBatches
from hmu.models.transformer import TokenTransformer
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tokenizer import TokenizerSizes, Vocabulary
from hmu.sections.transformer import MaskedSection, ResidualSection, TransformerSizes

Sizes = TypeVar("Sizes", bound=TransformerSizes)


def fit(
    job: Job,
    name: str,
    section: MaskedSection | ResidualSection,
    kind: type[Sizes],
    build: Callable[[Sizes], TokenTransformer],
    backbone: str | None = None,
) -> None:
    """Train the transformer ``build`` on the codes of the training motions and their captions.

    Its sizes, of class ``kind``, are those of its section; its vocabulary is the tokenizer's, its
    text width that of the caption embeddings. ``backbone`` is the kind of backbone, where it has
    a masked transformer of its own.
    """
    # oneDNN would keep what it prepared for each number of tokens in a batch. Few come again, and
    # what it keeps lies between the tensors, so that memory grows from epoch to epoch.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
    tokenizer = storage.load_sizes(job.input("tokenizer_config"), TokenizerSizes)
    where = device.choose(job.settings["device"])
    schedule = section.training
    batches = CodeBatches.read(job.inputs, schedule.batch, where, job.optional("concept"))
    vocabulary = Vocabulary.of(tokenizer)
    sizes = kind.of(section, **dict(vocabulary), text_dim=batches.text.shape[1])
    model = fitting.initialise(lambda: build(sizes), job, name)
    fitting.fit(job, name, model, sizes, model.batch_loss, batches, schedule, kind=backbone)
