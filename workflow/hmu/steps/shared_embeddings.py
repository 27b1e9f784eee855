"""Embed what is the same for all methods: real motions, captions, and captions masked."""

import numpy as np
import pandas as pd
import torch

from hmu.evaluation import embedding
from hmu.io import parquet
from hmu.io.store import ClipStore
from hmu.models import storage
from hmu.models.evaluator import Evaluator, EvaluatorSizes
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.text import vectors


def run(job: Job) -> None:
    """Plan and features -> ``real`` (a row a plan row); samples -> ``text`` and ``masked``.

    ``masked`` embeds the captions with the concept's keywords replaced by ``***``; ``texts`` says
    which sample stands in which row and whether masking changed it.
    """
    where = device.choose(job.settings["device"])
    evaluator = storage.load(Evaluator, EvaluatorSizes, "evaluator", job.inputs, where)
    store = ClipStore(job.input("data"), job.input("index"))
    normaliser = Normaliser.of_model(job.input("evaluator_config"))
    samples = parquet.frame(job.input("samples"))
    plan = parquet.frame(job.input("plan")).merge(
        samples[["sample", "clip"]], on="sample", how="left", validate="many_to_one"
    )
    # Captions and repeats share crops: each is embedded once.
    crops, rows = np.unique(
        np.stack([pd.factorize(plan["clip"])[0], plan["start"], plan["frames"]], axis=1),
        axis=0,
        return_inverse=True,
    )
    clips = pd.factorize(plan["clip"])[1]

    def motion(row: int) -> np.ndarray:
        clip, start, frames = crops[row]
        return normaliser.forward(store[clips[clip]][start : start + frames])

    found = embedding.of_motions(evaluator, crops[:, 2], motion, where)
    np.save(job.outputs["real"], found[rows])

    words = vectors.read(job.inputs, job.seed)
    keywords = job.settings["keywords"]
    masked = [vectors.mask_tokens(tokens, keywords) for tokens in samples["tokens"]]
    for name, texts in (("text", list(samples["tokens"])), ("masked", masked)):
        encoded = words.encode([tokens.split(" ") for tokens in texts])
        with torch.no_grad():
            embedded = evaluator.embed_text(*(torch.from_numpy(each).to(where) for each in encoded))
        np.save(job.outputs[name], embedded.cpu().numpy())
    changed = [one != other for one, other in zip(samples["tokens"], masked, strict=True)]
    table = pd.DataFrame({"sample": samples["sample"], "is_masked": changed})
    table.to_parquet(job.outputs["texts"], index=False)
