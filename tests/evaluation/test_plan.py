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
from hmu.evaluation import plan, prompts
from hmu.evaluation.rows import Meetings, Planned
from hmu.interface.prompts import Prompt
from hmu.run.job import Job
from hmu.sections.evaluation import Protocol
from hmu.steps import pairs as pairs_step
from hmu.steps import plan as step
from hmu.steps import prompts as prompts_step

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


def captions(samples: pa.Table) -> pa.Table:
    """The captions of the test split as prompts."""
    chosen = prompts.of_the_test_split(samples.to_pandas())
    rows = chosen[["sample", "caption", "tokens"]].itertuples(index=False)
    given = [Prompt(sample, caption, tokens, sample) for sample, caption, tokens in rows]
    return prompts.table(given, chosen, "captions")


def both(
    given: tuple[pa.Table, pa.Table, pa.Table], subset: str, protocol: Protocol, seed: int
) -> tuple[pa.Table, pa.Table]:
    """The requests of all captions, and the plan of a set."""
    samples, motions, clips = given
    told = captions(samples)
    requests = plan.requests(told, motions, protocol, seed)
    chosen = plan.members(told, None if subset == "all" else clips, subset)
    return requests, plan.build(told, requests, chosen, subset, protocol, seed)


def build(subset: str = "retain", seed: int = 3, **options: Any) -> pa.Table:
    """A plan with the requests that its rows are: repeat, position, prompt, clip, start, frames."""
    protocol = Protocol(repeats=options.pop("repeats", 4), **options)
    requests, table = both(tables(), subset, protocol, seed)
    asked = requests.take(table["request"])
    assert asked["repeat"].equals(table["repeat"])
    assert asked["row"].equals(table["row"])
    return asked.append_column("position", table["position"])


def test_sets_share_the_test_split_between_them() -> None:
    samples, _, clips = tables()
    told = captions(samples)
    names = np.array(told["clip"].to_pylist())
    forget, retain = (plan.members(told, clips, side) for side in ("forget", "retain"))
    assert set(names) == {f"{i:06d}" for i in range(COUNT) if i % 10 != 9}
    assert set(names[forget]) == {f"{i:06d}" for i in range(0, COUNT, 4)}
    assert (forget ^ retain).all()
    assert plan.members(told, None, "all").all()


def test_a_set_is_rows_of_what_is_asked_of_every_model() -> None:
    """The requests do not know the sets: a concept more asks for no motion more."""
    protocol, given = Protocol(repeats=2), tables()
    requests, forget = both(given, "forget", protocol, 3)
    assert both(given, "retain", protocol, 3)[0].equals(requests)
    assert len(requests) == 2 * len(captions(given[0]))
    taken = requests.take(forget["request"])
    clips = {clip for clip, is_in in zip(*given[2].to_pydict().values(), strict=True) if is_in}
    assert set(taken["clip"].to_pylist()) <= clips


def test_the_order_of_the_file_of_samples_does_not_matter() -> None:
    samples, motions, clips = tables()
    shuffled = samples.take(np.random.Generator(np.random.Philox(1)).permutation(len(samples)))
    one, two = (
        both((each, motions, clips), "retain", Protocol(repeats=2), 1)
        for each in (samples, shuffled)
    )
    assert one[0].equals(two[0])
    assert one[1].equals(two[1])


def test_whole_pools_of_distinct_samples() -> None:
    table = build()
    assert both(tables(), "retain", Protocol(repeats=4), 3)[1].schema.equals(plan.PLAN)
    for repeat in range(4):
        block = table.filter(pa.compute.equal(table["repeat"], repeat))
        assert block["position"].to_pylist() == list(range(len(block)))
        assert len(block) % 32 == 0
        assert len(set(block["prompt"].to_pylist())) == len(block)
        # 45 retain clips of the test split have 135 captions, that is four pools of 32.
        assert len(block) == 128
        assert block["draw"].to_pylist() == [0] * 128


def test_repeats_and_sets_are_shuffled_differently_and_reproducibly() -> None:
    table = build()
    samples = np.array(table["prompt"].to_pylist()).reshape(4, -1)
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
        crops[pool] = {(r["repeat"], r["prompt"]): (r["start"], r["frames"]) for r in rows}
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
        motions = block["clip"].to_pylist()
        assert len(motions) == len(set(motions)) == 32
        for row in block.to_pylist():
            seen.setdefault(row["clip"], set()).add(row["prompt"])
    assert all(name.endswith(f"%{motion}") for motion, names in seen.items() for name in names)
    assert sum(len(names) == CAPTIONS for names in seen.values()) > 40


def test_too_few_samples_is_an_answer() -> None:
    with pytest.raises(InputError, match=r"forget set has 9 samples.* pool of 32: lower eval"):
        both(tables(12), "forget", Protocol(), 0)
    assert len(both(tables(12), "forget", Protocol(repeats=2, pool=9), 0)[1]) == 18


def test_the_last_pool_may_be_kept() -> None:
    """As in the paper's code: the pools before it are the same, and nobody is left out."""
    few = {"subset": "retain", "pool": 32}
    dropped, kept = build(**few), build(**few, last_pool="kept")
    rows = {each["position"]: each for each in kept.to_pylist() if each["repeat"] == 1}
    assert len(rows) % 32 != 0
    whole = [each for each in dropped.to_pylist() if each["repeat"] == 1]
    assert len(whole) == len(rows) - len(rows) % 32
    assert all(rows[each["position"]] == each for each in whole)
    assert len({each["prompt"] for each in rows.values()}) == len(rows)
    protocol, given = Protocol(repeats=2, last_pool="kept"), tables(12)
    assert len(both(given, "forget", protocol, 0)[1]) == 18
    told = captions(given[0])
    requests = plan.requests(told, given[1], protocol, 0)
    with pytest.raises(InputError, match="forget set has 0 samples"):
        plan.build(told, requests, np.zeros(len(told), bool), "forget", protocol, 0)


def test_an_unknown_motion_and_a_short_one_are_answers() -> None:
    samples, motions, _ = tables()
    with pytest.raises(InputError, match="motions that the table of motions lacks"):
        plan.requests(captions(samples), motions.slice(0, 20), Protocol(), 0)
    short = motions.set_column(2, "frames", pa.array([7] * COUNT, pa.int32()))
    with pytest.raises(InputError, match="has 7 frames, too few"):
        plan.requests(captions(samples), short, Protocol(), 0)


SETTINGS = {
    "name": "captions",
    "kind": "captions",
    "params": {},
    "tagger": "rules",
    "repeats": 2,
    "captions": "all",
    "concepts": {},
}
NOTES = {"rejected": "rejected.csv", "origin": "origin.json"}


def prompts_job(folder: Path, **settings: Any) -> Job:
    for name, table in zip(("samples", "motions", "clips"), tables(), strict=True):
        pq.write_table(table, folder / f"{name}.parquet")
    return Job(
        step="prompts",
        inputs={name: folder / f"{name}.parquet" for name in ("samples", "motions")},
        outputs={
            **{name: folder / f"{name}.parquet" for name in ("prompts", "requests")},
            **{name: folder / file for name, file in NOTES.items()},
        },
        settings={**SETTINGS, **settings},
        seed=8,
    )


def plan_job(folder: Path) -> Job:
    return Job(
        step="plan",
        inputs={
            "prompts": folder / "prompts.parquet",
            "requests": folder / "requests.parquet",
            "concept": folder / "clips.parquet",
        },
        outputs={"plan": folder / "plan.parquet", "rows": folder / "plan.npz"},
        settings={"set": "forget", "clips": "forget", "repeats": 2, "pool": 16, "captions": "all"},
        seed=8,
    )


def test_steps_write_prompts_requests_and_the_plan_of_a_set(tmp_path: Path) -> None:
    prompts_step.run(prompts_job(tmp_path))
    step.run(plan_job(tmp_path))
    told = pq.read_table(tmp_path / "prompts.parquet")
    assert told.schema.equals(prompts.SCHEMA)
    assert told["prompt"].to_pylist() == sorted(told["prompt"].to_pylist())
    assert pq.read_table(tmp_path / "requests.parquet").schema.equals(plan.REQUESTS)
    table = pq.read_table(tmp_path / "plan.parquet")
    rows = [told["clip"].to_pylist()[row] for row in table["row"].to_pylist()]
    assert {int(clip) % 4 for clip in rows} == {0}
    read = Planned.read(tmp_path / "plan.npz")
    assert read.row.flatten().tolist() == table["row"].to_pylist()
    assert read.request.flatten().tolist() == table["request"].to_pylist()
    assert (len(read.row), read.requests, read.prompts) == (2, 2 * len(told), len(told))


def test_rows_that_are_none_are_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "plan.npz"
    with pytest.raises(InputError, match=r"plan\.npz is missing: run the step"):
        Planned.read(path)
    Planned(np.zeros((2, 32), np.int32), np.zeros((2, 32), np.int32), 9, 9).write(path)
    with pytest.raises(InputError, match=r"plan\.npz has no array 'ends': make it again"):
        Meetings.read(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=r"plan\.npz .*: make it again"):
        Planned.read(path)


def test_pairs_are_drawn_as_by_the_reference() -> None:
    """Of the first pools: both sides without repetition, alike in a repeat, not in the next."""
    requests, table = both(tables(), "retain", Protocol(repeats=20), 3)
    found, asked = plan.pairs(table, requests, "retain", 64, draws=12, count=5, seed=3)
    assert asked.schema.equals(plan.REQUESTS)
    again = plan.pairs(table, requests, "retain", 64, draws=12, count=5, seed=3)
    assert ((found.ends == again[0].ends).all(), asked.equals(again[1])) == (True, True)
    assert found.ends.shape == (20, 64, 5, 2)
    first = table.filter(pa.compute.less(table["position"], 64))
    for side in np.moveaxis(found.ends, -1, 0):
        meant = asked.take(side[..., 0].flatten())
        assert meant["row"].equals(first["row"])
        assert meant["repeat"].equals(first["repeat"])
        of_pairs = np.array(asked["row"].to_pylist())[side]
        assert (of_pairs == of_pairs[..., :1]).all()
    draws = np.array(asked["draw"].to_pylist())[found.ends]
    assert (draws == draws[:, :1]).all()
    assert len({each.tobytes() for each in draws[:, 0]}) == 20
    assert all(len(set(side)) == 5 for repeat in draws[:, 0] for side in repeat.T)
    assert set(draws.flatten()) == set(range(1, 13))
    assert (draws[..., 0] == draws[..., 1]).any()  # a motion may meet itself
    # Nothing is made twice, or for no pair.
    keys = asked.select(["repeat", "prompt", "draw"]).to_pandas()
    assert not keys.duplicated().any()
    assert found.requests == len(asked)
    assert set(found.ends.flatten()) == set(range(len(asked)))


def test_pairs_of_a_step_are_all_motions_when_as_many_are_drawn(tmp_path: Path) -> None:
    prompts_step.run(prompts_job(tmp_path))
    step.run(plan_job(tmp_path))
    inputs = {name: tmp_path / f"{name}.parquet" for name in ("plan", "requests")}
    outputs = {"pairs": tmp_path / "p", "requests": tmp_path / "r"}
    settings = {"set": "forget", "samples": 4, "draws": 6, "pairs": 6}
    pairs_step.run(Job("pairs", inputs, outputs, settings, seed=8))
    assert Meetings.read(tmp_path / "p").ends.shape == (2, 4, 6, 2)
    asked = pq.read_table(tmp_path / "r")
    assert asked.num_rows == 2 * 4 * 6
    assert set(asked["draw"].to_pylist()) == {1, 2, 3, 4, 5, 6}


# Prompts of one's own


def own_prompts(folder: Path, *lines: str) -> pa.Table:
    """What the step makes of a file of prompts."""
    path = folder / "own.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    given = prompts_job(folder, name="own", kind="file", params={"path": str(path)})
    job = Job("prompts", {**given.inputs, "file_path": path}, given.outputs, given.settings, 8)
    prompts_step.run(job)
    return pq.read_table(folder / "prompts.parquet")


def test_a_prompt_in_other_words_has_the_crop_of_its_caption(tmp_path: Path) -> None:
    told = own_prompts(tmp_path, '{"prompt": "he walks", "sample": "1%000004"}', "")
    assert told.select(["prompt", "caption", "sample", "clip"]).to_pylist() == [
        {"prompt": "000001", "caption": "he walks", "sample": "1%000004", "clip": "000004"}
    ]
    assert told["tokens"].to_pylist() == ["he/PRON walk/VERB"]
    mine = pq.read_table(tmp_path / "requests.parquet").to_pylist()
    theirs = plan.requests(captions(tables()[0]), tables()[1], Protocol(repeats=2), 8).to_pylist()
    places = {(r["repeat"], r["prompt"]): (r["start"], r["frames"]) for r in theirs}
    assert [(r["start"], r["frames"]) for r in mine] == [places[n, "1%000004"] for n in (0, 1)]


def test_a_prompt_may_stand_for_no_motion(tmp_path: Path) -> None:
    told = own_prompts(
        tmp_path, '{"prompt": "he flies", "frames": 60, "tokens": "he/PRON fly/VERB", "name": "up"}'
    )
    assert told["prompt"].to_pylist() == ["up"]
    asked = pq.read_table(tmp_path / "requests.parquet").to_pylist()
    assert [(r["frames"], r["clip"], r["start"]) for r in asked] == [(60, None, None)] * 2
    assert not plan.members(told, tables()[2], "forget").any()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("he walks", r"own\.jsonl, line 1 is not JSON"),
        ('["he walks"]', "line 1 has no text"),
        ('{"prompt": " "}', "line 1 has no text"),
        ('{"prompt": "he walks", "frame": 40}', "'frame' is unknown; known are prompt, sample"),
        ('{"prompt": "he walks", "frames": "40"}', "frames is '40', not int"),
        ('{"prompt": "he walks"}', "'000001' has neither `sample` nor `frames`"),
        ('{"prompt": "he walks", "sample": "0%000009"}', "'0%000009', which the test split does"),
    ],
)
def test_bad_prompts_are_answered(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        own_prompts(tmp_path, line)


def test_prompts_of_one_name_are_answered(tmp_path: Path) -> None:
    line = '{"prompt": "he walks", "frames": 40, "name": "a"}'
    with pytest.raises(InputError, match=r"own\.jsonl has two prompts named 'a': rename one"):
        own_prompts(tmp_path, line, line)


def test_step_names_the_file_that_is_at_fault(tmp_path: Path) -> None:
    broken = prompts_job(tmp_path)
    pq.write_table(pa.table({"motion": ["x"]}), broken.input("motions"))
    with pytest.raises(InputError, match=r"motions\.parquet cannot be read for motion, start"):
        prompts_step.run(broken)
    broken = prompts_job(tmp_path)
    broken.input("samples").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match=r"samples\.parquet cannot be read"):
        prompts_step.run(broken)
