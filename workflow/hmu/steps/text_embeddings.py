"""Embed every distinct text of a table once, for all models, repeats and methods."""

import numpy as np
import pandas as pd

from hmu.io import parquet
from hmu.models.stored import Stored
from hmu.run import device
from hmu.run.job import Job
from hmu.text import encoder


def run(job: Job) -> None:
    """Samples, or the prompts of a source, and text encoder -> the distinct captions (and the empty
    one), embedded."""
    where = device.choose(job.settings["device"])
    model = Stored("text_encoder", job.input("model"), job.input("config"))
    given = parquet.read(job.input("texts"), ["caption"])["caption"].to_pylist()
    captions = sorted({"", *given})
    np.save(job.outputs["embeddings"], encoder.load(model, where).embed(captions))
    table = pd.DataFrame({"caption": captions, "row": np.arange(len(captions), dtype=np.int32)})
    table.to_parquet(job.outputs["captions"], index=False)
