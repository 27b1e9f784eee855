"""What a job leaves for the next of its place, and who finds it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hmu.generation import earlier
from hmu.generation.sampling import Request
from hmu.io import codes
from hmu.provenance.code import Code
from hmu.provenance.hashes import Content
from hmu.run import kept
from hmu.run.job import Job
from hmu.run.runner import _kept
from hmu.steps import generate

CODES = [np.full((length, 2), length, np.int16) for length in (3, 5, 4)]


def request(repeat: int, tokens: int) -> Request:
    return Request("a", repeat, 0, tokens, 0)


def test_what_was_kept_is_found_as_it_was_or_not_at_all(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.write_bytes(b"abc")
    kept.keep(tmp_path / "kept", "x", made)
    kept.keep(tmp_path / "kept", "x", made, ["said"])
    made.unlink()
    found = kept.find(tmp_path / "kept", "x")
    assert found is not None
    assert found.read_bytes() == b"abc"
    assert kept.said(tmp_path / "kept", "x") == ["said"]
    note = tmp_path / "kept/x.json"
    whole = note.read_text(encoding="utf-8")
    for damaged in ("", "null", "[]", '{"sha256": 1}'):
        note.write_text(damaged, encoding="utf-8")
        assert kept.find(tmp_path / "kept", "x") is None
    note.write_text(whole, encoding="utf-8")
    assert kept.find(tmp_path / "kept", "x") == found
    found.write_bytes(b"abd")
    assert kept.find(tmp_path / "kept", "x") is None
    assert kept.find(tmp_path / "kept", "y") is None


def test_motions_of_a_smaller_job_are_found_by_prompt_repeat_draw_and_length(
    tmp_path: Path,
) -> None:
    keys = {
        "repeat": pa.array([0, 1, 2], pa.int16()),
        "draw": pa.array([0, 0, 0], pa.int16()),
        "prompt": pa.array(["a"] * 3),
    }
    codes.write(tmp_path / "made.parquet", keys, CODES, 2)
    earlier.keep(tmp_path / "kept", tmp_path / "made.parquet")
    # Of another length it is another motion; 0 leaves the length to the model.
    wanted = [request(3, 4), request(2, 4), request(1, 6), request(0, 0)]
    found = earlier.find(tmp_path / "kept", wanted)
    assert {row: each.tolist() for row, each in found.items()} == {
        1: CODES[2].tolist(),
        3: CODES[0].tolist(),
    }
    fewer = earlier.find(tmp_path / "kept", wanted[1:2])
    assert {row: each.tolist() for row, each in fewer.items()} == {0: CODES[2].tolist()}
    same = [request(repeat, len(each)) for repeat, each in enumerate(CODES)]
    assert earlier.find(tmp_path / "kept", same) == {}, "the same is made again"


@pytest.mark.parametrize(
    ("changed", "same"), [("requests", True), ("prompts", False), ("seed", False)]
)
def test_only_what_is_asked_for_may_change(tmp_path: Path, changed: str, same: bool) -> None:
    def place(requests: str = "1", prompts: str = "1", seed: str = "1") -> Path:
        inputs = {Path("requests"): Content(requests, 1), Path("prompts"): Content(prompts, 1)}
        job = Job(
            "generate",
            {path.name: path for path in inputs},
            {"generations": Path("results/x")},
            seed=int(seed),
        )
        return _kept(job, generate, inputs, Code())

    assert (place() == place(**{changed: "2"})) is same
