"""Draw the first prompts of a set before and after unlearning, for people to look at."""

import numpy as np
import torch

from hmu.io import parquet
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore
from hmu.models import storage
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from hmu.motion import recover, render
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.delta import load_delta


def run(job: Job) -> None:
    """Generations of the base and of the variant -> one picture: real, before and after.

    ``prompts`` different captions of the plan's first repeat are shown, in the plan's order.
    """
    where = device.choose(job.settings["device"])
    normaliser = Normaliser.of_model(job.input("tokenizer_config"))
    store = ClipStore(job.input("data"), job.input("index"))
    samples = parquet.frame(job.input("samples")).set_index("sample")
    plan = parquet.frame(job.input("plan"))
    first = plan[plan["repeat"] == plan["repeat"].min()].set_index("sample")
    delta = load_delta(job.inputs)
    inputs, kind = job.inputs, TokenizerSizes
    before = storage.load(Tokenizer, kind, "tokenizer", inputs, where)
    after = storage.load(Tokenizer, kind, "tokenizer", inputs, where, delta)
    sources = [
        (label, tokenizer, CodeTable.read(job.input(name), repeat=0, draw=0))
        for label, tokenizer, name in (
            ("original", before, "base"),
            (job.settings["variant"], after, "generations"),
        )
    ]
    captions = samples["caption"].reindex(first.index)
    chosen = captions[~captions.duplicated()].index[: job.settings["prompts"]]
    rows = []
    for sample in chosen:
        span = first.loc[sample]
        clip = store[samples.loc[sample, "clip"]]
        real = clip[span["start"] : span["start"] + span["frames"]]
        caption = samples.loc[sample, "caption"]
        rows.append((f"real: {caption}", recover.to_joints(np.asarray(real))))
        for label, tokenizer, table in sources:
            index = int(np.flatnonzero(table.keys["sample"] == sample)[0])
            codes = torch.from_numpy(table.codes[index][None].astype(np.int64)).to(where)
            with torch.no_grad():
                motion = tokenizer.decode(codes)[0].cpu().numpy()
            rows.append((label, recover.to_joints(normaliser.inverse(motion))))
    address = " · ".join(job.settings["address"])
    render.compare(rows, job.outputs["picture"], address)
