"""Train the length estimator: from a caption's embedding to the number of tokens."""

from hmu.interface.backbones import Recipe
from hmu.io import parquet
from hmu.models import fitting
from hmu.models.batches.lengths import LengthBatches
from hmu.models.batches.tables import Rows, caption_table
from hmu.models.length import LengthEstimator
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.length import LengthSection, LengthSizes


def run(job: Job) -> None:
    """Caption embeddings and motion lengths -> length estimator."""
    training = LengthSection.of(job.settings).training
    motions = parquet.frame(job.input("motions"))
    text, rows = caption_table(job.inputs)
    batches = LengthBatches(
        Rows.read(job.input("samples"), None),
        dict(zip(motions["motion"], motions["frames"], strict=True)),
        text,
        rows,
        training.batch,
        device.choose(job.settings["device"]),
    )
    sizes = LengthSizes(text_dim=text.shape[1])
    model = fitting.initialise(lambda: LengthEstimator(sizes), job, "length")
    fitting.fit(job, "length", model, model.batch_loss, Recipe(sizes, batches, training))
