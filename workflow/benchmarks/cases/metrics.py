"""All metrics of stored embeddings, 20 repeats, beside the functions of the reference."""

import tempfile
from collections.abc import Iterator, Set
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import official
from benchmarks.timing import Bench, Case, Skip
from benchmarks.workspace import Workspace
from hmu import registry, rng
from hmu.evaluation import plan
from hmu.evaluation.prompts import table
from hmu.interface.prompts import Prompt
from hmu.sections.evaluation import Protocol
from hmu.steps import metric

_DIM = 512
POOL = 32
SETTINGS = {"pool": POOL, "diversity_pairs": 300, "mm_safe": "paper"}
DRAWS = 30
DESCRIBED = {
    *("real/embedding", "generated/embedding", "pairs/embedding", "text/embedding"),
    *("masked/embedding", "masked/hidden_words"),
}
"""What there is to measure, as in the reference."""


def cases(bench: Bench) -> Iterator[Case]:
    """The clips of HumanML3D's test set, three pools with pairs among 30 motions of a caption."""
    repeats, count = 20, bench.size(4384, 640)
    with tempfile.TemporaryDirectory() as place:
        space = Workspace(Path(place), bench)
        real, text, generated, several = store(space, repeats, count)
        try:
            folder = official.checkout(bench, "EricGuo5513", "momask-codes")
            reason = ""
        except Skip as why:
            folder, reason = None, str(why)

        def ours() -> None:
            for name in measured(DESCRIBED):
                measure(space, name)

        size = f"{repeats} repeats of {count} clips"
        if folder is None:
            yield Case("metrics alone", size, ours, seconds=10.0, note=reason)
            return
        with official.importing(folder) as load:
            theirs = load("utils.metrics")

            def reference() -> None:
                for repeat in range(repeats):
                    made = generated[repeat]
                    for begin in range(0, count, POOL):
                        pool = slice(begin, begin + POOL)
                        for motions in (real[pool], made[pool]):
                            theirs.calculate_R_precision(text[pool], motions, 3, sum_all=True)
                            theirs.euclidean_distance_matrix(text[pool], motions).trace()
                    both = [theirs.calculate_activation_statistics(x) for x in (real, made)]
                    for motions in (real, made):
                        theirs.calculate_diversity(motions, 300)
                    theirs.calculate_multimodality(several, 10)
                    theirs.calculate_frechet_distance(*both[0], *both[1])

            note = "official: without MM-Safe"
            yield Case("metrics alone", size, ours, reference, None, 10.0, 2, note)


def measured(described: Set[str]) -> list[str]:
    """The metrics that read nothing else."""
    reads = {
        name: registry.literals("metrics", name)["READS"] for name in registry.names("metrics")
    }
    return [name for name, fields in reads.items() if {*fields.values()} <= described]


def measure(space: Workspace, name: str) -> None:
    """Our step for one metric, of the files in ``space``."""
    reads = registry.literals("metrics", name)["READS"]
    described = {field: f"described/{address}" for field, address in reads.items()}
    inputs = " ".join(["rows", "pairs", *reads])
    outputs = {each: f"{name}-{each}" for each in ("values", "motions")}
    job = space.job(inputs, "values", described, **SETTINGS, metric=name, planned=False)
    written = {each: space.path(path) for each, path in outputs.items()}
    metric.run(job._replace(outputs=written))


def planned(
    space: Workspace, prompts: list[Prompt], frames: list[int], repeats: int, several: int
) -> None:
    """Write prompts of motions of so many frames, their requests, the rows of a plan of all of
    them, and the pairs of ``several`` captions of each repeat."""
    names = [prompt.name for prompt in prompts]
    samples = pd.DataFrame({"sample": names, "motion": names, "clip": names})
    told = table(prompts, samples, "benchmark")
    motions = pd.DataFrame({"motion": names, "start": 0, "frames": frames})
    # One repeat is enough to time, where an interval needs two.
    protocol = Protocol(pool=POOL).model_copy(update={"repeats": repeats})
    asked = plan.requests(told, pa.Table.from_pandas(motions, preserve_index=False), protocol, 0)
    everyone = plan.members(told, None, "all")
    order = plan.build(told, asked, everyone, "all", protocol, 0)
    pairs, met = plan.pairs(order, asked, "all", several, DRAWS, 10, 0)
    plan.rows(order, len(asked), len(told)).write(space.path("rows"))
    pairs.write(space.path("pairs"))
    for name, written in (("prompts", told), ("requests", asked), ("pair_requests", met)):
        pq.write_table(written, space.path(name))


def store(space: Workspace, repeats: int, count: int) -> tuple[np.ndarray, ...]:
    """Write a plan and random embeddings.

    Returns real and text embeddings (count, d), generated ones (repeats, count, d), and those of
    as many motions of each caption as pairs are drawn among, (captions, draws, d).
    """
    draw = rng.generator(0, "benchmark embeddings")
    samples = [f"{number:06d}" for number in range(count)]
    prompts = [Prompt(name, name, "a/DET", name) for name in samples]
    planned(space, prompts, [40] * count, repeats, 3 * POOL)
    met = pq.read_metadata(space.path("pair_requests")).num_rows
    real, text = draw.standard_normal((2, count, _DIM), dtype=np.float32)
    generated = draw.standard_normal((repeats, count, _DIM), dtype=np.float32)
    for address, rows in {
        "real/embedding": np.tile(real, (repeats, 1)),
        "generated/embedding": generated.reshape(-1, _DIM),
        "pairs/embedding": draw.standard_normal((met, _DIM), dtype=np.float32),
        "text/embedding": text,
        "masked/embedding": text,
        "masked/hidden_words": (np.arange(count) < 3 * POOL)[:, None].astype(np.float32),
    }.items():
        path = space.path(f"described/{address}")
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, rows)
    several = draw.standard_normal((3 * POOL, DRAWS, _DIM), dtype=np.float32)
    return real, text, generated, several
