"""Train the evaluator: first the movement autoencoder, then text-motion matching."""

from functools import partial

import numpy as np

from hmu.io import parquet
from hmu.io.store import ClipStore
from hmu.models import fitting, origin, storage
from hmu.models.batches.matching import MatchingBatches
from hmu.models.batches.tables import Rows
from hmu.models.batches.windows import WindowBatches
from hmu.models.curves import write_logs
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.training import train
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.evaluator import EvaluatorSection, EvaluatorSizes
from hmu.text import vectors


def run(job: Job) -> None:
    """Features and captions of the training clips -> evaluator, as text-to-motion trains it."""
    section = EvaluatorSection.of(job.settings)
    where = device.choose(job.settings["device"])
    store = ClipStore(job.input("data"), job.input("index"))
    normaliser = Normaliser.read(job.input("mean"), job.input("std"))
    movement, matching = section.movement_training, section.matching_training
    sizes = EvaluatorSizes.of(section)

    windows = WindowBatches(
        store,
        normaliser,
        Rows.read(job.input("motions"), None),
        movement.window,
        movement.batch,
        movement.windows_per_clip,
        where,
    )

    autoencoder = fitting.initialise(lambda: MovementAutoencoder(sizes), job, "movement")
    movement_log = train(
        "movement",
        autoencoder,
        autoencoder.loss,
        windows,
        movement,
        job.seed,
        job.scratch / "movement.safetensors",
    )
    model = fitting.initialise(lambda: Evaluator(sizes), job, "evaluator")
    model.movement_encoder.load_state_dict(autoencoder.encoder.state_dict())
    model.movement_encoder.requires_grad_(False)

    samples = Rows.read(job.input("samples"), None)
    pairs = MatchingBatches(
        store,
        normaliser,
        samples,
        _encode(samples, job),
        parquet.frame(job.input("motions")),
        matching.batch,
        where,
    )

    matching_log = train(
        "matching",
        model,
        partial(model.batch_loss, margin=matching.margin),
        pairs,
        matching,
        job.seed,
        job.scratch / "matching.safetensors",
    )
    storage.save(
        job.outputs["model"],
        job.outputs["config"],
        model,
        {
            "part": "evaluator",
            "sizes": sizes.model_dump(),
            "normalisation": normaliser.as_json(),
        },
    )
    logs = {"movement": movement_log, "matching": matching_log}
    epochs = {name: len(log) for name, log in logs.items()}
    origin.write(job, "trained", seed=job.seed, epochs=epochs)
    write_logs(job.outputs["training"], logs)


def _encode(samples: Rows, job: Job) -> dict[str, tuple[np.ndarray, np.ndarray, int]]:
    """Word vectors, tags and length of every distinct token string."""
    words = vectors.read(job.inputs, job.seed)
    texts = sorted({*samples.training["tokens"], *samples.validation["tokens"]})
    encoded = words.encode([tokens.split(" ") for tokens in texts])
    return {
        text: (word, tag, int(length))
        for text, word, tag, length in zip(texts, *encoded, strict=True)
    }
