"""Draw the clearest prompts of a set before and after unlearning, for people to look at."""

from typing import Any

import numpy as np

from hmu.backbones.codec import Codec
from hmu.evaluation import asked
from hmu.figures import examples
from hmu.io import parquet
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore
from hmu.models.stored import Stored
from hmu.motion import recover, render
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.checkpoint import load_delta


def run(job: Job) -> None:
    """Generations of the original and of the variant -> one picture: real, before and after.

    ``prompts`` different captions of the plan's first repeat are shown, those that show the concept
    best (`hmu.figures.examples`), by its ``keywords`` and by the evaluator's embeddings of the
    original's motions, a row a request, and of the prompts with and without its words. A prompt
    that stands for no real motion has no strip of one.
    """
    where = device.choose(job.settings["device"])
    store = ClipStore(job.input("data"), job.input("index"))
    wanted = _clearest(job)
    delta = load_delta(job.inputs)
    tokenizer = Stored.among(job.inputs, "tokenizer")
    before, after = Codec.open(tokenizer, where), Codec.open(tokenizer, where, delta)
    sources = []
    for label, codec, name in (
        ("original", before, "before"),
        (job.settings["variant"], after, "after"),
    ):
        table = CodeTable.read(job.input(name))
        rows = asked.rows_among(wanted, table.keys, job.input(name))
        frames = table.keys["frames"].to_numpy()[rows]
        sources.append((label, codec, [table.codes[row] for row in rows], frames))
    strips = []
    for number, request in enumerate(wanted.itertuples(index=False)):
        if request.clip is not None:
            real = store[request.clip][request.start : request.start + request.frames]
            strips.append((f"real: {request.caption}", recover.to_joints(np.asarray(real))))
        for label, codec, codes, frames in sources:
            motion = codec.decode(codes[number][None])[0][: frames[number]].cpu().numpy()
            strips.append((label, recover.to_joints(motion)))
    render.compare(strips, job.outputs["picture"], " · ".join(job.settings["address"]))


def _clearest(job: Job) -> Any:
    """The motions to draw, with their captions."""
    prompts = parquet.frame(job.input("prompts"), ["caption", "tokens"])
    wanted = asked.read(job.input("requests"), job.input("plan"))
    wanted["request"] = parquet.read(job.input("plan"), ["request"])["request"].to_numpy()
    wanted = wanted[wanted["repeat"] == wanted["repeat"].min()]
    wanted = wanted.merge(prompts, left_on="row", right_index=True)
    embeddings = [
        np.load(job.input(f"embedded_{name}"), mmap_mode="r")[wanted[key]]
        for name, key in (("motions", "request"), ("texts", "row"), ("masked", "row"))
    ]
    ordered = examples.clearest_first(wanted, job.settings["keywords"], *embeddings)
    return ordered.drop_duplicates("caption")[: job.settings["prompts"]]
