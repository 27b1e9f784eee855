"""The evaluation plan: which real crops and captions are measured, in which order, each repeat.

The plan holds every random choice of the protocol that does not concern a model, so that all
models are measured on the same pools, captions, crops and lengths. Source: the paper's section 5
and `Text2MotionDatasetEval` of the reference (Mamiglia/momask-codes, data/t2m_dataset.py).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hmu import rng
from hmu.errors import InputError
from hmu.io.codes import FRAMES_PER_TOKEN

SPLIT = "test"
SCHEMA = pa.schema(
    [
        ("repeat", pa.int16()),
        ("position", pa.int32()),
        ("sample", pa.string()),
        ("motion", pa.string()),
        ("start", pa.int32()),
        ("frames", pa.int32()),
        ("draw", pa.int16()),
    ]
)
PAIRS = pa.schema(
    [
        ("repeat", pa.int16()),
        ("sample", pa.string()),
        ("frames", pa.int32()),
        ("pair", pa.int16()),
        ("draw", pa.int16()),
    ]
)


@dataclass(frozen=True)
class Protocol:
    """How a set is evaluated.

    ``captions`` is "all" (every caption of a motion is a sample of its own, as in the reference)
    or "one" (a motion is one sample and its caption is drawn again each repeat, as in MoMask).
    """

    repeats: int = 20
    pool: int = 32
    captions: str = "all"


def select(samples: pa.Table, clips: pa.Table, subset: str) -> pa.Table:
    """The test samples whose clip is in ``subset`` ("forget" or "retain"), sorted by sample.

    ``samples`` needs the columns sample, clip and split, ``clips`` clip and forget. Sorting makes
    the plan the same however the samples were ordered in their file.
    """
    wanted = pc.filter(clips["clip"], pc.equal(clips["forget"], subset == "forget"))
    inside = pc.is_in(samples["clip"], value_set=wanted.combine_chunks().unique())
    chosen = samples.filter(pc.and_(inside, pc.equal(samples["split"], SPLIT)))
    return chosen.sort_by("sample")


def build(
    samples: pa.Table, motions: pa.Table, subset: str, protocol: Protocol, seed: int
) -> pa.Table:
    """The plan of one set, with the columns of ``SCHEMA``, ordered by repeat and position.

    ``samples`` (sample, motion) are those of the set, ``motions`` (motion, start, frames) give
    each motion's place in its clip. Draw 0 of a sample is the motion that stands for it. Raises
    InputError when the set does not fill one pool.
    """
    names = samples["sample"].to_numpy(zero_copy_only=False)
    owners = samples["motion"].to_numpy(zero_copy_only=False)
    place = _places(motions)
    unknown = sorted(set(owners) - place.keys())
    if unknown:
        raise InputError(
            f"The samples name {len(unknown)} motions that the table of motions lacks "
            f"({unknown[0]}, …): make both again from the same captions."
        )
    units = _units(owners, protocol.captions)
    kept = len(units) // protocol.pool * protocol.pool
    if kept == 0:
        raise InputError(
            f"The {subset} set has {len(units)} samples in the {SPLIT} split, fewer than one pool "
            f"of {protocol.pool}: lower evaluation.pool, or choose a concept with more clips."
        )
    blocks = []
    for repeat in range(protocol.repeats):
        order = rng.generator(seed, "plan", subset, repeat).permutation(len(units))[:kept]
        chosen = [_caption(units[unit], names, owners, seed, repeat) for unit in order]
        crops = [crop(place[owners[i]], seed, names[i], repeat) for i in chosen]
        position = np.arange(kept, dtype=np.int32)
        blocks.append(
            pa.table(
                [
                    np.full(kept, repeat, dtype=np.int16),
                    position,
                    names[chosen],
                    owners[chosen],
                    np.array([start for start, _ in crops], dtype=np.int32),
                    np.array([frames for _, frames in crops], dtype=np.int32),
                    np.zeros(kept, dtype=np.int16),
                ],
                schema=SCHEMA,
            )
        )
    return pa.concat_tables(blocks)


def pairs(plan: pa.Table, subset: str, samples: int, draws: int, count: int, seed: int) -> pa.Table:
    """Which motions MultiModality compares: two rows a pair, with the columns of ``PAIRS``.

    Each of the first ``samples`` of a repeat of the ``plan`` has ``count`` pairs out of ``draws``
    further motions, numbered from 1. Either side of the pairs is drawn without replacement and on
    its own, so a motion may meet itself, and is the same for all samples of a repeat, as in the
    reference (Mamiglia/momask-codes, utils/metrics.py, calculate_multimodality). The reference
    generates all ``draws`` before it draws pairs. Those in no pair change nothing, so they are
    neither listed nor made.
    """
    first = plan.filter(pc.less(plan["position"], samples)).to_pandas()
    blocks = []
    for repeat, own in first.groupby("repeat"):
        draw = rng.generator(seed, "pairs", subset, repeat)
        sides = [1 + draw.choice(draws, count, replace=False) for _ in range(2)]
        meet = {"pair": np.arange(count).repeat(2), "draw": np.stack(sides, axis=1).flatten()}
        blocks.append(own[["repeat", "sample", "frames"]].merge(pd.DataFrame(meet), how="cross"))
    return pa.Table.from_pandas(pd.concat(blocks), PAIRS, preserve_index=False)


def crop(place: tuple[int, int], seed: int, sample: str, repeat: int) -> tuple[int, int]:
    """First frame in the clip and number of frames of one sample's crop of its real motion.

    The reference keeps all whole tokens of the motion in two cases of three, one token less in
    the third, and starts anywhere that fits.
    """
    start, frames = place
    draw = rng.generator(seed, "crop", sample, repeat)
    tokens = frames // FRAMES_PER_TOKEN - int(draw.integers(3) == 2)
    length = tokens * FRAMES_PER_TOKEN
    return start + int(draw.integers(frames - length + 1)), length


def _places(motions: pa.Table) -> dict[str, tuple[int, int]]:
    """Start and number of frames of each motion, in its clip."""
    columns = [motions[name].to_pylist() for name in ("motion", "start", "frames")]
    place = {motion: (start, frames) for motion, start, frames in zip(*columns, strict=True)}
    short = [motion for motion, (_, frames) in place.items() if frames < 2 * FRAMES_PER_TOKEN]
    if short:
        raise InputError(
            f"Motion {short[0]} has {place[short[0]][1]} frames, too few to crop whole tokens: "
            "make the table of motions again with the length limits of the benchmark."
        )
    return place


def _units(owners: np.ndarray, captions: str) -> list[list[int]]:
    """What is shuffled: rows of samples, one row a unit, or all rows of a motion."""
    if captions == "all":
        return [[row] for row in range(len(owners))]
    rows: dict[str, list[int]] = {}
    for row, motion in enumerate(owners):
        rows.setdefault(motion, []).append(row)
    return [rows[motion] for motion in sorted(rows)]


def _caption(rows: list[int], names: np.ndarray, owners: np.ndarray, seed: int, repeat: int) -> int:
    """The row of the caption that stands for a unit in this repeat."""
    if len(rows) == 1:
        return rows[0]
    draw = rng.generator(seed, "caption", owners[rows[0]], repeat)
    return rows[int(draw.integers(len(rows)))]
