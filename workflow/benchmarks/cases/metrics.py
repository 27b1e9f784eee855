"""All metrics from stored embeddings, 20 repeats, beside the functions of the reference."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import official
from benchmarks.timing import Bench, Case, Skip
from benchmarks.workspace import Workspace
from hmu import registry, rng
from hmu.steps import metric, pairs

_DIM = 512
_POOL = 32
SETTINGS = {"pool": _POOL, "diversity_pairs": 300, "mm_safe": "paper"}
DRAWS = 30


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
            for name in registry.names("metrics"):
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
                    for begin in range(0, count, _POOL):
                        pool = slice(begin, begin + _POOL)
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


def measure(space: Workspace, name: str) -> None:
    """Our step for one metric, of the files in ``space``."""
    inputs = "plan real text masked texts"
    for kind, files in (
        ("generated", "generations generated"),
        ("pairs", "pairs pair_generations pair_generated"),
    ):
        if kind in registry.literals("metrics", name)["INPUTS"]:
            inputs += f" {files}"
    renamed = {"masked": "masked_text", "metric": f"{name}.parquet"}
    metric.run(space.job(inputs, "metric", renamed, **{**SETTINGS, "metric": name}))


def planned(space: Workspace, names: list[str], frames: list[int], repeats: int) -> None:
    """Write the plan of these samples, and the pairs of the first three pools of each repeat."""
    columns: dict[str, Any] = {"repeat": np.repeat(np.arange(repeats), len(names))}
    columns |= {"position": np.tile(np.arange(len(names)), repeats), "sample": names * repeats}
    space.table("plan", columns | {"start": 0, "frames": frames * repeats, "draw": 0})
    pairs.run(space.job("plan", "pairs", {}, set="all", samples=3 * _POOL, draws=DRAWS, pairs=10))


def store(space: Workspace, repeats: int, count: int) -> tuple[np.ndarray, ...]:
    """Write a plan, its tables and random embeddings.

    Returns real and text embeddings (count, d), generated ones (repeats, count, d), and those of
    as many motions of each caption as pairs are drawn among, (captions, draws, d).
    """
    draw = rng.generator(0, "benchmark embeddings")
    samples = [f"{number:06d}" for number in range(count)]
    planned(space, samples, [0] * count, repeats)
    space.table("texts", {"sample": samples, "is_masked": np.arange(count) < 3 * _POOL})
    for plan, name in (("plan", "generations"), ("pairs", "pair_generations")):
        motions = pd.read_parquet(space.path(plan))[["repeat", "sample", "draw"]].drop_duplicates()
        motions.to_parquet(space.path(name), index=False)
        made = draw.standard_normal((len(motions), _DIM), dtype=np.float32)
        np.save(space.path(name.replace("generations", "generated")), made)
    real, text = draw.standard_normal((2, count, _DIM), dtype=np.float32)
    np.save(space.path("real"), np.tile(real, (repeats, 1)))
    for name in ("text", "masked_text"):
        np.save(space.path(name), text)
    generated = np.load(space.path("generated")).reshape(repeats, count, _DIM)
    several = draw.standard_normal((3 * _POOL, DRAWS, _DIM), dtype=np.float32)
    return real, text, generated, several
