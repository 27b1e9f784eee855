"""Draw the first prompts of a set before and after unlearning, for people to look at."""

import numpy as np

from hmu.backbones.codec import Codec
from hmu.evaluation import asked
from hmu.io import parquet
from hmu.io.codes import CodeTable
from hmu.io.store import ClipStore
from hmu.motion import recover, render
from hmu.run import device
from hmu.run.job import Job
from hmu.unlearning.checkpoint import load_delta


def run(job: Job) -> None:
    """Generations of the original and of the variant -> one picture: real, before and after.

    ``prompts`` different captions of the plan's first repeat are shown, in the plan's order. A
    prompt that stands for no real motion has no strip of one.
    """
    where = device.choose(job.settings["device"])
    store = ClipStore(job.input("data"), job.input("index"))
    captions = parquet.read(job.input("prompts"), ["caption"])["caption"].to_pylist()
    wanted = asked.read(job.input("requests"), job.input("plan"))
    wanted["caption"] = [captions[row] for row in wanted["row"]]
    wanted = wanted[wanted["repeat"] == wanted["repeat"].min()].drop_duplicates("caption")
    wanted = wanted[: job.settings["prompts"]]
    delta = load_delta(job.inputs)
    before, after = Codec.open(job.inputs, where), Codec.open(job.inputs, where, delta)
    sources = []
    for label, codec, name in (
        ("original", before, "before"),
        (job.settings["variant"], after, "after"),
    ):
        table = CodeTable.read(job.input(name))
        rows = asked.rows_among(wanted, table.keys, job.input(name))
        sources.append((label, codec, [table.codes[row] for row in rows]))
    strips = []
    for number, request in enumerate(wanted.itertuples(index=False)):
        if request.clip is not None:
            real = store[request.clip][request.start : request.start + request.frames]
            strips.append((f"real: {request.caption}", recover.to_joints(np.asarray(real))))
        for label, codec, codes in sources:
            motion = codec.decode(codes[number][None])[0].cpu().numpy()
            strips.append((label, recover.to_joints(motion)))
    render.compare(strips, job.outputs["picture"], " · ".join(job.settings["address"]))
