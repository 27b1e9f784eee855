"""Captions of mirrored clips: the words that change, and where captions come from."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu.text import captions
from hmu.text.mirror import mirrored

PAIRS = [
    ("a man kicks with his left leg.", "a man kicks with his right leg."),
    ("Left, then RIGHT", "Right, then LEFT"),
    ("his left-hand side", "his right-hand side"),
    ("moves leftwards to the rightmost chair", "moves rightwards to the leftmost chair"),
    ("with/ADP his/DET left/ADJ leg/NOUN", "with/ADP his/DET right/ADJ leg/NOUN"),
    ("lefthanded/ADJ left/VERB", "righthanded/ADJ right/VERB"),
    ("walks clockwise", "walks counterclockwise"),
    ("turn/VERB clockwise/ADV", "turn/VERB counterclockwise/ADV"),
    ("a person stands upright on a bright cleft", "a person stands upright on a bright cleft"),
    ("#0.0#nan", "#0.0#nan"),
]
ONE_WAY = [
    ("walks counter-clockwise", "walks clockwise"),
    ("walks anticlockwise", "walks clockwise"),
    ("Anti clockwise", "Clockwise"),
    ("walk/VERB counter/NOUN clockwise/ADV", "walk/VERB clockwise/ADV"),
]


@pytest.mark.parametrize(("text", "other"), PAIRS)
def test_words_change_places(text: str, other: str) -> None:
    assert mirrored(text) == other
    assert mirrored(other) == text


@pytest.mark.parametrize(("text", "other"), ONE_WAY)
def test_all_that_turns_against_the_clock_turns_with_it(text: str, other: str) -> None:
    assert mirrored(text) == other


@given(st.lists(st.sampled_from(["left", "Right", "clockwise", "counterclockwise", "a", "turn"])))
def test_twice_mirrored_is_the_text(words: list[str]) -> None:
    text = " ".join(words)
    assert mirrored(mirrored(text)) == text
    assert len(mirrored(text).split()) == len(words)


LEFT = "kicks with the left foot#kick/VERB with/ADP the/DET left/ADJ foot/NOUN#0.0#0.0\n"
RIGHT = "kicks with the right foot#kick/VERB with/ADP the/DET right/ADJ foot/NOUN#0.0#0.0\n"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    for split, names in (("train", "000001\nM000001\n"), ("val", "2\n"), ("test", "Man\n")):
        (tmp_path / f"{split}.txt").write_text(names, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for name in ("000001", "2", "an"):
        (tmp_path / "texts" / f"{name}.txt").write_text(LEFT, encoding="utf-8")
    return tmp_path


def read(raw: Path) -> captions.Read:
    clips = ("000001", "M000001", "2", "Man")
    return captions.read(raw, clips, lambda: str, mirrored=frozenset({"M000001"}))


def test_mirrored_clips_without_a_text_get_their_originals(raw: Path) -> None:
    result = read(raw)
    rows = {row["clip"]: row for row in result.captions.to_pylist()}
    assert rows["000001"]["caption"] == "kicks with the left foot"
    assert rows["M000001"]["caption"] == "kicks with the right foot"
    assert rows["M000001"]["tokens"] == "kick/VERB with/ADP the/DET right/ADJ foot/NOUN"
    assert result.mirrored == 1
    # A clip that only looks like a mirrored copy needs a text of its own.
    assert [(fault.clip, fault.file) for fault in result.faults] == [("Man", "texts/Man.txt")]


def test_a_text_of_its_own_goes_before(raw: Path) -> None:
    own = RIGHT.replace("kicks", "he kicks")
    (raw / "texts" / "M000001.txt").write_text(own, encoding="utf-8")
    result = read(raw)
    assert "he kicks with the right foot" in result.captions["caption"].to_pylist()
    assert result.mirrored == 0


def test_without_either_text_the_mirrored_one_is_named(raw: Path) -> None:
    (raw / "texts" / "000001.txt").unlink()
    faults = {fault.clip: fault for fault in read(raw).faults}
    assert faults["M000001"].file == "texts/M000001.txt"
    assert faults["M000001"].reason == "is missing"
