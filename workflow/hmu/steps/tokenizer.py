"""Train the motion tokenizer."""

from dataclasses import asdict

from hmu.io.store import ClipStore
from hmu.models import fitting
from hmu.models.batches.tables import Rows
from hmu.models.batches.windows import WindowBatches
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from hmu.models.training import Schedule
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job


def run(job: Job) -> None:
    """Windows of the features of the training clips -> tokenizer."""
    settings = job.settings
    training = settings["training"]
    normaliser = Normaliser.read(job.input("mean"), job.input("std"))
    batches = WindowBatches(
        ClipStore(job.input("data"), job.input("index")),
        normaliser,
        Rows.read(job.input("motions"), job.optional("concept")),
        training["window"],
        training["batch"],
        training["windows_per_clip"],
        device.choose(settings["device"]),
    )
    sizes = fitting.sizes(TokenizerSizes, settings)
    model = fitting.initialise(lambda: Tokenizer(sizes), job, "tokenizer")
    schedule = Schedule.of(training)
    fitting.fit(job, "tokenizer", model, asdict(sizes), model.loss, batches, schedule, normaliser)
