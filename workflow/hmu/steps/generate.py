"""Generate the codes of every motion that a plan asks for."""

import pyarrow as pa

from hmu import backbones
from hmu.generation.sampling import Request, generate
from hmu.io import codes, parquet
from hmu.models import storage
from hmu.models.batches.tables import caption_table
from hmu.models.tokenizer import TokenizerSizes
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.delta import load_delta


def run(job: Job) -> None:
    """Plan or pairs, caption embeddings and transformers -> generations.

    What is planned several times, as a motion of two pairs is, is generated once. Lengths are those
    of the plan, cut to whole tokens of the tokenizer that the transformers were trained with; or
    the model's own, when it predicts them and ``predict_length`` is set.
    """
    settings = job.settings
    where = device.choose(settings["device"])
    delta = load_delta(job.inputs)
    masked, residual = backbones.load(job.inputs, where, delta)
    tokenizer = storage.load_sizes(job.input("tokenizer_config"), TokenizerSizes)
    text, rows = caption_table(job.inputs)
    samples = parquet.frame(job.input("samples"))
    caption_of = dict(zip(samples["sample"], samples["caption"], strict=True))
    plan = parquet.frame(job.input("plan")).drop_duplicates(["repeat", "sample", "draw"])
    predicts = masked.predicts_length and settings["predict_length"]
    requests = [
        Request(
            sample,
            repeat,
            draw,
            0 if predicts else frames // tokenizer.frames_per_token,
            rows[caption_of[sample]],
        )
        for repeat, sample, draw, frames in zip(
            plan["repeat"], plan["sample"], plan["draw"], plan["frames"], strict=True
        )
    ]
    told = {**settings, "longest": tokenizer.longest}
    found = generate(masked, residual, text, requests, told, job.seed, where)
    keys = {
        "repeat": pa.array([request.repeat for request in requests], pa.int16()),
        "draw": pa.array([request.draw for request in requests], pa.int16()),
        "sample": pa.array([request.sample for request in requests]),
    }
    codes.write(job.outputs["generations"], keys, found, residual.sizes.quantizers)
