"""All metrics from stored embeddings, 20 repeats, beside the functions of the reference."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import official
from benchmarks.timing import Bench, Case, Skip
from benchmarks.workspace import Workspace
from hmu import registry, rng
from hmu.steps import metric

_DIM = 512
_POOL = 32
SETTINGS = {"pool": _POOL, "diversity_pairs": 300, "multimodality_pairs": 10, "mm_safe": "paper"}


def cases(bench: Bench) -> Iterator[Case]:
    """The clips of HumanML3D's test set, three pools with 30 draws."""
    repeats, count, draws = 20, bench.size(4384, 640), 30
    with tempfile.TemporaryDirectory() as place:
        space = Workspace(Path(place), bench)
        real, text, generated, several = store(space, repeats, count, draws)
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
            yield Case("metrics alone", size, ours, reference, 3.0, 10.0, 2, note)


def measure(space: Workspace, name: str) -> None:
    """Our step for one metric, of the files in ``space``."""
    inputs = "plan real text masked texts generations generated"
    renamed = {"masked": "masked_text", "metric": f"{name}.parquet"}
    metric.run(space.job(inputs, "metric", renamed, **{**SETTINGS, "metric": name}))


def store(space: Workspace, repeats: int, count: int, draws: int) -> tuple[np.ndarray, ...]:
    """Write a plan, its tables and random embeddings.

    Returns real and text embeddings (count, d), generated ones (repeats, count, d), and those of
    the pools with several draws (captions, draws, d) in the first repeat.
    """
    draw = rng.generator(0, "benchmark embeddings")
    samples = [f"{number:06d}" for number in range(count)]
    several = np.arange(count) < 3 * _POOL
    columns: dict[str, Any] = {"repeat": np.repeat(np.arange(repeats, dtype=np.int16), count)}
    columns |= {"sample": samples * repeats, "multimodality": np.tile(several, repeats)}
    space.table("plan", columns)
    space.table("texts", {"sample": samples, "is_masked": several})
    each = np.where(columns["multimodality"], draws, 1)
    place = np.repeat(np.arange(repeats * count), each)
    columns = {name: np.asarray(column)[place] for name, column in columns.items()}
    columns["draw"] = np.arange(len(place)) - np.repeat(each.cumsum() - each, each)
    space.table("generations", columns)
    real, text = draw.standard_normal((2, count, _DIM), dtype=np.float32)
    made = draw.standard_normal((len(place), _DIM), dtype=np.float32)
    for name, values in (("real", np.tile(real, (repeats, 1))), ("generated", made)):
        np.save(space.path(name), values)
    for name in ("text", "masked_text"):
        np.save(space.path(name), text)
    first = made[each.cumsum() - each].reshape(repeats, count, _DIM)
    return real, text, first, made[: several.sum() * draws].reshape(-1, draws, _DIM)
