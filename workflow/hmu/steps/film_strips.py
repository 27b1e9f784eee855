"""Draw the clearest prompts of a set before and after unlearning, for people to look at."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from hmu.evaluation import asked
from hmu.evaluation.made import Made
from hmu.figures import examples
from hmu.io import arrays, parquet
from hmu.io.store import ClipStore
from hmu.models.stored import Stored
from hmu.motion import recover, render
from hmu.run import device
from hmu.run.job import Job

_FIELDS_OF_ONE, _FIELDS_OF_SEVERAL = 8, 5


def run(job: Job) -> None:
    """Generations of the original and of variants -> one picture: real, before and after.

    ``prompts`` different captions of the plan's first repeat are shown, those that show the concept
    best (`hmu.figures.examples`), by its ``keywords`` and by the evaluator's embeddings of the
    original's motions, a row a request, and of the prompts with and without its words. A prompt
    that stands for no real motion has no strip of one. ``variants`` are [name, label]; several of
    them stand in rows, and the prompts side by side (the paper's Figures 5 and 6). Above the real
    motion stands its caption where the prompts are others (``explicit``).
    """
    variants = dict(job.settings["variants"])
    store = ClipStore(job.input("data"), job.input("index"))
    wanted = _clearest(job)
    sources = [("Original", list(_motions(job, wanted, "before")))]
    sources += [
        (label, list(_motions(job, wanted, f"after/{name}", name)))
        for name, label in variants.items()
    ]
    several = len(variants) > 1
    explicit = {}
    if told := job.optional("explicit"):
        explicit = dict(parquet.frame(told, ["sample", "caption"]).itertuples(index=False))
    columns = []
    for number, request in enumerate(wanted.itertuples(index=False)):
        strips = []
        if request.clip is not None:
            real = store[request.clip][request.start : request.start + request.frames]
            label = "Real" if several else f"Real: {request.caption}"
            label = f"Real: {explicit[request.sample]}" if explicit else label
            strips.append((label, recover.to_joints(np.asarray(real))))
        strips += [(label, motions[number]) for label, motions in sources]
        columns.append((request.caption, [render.Strip(*strip) for strip in strips]))
    title = " · ".join(job.settings["address"])
    if several:
        render.grid(columns, job.outputs["picture"], title, _FIELDS_OF_SEVERAL)
    else:
        rows = [(strip.label, strip.joints) for _, strips in columns for strip in strips]
        of_a_prompt = [len(strips) for _, strips in columns]
        render.compare(rows, job.outputs["picture"], title, _FIELDS_OF_ONE, together=of_a_prompt)


def _motions(job: Job, wanted: Any, name: str, variant: str | None = None) -> Iterator[np.ndarray]:
    """Joints of the motions of the input ``name`` that are wanted, decoded as the variant does."""
    inputs = {key: job.input(f"{key}/{variant}") for key in ("delta", "delta_origin") if variant}
    tokenizer = Stored.among(job.inputs, "tokenizer").inputs()
    where = device.choose(job.settings["device"])
    made = Made.of({**tokenizer, **inputs}, job.input(name), wanted, job.seed, where)
    for motion in made.features(np.arange(len(wanted))):
        yield recover.to_joints(motion.cpu().numpy())


def _clearest(job: Job) -> Any:
    """The motions to draw, with their captions."""
    named = ["sample"] if "explicit" in job.inputs else []
    prompts = parquet.frame(job.input("prompts"), ["caption", "tokens", *named])
    wanted = asked.read(job.input("requests"), job.input("plan"))
    wanted["request"] = parquet.read(job.input("plan"), ["request"])["request"].to_numpy()
    wanted = wanted[wanted["repeat"] == wanted["repeat"].min()]
    wanted = wanted.merge(prompts, left_on="row", right_index=True)
    embeddings = [
        arrays.read_result(job.input(f"embedded_{name}"))[wanted[key]]
        for name, key in (("motions", "request"), ("texts", "row"), ("masked", "row"))
    ]
    ordered = examples.clearest_first(wanted, job.settings["keywords"], *embeddings)
    return ordered.drop_duplicates("caption")[: job.settings["prompts"]]
