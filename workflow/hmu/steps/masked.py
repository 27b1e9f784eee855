"""Train the masked transformer on first-layer codes and caption embeddings."""

from dataclasses import asdict, replace

from hmu.job import Job
from hmu.models import fitting, storage
from hmu.models.masked import MaskedTransformer
from hmu.models.tokenizer import TokenizerSizes
from hmu.models.training import Schedule
from hmu.models.transformer import TransformerSizes


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> masked transformer."""
    tokenizer = storage.load_sizes(job.input("tokenizer_config"), TokenizerSizes)
    batches = fitting.code_batches(job)
    sizes = replace(
        fitting.sizes(TransformerSizes, job.settings),
        codes=tokenizer.codes,
        code_dim=tokenizer.code_dim,
        quantizers=tokenizer.quantizers,
        text_dim=batches.text.shape[1],
    )
    model = fitting.initialise(lambda: MaskedTransformer(sizes), job, "masked")
    schedule = Schedule.of(job.settings["training"])
    fitting.fit(job, "masked", model, asdict(sizes), model.batch_loss, batches, schedule)
