"""Label files with the faults of real ones, put in order by the stated rules."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu.taggers import rules
from hmu.text import captions, labels
from hmu.text.labels import RULES, Undecodable, sentences

FAULTS = {
    "utf-16": ("a man kicks.\n".encode("utf-16"), ["a man kicks."]),
    "byte order mark": (b"\xef\xbb\xbfa man kicks.\n", ["a man kicks."]),
    "windows-1252": (b"a caf\xe9 dance.\n", ["a café dance."]),
    "mojibake": ("the manâ€™s kick.\n".encode(), ["the man's kick."]),
    "line ends": (b"a man kicks.\r\nhe jumps.\r\n", ["a man kicks.", "he jumps."]),
    "prompt": (b"##Input: Kick_clip_1\n##Ouput: a man kicks.\n", ["a man kicks."]),
    "control characters": ("a\u200b man\x07 ki\u00adcks.\n".encode(), ["a man kicks."]),
    "file name": (b"Ways_To_Catch_360_clip_12\n", ["ways to catch 360."]),
    "field marks": (b"a man kicks #1 high.\n", ["a man kicks 1 high."]),
    "quotes": ("a man makes ‘air quotes’.\n".encode(), ["a man makes 'air quotes'."]),
    "dashes": ("a step‑by‑step dance—slow.\n".encode(), ["a step-by-step dance - slow."]),
    "spaces": ("\ta man\u00a0 kicks. \n".encode(), ["a man kicks."]),
    "look-alikes": ("ａ man ﬁghts…\n".encode(), ["a man fights..."]),
    "bullets": (b"- a man kicks.\n", ["a man kicks."]),
    "enclosing quotes": (b'"a man kicks."\n', ["a man kicks."]),
    "upper case": (b"A Man KICKS.\n", ["a man kicks."]),
    "loose punctuation": (b"a man kicks , then jumps .\n", ["a man kicks, then jumps."]),
    "full stop": (b"a man kicks\n", ["a man kicks."]),
    "blank lines": (b"\na man kicks.\n \n", ["a man kicks."]),
    "repeated sentence": (b"a man kicks.\na man kicks.\n", ["a man kicks."]),
    "several lines": (b"a man kicks.\nhe jumps.\n", ["a man kicks.", "he jumps."]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_rule_mends_its_fault(fault: str) -> None:
    content, expected = FAULTS[fault]
    found, applied = sentences(content)
    assert [sentence for _, sentence in found] == expected
    assert fault in applied


def test_every_rule_but_those_of_whole_files_is_tried_above() -> None:
    assert [*FAULTS, "with tokens", "times", "set aside"] == list(RULES)


def test_a_file_in_order_stays_as_it_is() -> None:
    text = "a man's left foot kicks, self-defense style!\n"
    assert sentences(text.encode()) == ([(0, text.strip())], [])


def test_sentences_know_their_lines() -> None:
    found, _ = sentences(b"\n\nhe kicks.\n\nhe jumps.\nhe kicks.\n")
    assert found == [(2, "he kicks."), (4, "he jumps.")]


@given(st.text("aA .,\n\"'“’—-_#é\t\r1", max_size=40))
def test_what_is_in_order_stays_in_order(text: str) -> None:
    once = [sentence for _, sentence in sentences(text.encode())[0]]
    if not once:
        return
    again, applied = sentences("".join(f"{line}\n" for line in once).encode())
    assert [sentence for _, sentence in again] == once
    assert set(applied) <= {"several lines"}


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        found, applied = sentences(content)
    except Undecodable:
        return
    assert set(applied) <= set(RULES)
    for _, sentence in found:
        assert sentence.isprintable()
        assert "#" not in sentence


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"a \x81 man", b"\xff\xfea", b"\xef\xbb\xbfa\xff"]
)
def test_what_is_not_text_is_refused(content: bytes) -> None:
    with pytest.raises(Undecodable):
        sentences(content)


TOKENS = b"A man  kicks #a/DET man/NOUN kick/VERB#0.0#0.0\n"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Six clips: two with faults, two of HumanML3D's own texts, one empty, one no text."""
    files = {
        "kungfu/one": "“A man  kicks”\n".encode(),
        "kungfu/two": b"A man punches\nHe rests.\n",
        "humanml/000000": TOKENS,
        "humanml/texts/M000000": TOKENS,
        "music/empty": b"\n\n",
        "music/binary": b"\x00\x01",
    }
    for name, content in files.items():
        path = tmp_path / "texts" / "semantic_labels" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    names = [name.replace("texts/", "") for name in files]
    lists = {"train": names[:4], "val": names[4:], "test": ["GRAB/s1/lift"]}
    for split, listed in lists.items():
        (tmp_path / f"{split}.txt").write_text("\n".join(listed), encoding="utf-8")
    (tmp_path / "texts" / "semantic_labels" / "GRAB_text").mkdir()
    return tmp_path


def read(raw: Path) -> captions.Read:
    names = (*captions.read_lists(raw)[0],)
    return captions.read(raw, [captions.flat(name) for name in names], rules.tagger)


def test_texts_of_humanml3d_among_the_labels_stay_as_they_are(raw: Path) -> None:
    rows = {row["clip"]: row for row in read(raw).captions.to_pylist()}
    for clip in ("humanml__000000", "humanml__M000000"):
        assert rows[clip]["caption"] == "A man  kicks "
        assert rows[clip]["tokens"] == "a/DET man/NOUN kick/VERB"
    assert rows["kungfu__one"]["caption"] == "a man kicks."
    assert rows["kungfu__one"]["tokens"] == "a/DET man/NOUN kick/VERB"


def test_what_cannot_be_used_is_set_aside_with_the_reason(raw: Path) -> None:
    reasons = {fault.clip: fault.reason for fault in read(raw).faults}
    assert reasons == {
        "music__empty": "is empty",
        "music__binary": "holds NUL bytes, so it is not text",
        "GRAB__s1__lift": "is missing; there is a folder GRAB_text: should it be GRAB?",
    }


def test_the_report_counts_files_by_rule(raw: Path, tmp_path: Path) -> None:
    read(raw).labels.write(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["rule"]: row for row in csv.DictReader(stream)}
    assert list(rows) == list(RULES)
    counts = {rule: int(row["files"]) for rule, row in rows.items() if row["files"] != "0"}
    assert counts == {
        "quotes": 1,
        "spaces": 1,
        "enclosing quotes": 1,
        "upper case": 2,
        "full stop": 2,
        "several lines": 1,
        "with tokens": 2,
        "set aside": 3,
    }
    assert rows["upper case"]["example"] == "texts/semantic_labels/kungfu/one.txt"
    assert all(row["does"].endswith((".", "?")) for row in rows.values())


@pytest.mark.parametrize("folder", ["semantic_labels", "motionx_seq_text_v1.1"])
def test_labels_are_found_where_archives_unpack_them(raw: Path, folder: str) -> None:
    expected = read(raw).captions
    (raw / "texts" / "semantic_labels").rename(raw / folder)
    assert read(raw).captions.equals(expected)


def test_lines_of_a_benchmark_are_not_touched() -> None:
    assert [caption.text for caption in captions.parse_text(TOKENS)] == ["A man  kicks "]
    assert labels.sentences(b"A man  kicks \n")[0] == [(0, "a man kicks.")]
