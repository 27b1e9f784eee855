"""The evaluation plan: pools, crops, captions, and that randomness belongs to the sample."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmu.errors import InputError
from hmu.evaluation import plan
from hmu.evaluation.plan import Protocol
from hmu.run.job import Job
from hmu.steps import pairs as pairs_step
from hmu.steps import plan as step

COUNT, CAPTIONS = 70, 3


def tables(count: int = COUNT) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Samples, motions and clips: three captions a motion, every fourth clip forgotten."""
    clips = [f"{i:06d}" for i in range(count)]
    frames = [40 + (i * 37) % 160 for i in range(count)]
    rows = [(f"{c}%{clip}", clip, c) for clip in clips for c in range(CAPTIONS)]
    samples = pa.table(
        {
            "sample": [row[0] for row in rows],
            "motion": [row[1] for row in rows],
            "clip": [row[1] for row in rows],
            "caption_index": pa.array([row[2] for row in rows], pa.int16()),
            "caption": [f"caption {row[2]} of {row[1]}" for row in rows],
            "tokens": ["a/DET man/NOUN"] * len(rows),
            "split": ["train" if row[1].endswith("9") else "test" for row in rows],
        }
    )
    starts = pa.array([i % 5 for i in range(count)], pa.int32())
    motions = pa.table({"motion": clips, "start": starts, "frames": pa.array(frames, pa.int32())})
    return samples, motions, pa.table({"clip": clips, "forget": [i % 4 == 0 for i in range(count)]})


def build(subset: str = "retain", seed: int = 3, **options: Any) -> pa.Table:
    samples, motions, clips = tables()
    chosen = plan.select(samples, clips, subset)
    protocol = Protocol(repeats=options.pop("repeats", 4), **options)
    return plan.build(chosen, motions, subset, protocol, seed)


def test_sets_share_the_test_split_between_them() -> None:
    samples, _, clips = tables()
    forget = set(plan.select(samples, clips, "forget")["clip"].to_pylist())
    retain = set(plan.select(samples, clips, "retain")["clip"].to_pylist())
    assert forget | retain == {f"{i:06d}" for i in range(COUNT) if i % 10 != 9}
    assert forget == {f"{i:06d}" for i in range(0, COUNT, 4)}
    assert not forget & retain


def test_the_order_of_the_file_of_samples_does_not_matter() -> None:
    samples, motions, clips = tables()
    shuffled = samples.take(np.random.Generator(np.random.Philox(1)).permutation(len(samples)))
    one, two = (
        plan.build(plan.select(each, clips, "retain"), motions, "retain", Protocol(2), 1)
        for each in (samples, shuffled)
    )
    assert one.equals(two)


def test_whole_pools_of_distinct_samples() -> None:
    table = build()
    assert table.schema.equals(plan.SCHEMA)
    for repeat in range(4):
        block = table.filter(pa.compute.equal(table["repeat"], repeat))
        assert block["position"].to_pylist() == list(range(len(block)))
        assert len(block) % 32 == 0
        assert len(set(block["sample"].to_pylist())) == len(block)
        # 45 retain clips of the test split have 135 captions, that is four pools of 32.
        assert len(block) == 128
        assert block["draw"].to_pylist() == [0] * 128


def test_repeats_and_sets_are_shuffled_differently_and_reproducibly() -> None:
    table = build()
    samples = np.array(table["sample"].to_pylist()).reshape(4, -1)
    assert all((samples[0] != samples[i]).mean() > 0.9 for i in (1, 2, 3))
    assert build().equals(table)
    assert not build(seed=4).equals(table)
    longer = build(repeats=5)
    assert longer.slice(0, len(table)).equals(table)


def test_a_crop_belongs_to_its_sample_and_repeat() -> None:
    """A smaller pool shuffles the same samples; each keeps its crop wherever it lands."""
    crops = {}
    for pool in (32, 5):
        rows = build(pool=pool).to_pylist()
        crops[pool] = {(r["repeat"], r["sample"]): (r["start"], r["frames"]) for r in rows}
    shared = crops[32].keys() & crops[5].keys()
    assert len(shared) > 400
    assert all(crops[32][key] == crops[5][key] for key in shared)


@settings(deadline=None, max_examples=200)
@given(st.integers(40, 199), st.integers(0, 500), st.text(max_size=9), st.integers(0, 19))
def test_crops_are_whole_tokens_inside_the_motion(
    frames: int, start: int, sample: str, repeat: int
) -> None:
    begin, length = plan.crop((start, frames), 0, sample, repeat)
    assert length in (frames // 4 * 4, (frames // 4 - 1) * 4)
    assert start <= begin
    assert begin + length <= start + frames


def test_a_third_of_the_crops_is_one_token_shorter_and_starts_are_uniform() -> None:
    crops = [plan.crop((0, 103), 0, str(i), 0) for i in range(3000)]
    short = [start for start, length in crops if length == 96]
    assert len(short) / 3000 == pytest.approx(1 / 3, abs=0.03)
    assert {length for _, length in crops} == {96, 100}
    shares = np.bincount(short, minlength=8) / len(short)
    assert shares == pytest.approx(np.full(8, 1 / 8), abs=0.04)


def test_one_caption_a_motion() -> None:
    """As in MoMask: a motion stands once in a repeat, its caption is drawn again each time."""
    table = build(captions="one", repeats=20)
    seen: dict[str, set[str]] = {}
    for repeat in range(20):
        block = table.filter(pa.compute.equal(table["repeat"], repeat))
        motions = block["motion"].to_pylist()
        assert len(motions) == len(set(motions)) == 32
        for row in block.to_pylist():
            seen.setdefault(row["motion"], set()).add(row["sample"])
    assert all(name.endswith(f"%{motion}") for motion, names in seen.items() for name in names)
    assert sum(len(names) == CAPTIONS for names in seen.values()) > 40


def test_too_few_samples_is_an_answer() -> None:
    samples, motions, clips = tables(12)
    chosen = plan.select(samples, clips, "forget")
    with pytest.raises(InputError, match=r"forget set has 9 samples.* pool of 32: lower eval"):
        plan.build(chosen, motions, "forget", Protocol(), 0)
    assert len(plan.build(chosen, motions, "forget", Protocol(repeats=1, pool=9), 0)) == 9


def test_an_unknown_motion_and_a_short_one_are_answers() -> None:
    samples, motions, clips = tables()
    chosen = plan.select(samples, clips, "retain")
    with pytest.raises(InputError, match="motions that the table of motions lacks"):
        plan.build(chosen, motions.slice(0, 20), "retain", Protocol(), 0)
    short = motions.set_column(2, "frames", pa.array([7] * COUNT, pa.int32()))
    with pytest.raises(InputError, match="has 7 frames, too few"):
        plan.build(chosen, short, "retain", Protocol(), 0)


def job(folder: Path) -> Job:
    for name, table in zip(("samples", "motions", "clips"), tables(), strict=True):
        pq.write_table(table, folder / f"{name}.parquet")
    return Job(
        step="plan",
        inputs={
            "samples": folder / "samples.parquet",
            "motions": folder / "motions.parquet",
            "concept": folder / "clips.parquet",
        },
        outputs={"plan": folder / "plan.parquet", "samples": folder / "set.parquet"},
        settings={
            "set": "forget",
            "repeats": 2,
            "pool": 16,
            "captions": "all",
        },
        seed=8,
    )


def test_step_writes_the_plan_and_the_samples_of_the_set(tmp_path: Path) -> None:
    step.run(job(tmp_path))
    chosen = pq.read_table(tmp_path / "set.parquet")["sample"].to_pylist()
    table = pq.read_table(tmp_path / "plan.parquet")
    assert chosen == sorted(chosen)
    assert set(table["sample"].to_pylist()) <= set(chosen)


def test_pairs_are_drawn_as_by_the_reference() -> None:
    """Of the first pools: both sides without repetition, alike in a repeat, not in the next."""
    table = build(repeats=20)
    found = plan.pairs(table, "retain", 64, draws=12, count=5, seed=3)
    assert found.schema.equals(plan.PAIRS)
    assert found.equals(plan.pairs(table, "retain", 64, draws=12, count=5, seed=3))
    first = table.filter(pa.compute.less(table["position"], 64))
    rows = found.to_pandas().to_numpy().reshape(len(first), 5, 2, 5)
    for column, name in enumerate(("repeat", "sample", "frames")):
        expected = np.array(first[name].to_pylist(), dtype=object)
        assert (rows[..., column] == expected[:, None, None]).all()
    assert (rows[..., 3] == np.arange(5)[None, :, None]).all()
    draws = rows[..., 4].astype(int).reshape(20, 64, 5, 2)
    assert (draws == draws[:, :1]).all()
    assert len({each.tobytes() for each in draws[:, 0]}) == 20
    assert all(len(set(side)) == 5 for repeat in draws[:, 0] for side in repeat.T)
    assert set(draws.flatten()) == set(range(1, 13))
    assert (draws[..., 0] == draws[..., 1]).any()  # a motion may meet itself


def test_pairs_of_a_step_are_all_motions_when_as_many_are_drawn(tmp_path: Path) -> None:
    step.run(job(tmp_path))
    files = {"inputs": {"plan": tmp_path / "plan.parquet"}, "outputs": {"pairs": tmp_path / "p"}}
    settings = {"set": "forget", "samples": 4, "draws": 6, "pairs": 6}
    pairs_step.run(Job(step="pairs", settings=settings, seed=8, **files))
    table = pq.read_table(tmp_path / "p")
    assert table.num_rows == 2 * 4 * 6 * 2
    assert set(table["draw"].to_pylist()) == {1, 2, 3, 4, 5, 6}


def test_step_names_the_file_that_is_at_fault(tmp_path: Path) -> None:
    broken = job(tmp_path)
    pq.write_table(pa.table({"motion": ["x"]}), broken.input("motions"))
    with pytest.raises(InputError, match=r"motions\.parquet cannot be read for motion, start"):
        step.run(broken)
    broken = job(tmp_path)
    broken.input("samples").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match=r"samples\.parquet cannot be read"):
        step.run(broken)
