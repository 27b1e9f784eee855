"""Train the length estimator: from a caption's embedding to the number of tokens."""

from dataclasses import asdict

import pandas as pd

from hmu.models import fitting
from hmu.models.batches.lengths import LengthBatches
from hmu.models.batches.tables import Rows, caption_table
from hmu.models.length import LengthEstimator, LengthSizes
from hmu.models.training import Schedule
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Caption embeddings and motion lengths -> length estimator."""
    settings = job.settings
    motions = pd.read_parquet(job.input("motions"))
    text, rows = caption_table(job.inputs)
    batches = LengthBatches(
        Rows.read(job.input("samples"), None),
        dict(zip(motions["motion"], motions["frames"], strict=True)),
        text,
        rows,
        settings["training"]["batch"],
        device.choose(settings["device"]),
    )
    sizes = LengthSizes(text_dim=text.shape[1])
    model = fitting.initialise(lambda: LengthEstimator(sizes), job, "length")
    schedule = Schedule.of(settings["training"])
    fitting.fit(job, "length", model, asdict(sizes), model.batch_loss, batches, schedule)
