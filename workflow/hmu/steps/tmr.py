"""Train TMR, the second evaluator, on the token embeddings of captions."""

from hmu.io import parquet
from hmu.io.store import ClipStore
from hmu.models import fitting, origin, storage
from hmu.models.batches.captioned import CaptionedBatches
from hmu.models.batches.tables import Rows
from hmu.models.batches.texted import TextedMotions
from hmu.models.curves import write_logs
from hmu.models.tmr import Learner
from hmu.models.training import train
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tmr import TmrSection, TmrSizes
from hmu.text.token_embeddings import TokenEmbeddings


def run(job: Job) -> None:
    """Features, captions and their token embeddings -> TMR's encoders, after all epochs, as TMR
    takes them. Raises InputError when captions have no embeddings."""
    section = TmrSection.of(job.settings)
    training = section.training
    tokens = TokenEmbeddings.read(job.inputs)
    samples = Rows.read(job.input("samples"), None)
    tokens.check([*samples.training["caption"], *samples.validation["caption"]])
    # TMR weighs all features alike.
    normaliser = Normaliser.read(job.input("mean"), job.input("std"), bias=1.0)
    texted = TextedMotions(
        ClipStore(job.input("data"), job.input("index")),
        normaliser,
        samples,
        "caption",
        parquet.frame(job.input("motions")),
        training.batch,
        device.choose(job.settings["device"]),
    )
    sizes = TmrSizes.of(section, text_dim=tokens.dim)
    learner = fitting.initialise(
        lambda: Learner(sizes, training.temperature, training.alike), job, "tmr"
    )
    log = train(
        "tmr",
        learner,
        learner.batch_loss,
        CaptionedBatches(texted, tokens.of),
        training,
        job.seed,
        job.scratch / "tmr.safetensors",
        keep_best=False,
    )
    storage.save(
        job.outputs["model"],
        job.outputs["config"],
        learner.encoders(),
        {"part": "tmr", "sizes": sizes.model_dump(), "normalisation": normaliser.as_json()},
    )
    origin.write(job, "trained", seed=job.seed, epochs={"tmr": len(log)})
    write_logs(job.outputs["training"], {"tmr": log})
