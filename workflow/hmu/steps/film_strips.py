"""Draw the first prompts of a set before and after unlearning, for people to look at."""

import numpy as np
import torch

from hmu.evaluation import asked
from hmu.io import parquet
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore
from hmu.models import storage
from hmu.models.tokenizer import Tokenizer
from hmu.motion import recover, render
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.tokenizer import TokenizerSizes
from hmu.unlearning.checkpoint import load_delta


def run(job: Job) -> None:
    """Generations of the original and of the variant -> one picture: real, before and after.

    ``prompts`` different captions of the plan's first repeat are shown, in the plan's order. A
    prompt that stands for no real motion has no strip of one.
    """
    where = device.choose(job.settings["device"])
    normaliser = Normaliser.of_model(job.input("tokenizer_config"))
    store = ClipStore(job.input("data"), job.input("index"))
    captions = parquet.read(job.input("prompts"), ["caption"])["caption"].to_pylist()
    wanted = asked.read(job.input("requests"), job.input("plan"))
    wanted["caption"] = [captions[row] for row in wanted["row"]]
    wanted = wanted[wanted["repeat"] == wanted["repeat"].min()].drop_duplicates("caption")
    wanted = wanted[: job.settings["prompts"]]
    delta = load_delta(job.inputs)
    inputs, kind = job.inputs, TokenizerSizes
    before = storage.load(Tokenizer, kind, "tokenizer", inputs, where)
    after = storage.load(Tokenizer, kind, "tokenizer", inputs, where, delta)
    sources = []
    for label, tokenizer, name in (
        ("original", before, "before"),
        (job.settings["variant"], after, "after"),
    ):
        table = CodeTable.read(job.input(name))
        rows = asked.rows_among(wanted, table.keys, job.input(name))
        sources.append((label, tokenizer, [table.codes[row] for row in rows]))
    strips = []
    for number, request in enumerate(wanted.itertuples(index=False)):
        if request.clip is not None:
            real = store[request.clip][request.start : request.start + request.frames]
            strips.append((f"real: {request.caption}", recover.to_joints(np.asarray(real))))
        for label, tokenizer, codes in sources:
            row = torch.from_numpy(codes[number][None].astype(np.int64)).to(where)
            with torch.no_grad():
                motion = tokenizer.decode(row)[0].cpu().numpy()
            strips.append((label, recover.to_joints(normaliser.inverse(motion))))
    render.compare(strips, job.outputs["picture"], " · ".join(job.settings["address"]))
