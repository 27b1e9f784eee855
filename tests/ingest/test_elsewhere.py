"""Motions that were made elsewhere, as files: their names, what they hold, what is wrong."""

import csv
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from hmu.backbones import opening
from hmu.errors import InputError
from hmu.ingest import elsewhere
from hmu.interface.backbones import Motions
from hmu.io.names import file_name
from hmu.io.store import ClipStore
from hmu.io.walk import names
from hmu.motion.features import to_features
from support.gaits import walk

PROMPTS = ["0%a", "say: what?"]
CAPTIONS = ["somebody walks", "somebody speaks"]
FRAMES = 40


def motions(form: str = "features", lengths: str = "wanted") -> Motions:
    return opening.motions("generations", {"form": form, "lengths": lengths})


@pytest.fixture
def requests() -> pd.DataFrame:
    """Two prompts in two repeats."""
    rows = [(prompt, r, 0, row) for r in range(2) for row, prompt in enumerate(PROMPTS)]
    return pd.DataFrame(rows, columns=["prompt", "repeat", "draw", "row"]).assign(frames=FRAMES)


def given(folder: Path, form: str, requests: pd.DataFrame, frames: int = FRAMES) -> None:
    """Make what is asked for: another walk for each file."""
    made = motions(form)
    for number, each in enumerate(elsewhere.wanted(made, "mine", requests, CAPTIONS)):
        joints = walk(frames + 1, number).astype(np.float32)
        path = folder / each.file
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, joints if form == "joints" else to_features(joints))


def collected(
    folder: Path, requests: pd.DataFrame, form: str = "features", lengths: str = "wanted"
) -> ClipStore:
    store = folder.parent / "data.npy", folder.parent / "index.parquet"
    made = motions(form, lengths)
    elsewhere.collect(folder, made, requests, ("mine", PROMPTS), store, "wanted.csv")
    return ClipStore(*store)


@pytest.mark.parametrize("form", ["features", "joints"])
def test_each_motion_is_taken_for_its_prompt_and_repeat(
    tmp_path: Path, requests: pd.DataFrame, form: str
) -> None:
    given(tmp_path / "theirs", form, requests)
    store = collected(tmp_path / "theirs", requests, form)
    assert len(store) == 4
    for number, row in enumerate(store.index.itertuples()):
        request = requests.iloc[number]
        assert (row.prompt, row.repeat, row.draw) == tuple(request[["prompt", "repeat", "draw"]])
        joints = walk(FRAMES + 1, number).astype(np.float32)
        assert np.array_equal(store[row.clip], to_features(joints))


def test_what_is_wanted_is_a_table_for_people(tmp_path: Path, requests: pd.DataFrame) -> None:
    rows = [*elsewhere.wanted(motions("joints"), "mine", requests, CAPTIONS)] * 2
    elsewhere.write(tmp_path / "wanted.csv", rows)
    with (tmp_path / "wanted.csv").open(encoding="utf-8", newline="") as stream:
        lines = [list(line.values()) for line in csv.DictReader(stream)]
    assert lines == [
        ["mine", "0%a", "somebody walks", "41", "0", "0", "mine/0%a/0.npy"],
        ["mine", "0%a", "somebody walks", "41", "1", "0", "mine/0%a/1.npy"],
        ["mine", "say: what?", "somebody speaks", "41", "0", "0", "mine/say~3A~20what~3F/0.npy"],
        ["mine", "say: what?", "somebody speaks", "41", "1", "0", "mine/say~3A~20what~3F/1.npy"],
    ]
    requests.loc[0, "prompt"] = "SAY: what?"
    alike = elsewhere.wanted(motions(), "mine", requests, CAPTIONS)
    with pytest.raises(InputError, match="'say: what\\?' are the same but for capitals"):
        elsewhere.write(tmp_path / "wanted.csv", alike)
    again = elsewhere.wanted(motions(), "mine", requests.assign(draw=2), CAPTIONS)
    assert next(again).file == "mine/SAY~3A~20what~3F/0-2.npy"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, requests: pd.DataFrame) -> None:
    folder = tmp_path / "theirs"
    given(folder, "features", requests)
    (folder / "mine/0%a/0.npy").unlink()
    broken = np.load(folder / "mine/0%a/1.npy")
    broken[3] = np.nan
    np.save(folder / "mine/0%a/1.npy", broken)
    np.save(folder / "mine/say~3A~20what~3F/0.npy", broken[:36])
    np.save(folder / "mine/say~3A~20what~3F/1.npy", broken[:, :22])
    (folder / "mine/say what").mkdir()
    np.save(folder / "mine/say what/0.npy", broken)
    with pytest.raises(InputError) as refused:
        collected(folder, requests)
    assert str(refused.value) == (
        f"{folder}: of 4 motions 1 are missing (mine/0%a/0.npy); 3 cannot be used "
        "(mine/say~3A~20what~3F/0.npy has NaN or infinite values, first in frame 3; "
        "mine/0%a/1.npy has NaN or infinite values, first in frame 3; "
        "mine/say~3A~20what~3F/1.npy has shape (40, 22), not (frames, 263)); 1 are of no prompt "
        "(mine/say what/0.npy). wanted.csv lists the files that are wanted, with the frames of "
        "each: make these as it says, and remove others."
    )
    assert not (tmp_path / "index.parquet").exists()


def test_lengths_are_those_that_are_wanted_or_the_models_own(
    tmp_path: Path, requests: pd.DataFrame
) -> None:
    given(tmp_path / "theirs", "joints", requests, FRAMES - 1)
    with pytest.raises(InputError, match=r"4 cannot be used \(\S+ has 40 frames, not 41"):
        collected(tmp_path / "theirs", requests, "joints")
    store = collected(tmp_path / "theirs", requests, "joints", "own")
    assert set(store.index["length"]) == {FRAMES - 1}


def test_more_repeats_than_are_wanted_and_other_files_are_left_alone(
    tmp_path: Path, requests: pd.DataFrame
) -> None:
    folder = tmp_path / "theirs"
    given(folder, "features", requests)
    (folder / "mine/notes.txt").write_text("made in May", encoding="utf-8")
    (folder / "others/b").mkdir(parents=True)
    np.save(folder / "others/b/0.npy", np.zeros(3))
    assert len(collected(folder, requests[requests["repeat"] == 0])) == 2


def test_joints_with_another_axis_up_are_refused(tmp_path: Path, requests: pd.DataFrame) -> None:
    """As those of raw data are, where there are enough to tell."""
    many = pd.concat([requests.assign(draw=draw) for draw in range(4)])
    folder = tmp_path / "theirs"
    given(folder, "joints", many)
    assert len(collected(folder, many, "joints")) == 16
    for path in folder.rglob("*.npy"):
        np.save(path, np.load(path)[..., [0, 2, 1]])
    with pytest.raises(InputError, match="z is up, not y"):
        collected(folder, many, "joints")


@pytest.mark.parametrize(
    "name", [".", "..", ".hidden", "a/b", "thumbs.db", "x~", "", "é", "\0", "a" * 999]
)
def test_any_text_is_a_file_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / file_name(name) / "0.npy"
    path.parent.mkdir()
    path.touch()
    assert [found for found, _ in names(tmp_path)] == [f"{file_name(name)}/0.npy"]


@hypothesis.given(st.text(max_size=6), st.text(max_size=6))
def test_two_texts_have_two_file_names(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)
