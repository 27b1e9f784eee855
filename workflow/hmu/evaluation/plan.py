"""The evaluation plan: which prompts are measured, in which order, on which real crops.

Every random choice of the protocol that does not concern a model is made here, so that all models
are measured on the same pools, captions, crops and lengths. What does not depend on the set comes
first: `requests`, each prompt of a source in each repeat. A set's plan is rows of them. Source: the
paper's section 5 and `Text2MotionDatasetEval` of the reference (Mamiglia/momask-codes,
data/t2m_dataset.py).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hmu import rng
from hmu.errors import InputError
from hmu.evaluation.prompts import SPLIT
from hmu.evaluation.rows import Meetings, Planned
from hmu.sections.evaluation import Protocol
from hmu.sections.tokenizer import UNIT_LENGTH

REQUESTS = pa.schema(
    [
        ("repeat", pa.int16()),
        ("prompt", pa.string()),
        ("draw", pa.int16()),
        ("row", pa.int32()),
        ("clip", pa.string()),
        ("start", pa.int32()),
        ("frames", pa.int32()),
    ]
)
"""Motions to make. ``row`` is the prompt's in the table of prompts; ``clip``, ``start`` and
``frames`` are the crop of the real motion that stands beside it, where there is one."""
PLAN = pa.schema(
    [
        ("repeat", pa.int16()),
        ("position", pa.int32()),
        ("request", pa.int32()),
        ("row", pa.int32()),
    ]
)
"""A set, in pools: ``request`` is the row in the requests, ``row`` that in the prompts."""


def requests(prompts: pa.Table, motions: pa.Table, protocol: Protocol, seed: int) -> pa.Table:
    """Each prompt in each repeat, with the columns of ``REQUESTS``, by repeat and prompt.

    ``prompts`` as `hmu.evaluation.prompts` makes them; ``motions`` (motion, start, frames) give
    each motion's place in its clip. With "one" caption a motion, those that are drawn. The crop
    belongs to the sample that a prompt stands for: a caption in other words has the caption's.
    Raises InputError when the prompts stand for motions that the table lacks.
    """
    names = prompts["prompt"].to_pylist()
    owners, clips = prompts["motion"].to_pylist(), prompts["clip"].to_pylist()
    samples, lengths = prompts["sample"].to_pylist(), prompts["frames"].to_pylist()
    place = _places(motions)
    unknown = sorted({owner for owner in owners if owner is not None} - place.keys())
    if unknown:
        raise InputError(
            f"The prompts name {len(unknown)} motions that the table of motions lacks "
            f"({unknown[0]}, …): make both again from the same captions."
        )
    units = _units(owners, np.arange(len(owners)), protocol.captions)
    columns: dict[str, list[object]] = {name: [] for name in REQUESTS.names}
    for repeat in range(protocol.repeats):
        for row in sorted(_caption(unit, owners, seed, repeat) for unit in units):
            start, frames = None, lengths[row]
            if owners[row] is not None:
                start, frames = crop(place[owners[row]], seed, samples[row], repeat)
            values = (repeat, names[row], 0, row, clips[row], start, frames)
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    return pa.table(columns, schema=REQUESTS)


def members(prompts: pa.Table, clips: pa.Table | None, side: str) -> np.ndarray:
    """Which prompts are in a set, bool (n,): those of clips of one ``side``, "forget" or "retain".

    ``clips`` has the columns clip and forget; without it, all are. A prompt that stands for no clip
    is on no side.
    """
    if clips is None:
        return np.ones(len(prompts), dtype=bool)
    wanted = pc.filter(clips["clip"], pc.equal(clips["forget"], side == "forget"))
    inside = pc.is_in(prompts["clip"], value_set=wanted.combine_chunks().unique())
    found: np.ndarray = inside.to_numpy()
    return found


def build(
    prompts: pa.Table,
    requests: pa.Table,
    chosen: np.ndarray,
    name: str,
    protocol: Protocol,
    seed: int,
) -> pa.Table:
    """The plan of the set ``name``, with the columns of ``PLAN``, by repeat and position.

    ``chosen`` says which prompts are in the set. The last incomplete pool of each repeat is left
    out, unless the protocol keeps it. Raises InputError when that leaves none.
    """
    owners = prompts["motion"].to_pylist()
    units = _units(owners, np.flatnonzero(chosen), protocol.captions)
    kept = len(units)
    if protocol.last_pool == "dropped":
        kept -= kept % protocol.pool
    if kept == 0:
        raise InputError(
            f"The {name} set has {len(units)} samples in the {SPLIT} split, fewer than one pool "
            f"of {protocol.pool}: lower evaluation.pool, or choose a concept with more clips."
        )
    repeats = requests["repeat"].to_numpy()
    asked = np.full((protocol.repeats, len(prompts)), -1, dtype=np.int32)
    asked[repeats, requests["row"].to_numpy()] = np.arange(len(requests))
    blocks = []
    for repeat in range(protocol.repeats):
        order = rng.generator(seed, "plan", name, repeat).permutation(len(units))[:kept]
        rows = np.array(
            [_caption(units[unit], owners, seed, repeat) for unit in order], dtype=np.int32
        )
        position = np.arange(kept, dtype=np.int32)
        numbers = np.full(kept, repeat, dtype=np.int16)
        blocks.append(pa.table([numbers, position, asked[repeat, rows], rows], schema=PLAN))
    return pa.concat_tables(blocks)


def rows(plan: pa.Table, requests: int, prompts: int) -> Planned:
    """What metrics read of a plan, of so many requests and prompts."""
    repeats = 1 + pc.max(plan["repeat"]).as_py()
    request, row = (plan[name].to_numpy().reshape(repeats, -1) for name in ("request", "row"))
    return Planned(request, row, requests, prompts)


def pairs(
    plan: pa.Table, requests: pa.Table, name: str, samples: int, draws: int, count: int, seed: int
) -> tuple[Meetings, pa.Table]:
    """Which motions MultiModality compares in the set ``name``, and their ``REQUESTS``.

    Each of the first ``samples`` of a repeat of the ``plan`` has ``count`` pairs out of ``draws``
    further motions, numbered from 1. Either side of the pairs is drawn without replacement and on
    its own, so a motion may meet itself, and is the same for all samples of a repeat, as in the
    reference (Mamiglia/momask-codes, utils/metrics.py, calculate_multimodality). The reference
    generates all ``draws`` before it draws pairs. Those in no pair change nothing, so they are
    neither listed nor made.
    """
    first = plan.filter(pc.less(plan["position"], samples))
    made, ends, before = [], [], 0
    for repeat in np.unique(first["repeat"].to_numpy()):
        own = first.filter(pc.equal(first["repeat"], repeat))
        draw = rng.generator(seed, "pairs", name, repeat)
        sides = [1 + draw.choice(draws, count, replace=False) for _ in range(2)]
        distinct, which = np.unique(np.stack(sides, axis=1), return_inverse=True)
        asked = requests.take(own["request"].to_numpy().repeat(len(distinct)))
        numbers = np.tile(distinct, len(own)).astype(np.int16)
        made.append(asked.set_column(2, "draw", pa.array(numbers)))
        start = before + np.arange(len(own), dtype=np.int32) * len(distinct)
        ends.append(start[:, None, None] + which.reshape(count, 2).astype(np.int32))
        before += len(own) * len(distinct)
    return Meetings(np.stack(ends), before), pa.concat_tables(made)


def crop(place: tuple[int, int], seed: int, sample: str, repeat: int) -> tuple[int, int]:
    """First frame in the clip and number of frames of one sample's crop of its real motion.

    The reference keeps all whole tokens of the motion in two cases of three, one token less in
    the third, and starts anywhere that fits.
    """
    start, frames = place
    draw = rng.generator(seed, "crop", sample, repeat)
    tokens = frames // UNIT_LENGTH - int(draw.integers(3) == 2)
    length = tokens * UNIT_LENGTH
    return start + int(draw.integers(frames - length + 1)), length


def _places(motions: pa.Table) -> dict[str, tuple[int, int]]:
    """Start and number of frames of each motion, in its clip."""
    columns = [motions[name].to_pylist() for name in ("motion", "start", "frames")]
    place = {motion: (start, frames) for motion, start, frames in zip(*columns, strict=True)}
    short = [motion for motion, (_, frames) in place.items() if frames < 2 * UNIT_LENGTH]
    if short:
        raise InputError(
            f"Motion {short[0]} has {place[short[0]][1]} frames, too few to crop whole tokens: "
            "make the table of motions again with the length limits of the benchmark."
        )
    return place


def _units(owners: Sequence[str | None], rows: np.ndarray, captions: str) -> list[list[int]]:
    """What is shuffled: ``rows`` of prompts, one a unit, or all rows of a motion."""
    if captions == "all":
        return [[int(row)] for row in rows]
    grouped: dict[str, list[int]] = {}
    alone: list[list[int]] = []
    for row in rows:
        owner = owners[row]
        if owner is None:
            alone.append([int(row)])
        else:
            grouped.setdefault(owner, []).append(int(row))
    return [*(grouped[owner] for owner in sorted(grouped)), *alone]


def _caption(rows: list[int], owners: Sequence[str | None], seed: int, repeat: int) -> int:
    """The row of the prompt that stands for a unit in this repeat."""
    if len(rows) == 1:
        return rows[0]
    draw = rng.generator(seed, "caption", str(owners[rows[0]]), repeat)
    return rows[int(draw.integers(len(rows)))]
