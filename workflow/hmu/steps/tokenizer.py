"""Train the motion tokenizer."""

from hmu.io.store import ClipStore
from hmu.models import fitting
from hmu.models.batches.tables import Rows
from hmu.models.batches.windows import WindowBatches
from hmu.models.tokenizer import Tokenizer
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tokenizer import TokenizerSection, TokenizerSizes


def run(job: Job) -> None:
    """Windows of the features of the training clips -> tokenizer."""
    section = TokenizerSection.of(job.settings)
    training = section.training
    normaliser = Normaliser.read(job.input("mean"), job.input("std"))
    batches = WindowBatches(
        ClipStore(job.input("data"), job.input("index")),
        normaliser,
        Rows.read(job.input("motions"), job.optional("concept")),
        training.window,
        training.batch,
        training.windows_per_clip,
        device.choose(job.settings["device"]),
    )
    sizes = TokenizerSizes.of(section)
    model = fitting.initialise(lambda: Tokenizer(sizes), job, "tokenizer")
    fitting.fit(job, "tokenizer", model, sizes, model.loss, batches, training, normaliser)
