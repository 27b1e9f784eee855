"""Train the residual transformer on the codes of all layers and caption embeddings."""

from dataclasses import asdict, replace

from hmu.job import Job
from hmu.models import fitting, storage
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import TokenizerSizes
from hmu.models.training import Schedule
from hmu.models.transformer import TransformerSizes


def run(job: Job) -> None:
    """Codes of the training motions and their captions -> residual transformer."""
    tokenizer = storage.load_sizes(job.input("tokenizer_config"), TokenizerSizes)
    batches = fitting.code_batches(job)
    sizes = replace(
        fitting.sizes(TransformerSizes, job.settings),
        codes=tokenizer.codes,
        code_dim=tokenizer.code_dim,
        quantizers=tokenizer.quantizers,
        text_dim=batches.text.shape[1],
    )
    model = fitting.initialise(lambda: ResidualTransformer(sizes), job, "residual")
    schedule = Schedule.of(job.settings["training"])
    fitting.fit(job, "residual", model, asdict(sizes), model.batch_loss, batches, schedule)
