"""Captions, split lists, samples and the offline tagger."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu.errors import InputError
from hmu.io.names import flat
from hmu.run.job import Job
from hmu.steps import captions as captions_step
from hmu.steps import samples as samples_step
from hmu.taggers import rules
from hmu.text import captions, samples

MOCAP = Path(__file__).resolve().parents[3] / "shared" / "mocap" / "captions.jsonl"
LINE = "a man kicks.#a/DET man/NOUN kick/VERB#0.0#0.0\n"
CLIPS = ("a", "b", "c")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three clips, one in each split."""
    folder = tmp_path / "raw"
    (folder / "texts").mkdir(parents=True)
    for clip, split in zip(CLIPS, captions.SPLITS, strict=True):
        (folder / "texts" / f"{clip}.txt").write_text(LINE, encoding="utf-8")
        (folder / f"{split}.txt").write_text(f"{clip}\n", encoding="utf-8")
    return folder


def never() -> captions.Tagger:
    raise AssertionError("the tagger is for plain sentences only")


def read(raw: Path, motions=CLIPS, tagger=never) -> captions.Read:
    return captions.read(raw, motions, tagger)


def rows(table: pa.Table) -> list[dict]:
    return table.to_pylist()


def test_lines_become_rows(raw):
    text = (
        "A man kicks.#a/DET man/NOUN kick/VERB#0.0#0.0\n\n"
        "he turns — slowly#he/PRON turn/VERB slowly/ADV#1.5#nan\n"
    )
    (raw / "texts" / "a.txt").write_text(text, encoding="utf-8")
    result = read(raw)
    assert not result.faults
    first, second = rows(result.captions)[:2]
    assert first == {
        "clip": "a", "caption_index": 0, "caption": "A man kicks.",
        "tokens": "a/DET man/NOUN kick/VERB", "start": 0.0, "end": 0.0,
    }  # fmt: skip
    assert (second["caption_index"], second["start"], second["end"]) == (2, 1.5, 0.0)
    assert second["caption"] == "he turns — slowly"
    assert rows(result.splits) == [
        {"clip": clip, "split": split, "name": clip}
        for clip, split in zip(CLIPS, captions.SPLITS, strict=True)
    ]


def test_a_zip_reads_as_the_folder(raw):
    expected = read(raw)
    with zipfile.ZipFile(raw / "texts.zip", "w") as archive:
        for clip in CLIPS:
            archive.write(raw / "texts" / f"{clip}.txt", f"texts/{clip}.txt")
    for path in (raw / "texts").iterdir():
        path.unlink()
    (raw / "texts").rmdir()
    assert read(raw).captions.equals(expected.captions)
    (raw / "texts.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"texts\.zip is damaged"):
        read(raw)


def test_plain_sentences_are_tagged(tmp_path):
    folder = tmp_path / "texts" / "semantic_labels" / "kungfu" / "one"
    folder.mkdir(parents=True)
    names = [f"kungfu/one/{clip}" for clip in CLIPS]
    for name, split in zip(names, captions.SPLITS, strict=True):
        (tmp_path / f"{split}.txt").write_text(f"{name}\n", encoding="utf-8")
        path = tmp_path / "texts" / "semantic_labels" / f"{name}.txt"
        path.write_text("\ufeff A man  kicks #1 high \r\n", encoding="utf-8")
    motions = [flat(name) for name in names]
    result = read(tmp_path, motions, rules.tagger)
    assert not result.faults
    assert [row["clip"] for row in rows(result.captions)] == [f"kungfu__one__{c}" for c in CLIPS]
    assert [row["name"] for row in rows(result.splits)] == names
    assert rows(result.captions)[0]["caption"] == "a man kicks 1 high."
    assert rows(result.captions)[0]["tokens"] == "a/DET man/NOUN kick/VERB high/ADJ"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (LINE.encode() + b"caf\xe9#a/DET#0.0#0.0\n", "line 2 is not UTF-8 text"),
        (LINE.encode() + b"a man kicks.\n", "line 2 has 1 fields between #"),
        (b"a man#a/DET man/NOUN#zero#0.0\n", "line 1 has 'zero' instead of a start"),
        (b"a man#a/DET man/NOUN#inf#0.0\n", "line 1 has 'inf' instead of a start"),
        (b"a man#a/DET man#0.0#0.0\n", "line 1 has the token 'man', which is not word/POS"),
        (b"a man##0.0#0.0\n", "line 1 has no caption or no tokens"),
        (b"x" * (2 << 20), "which no text file of captions has"),
        (None, "is missing"),
    ],
)
def test_a_bad_file_stops_or_is_set_aside(raw, content, reason):
    path = raw / "texts" / "b.txt"
    path.unlink() if content is None else path.write_bytes(content)
    (raw / "val.txt").write_text("b\nd\n", encoding="utf-8")
    (raw / "texts" / "d.txt").write_text(LINE, encoding="utf-8")
    result = read(raw, (*CLIPS, "d"))
    (fault,) = result.faults
    assert (fault.clip, fault.file) == ("b", "texts/b.txt")
    assert reason in fault.reason
    assert {row["clip"] for row in rows(result.captions)} == {"a", "c", "d"}
    with pytest.raises(InputError, match=r"texts/b\.txt: clip b: .* `on_bad_clip: quarantine`"):
        captions.settle(result, raw, "stop", 1.0)
    captions.settle(result, raw, "quarantine", 0.25)
    with pytest.raises(InputError, match=r"1 of 4 clips are bad, above `quarantine_limit: 0\.2`"):
        captions.settle(result, raw, "quarantine", 0.2)


def test_listed_names_that_cannot_be_used(raw):
    lines = ["a", "a", "../x", "/etc/x", "nowhere"]
    (raw / "train.txt").write_text("\n".join(lines), encoding="utf-8")
    (raw / "test.txt").write_text("c\na\n", encoding="utf-8")
    reasons = [(fault.file, fault.reason) for fault in read(raw).faults]
    assert reasons == [
        ("train.txt", "the clip is listed in train.txt already"),
        ("train.txt", "the name leaves its directory"),
        ("train.txt", "the name leaves its directory"),
        ("test.txt", "the clip is listed in train.txt already"),
        ("train.txt", "the clip is listed but has no motion"),
    ]


def test_names_that_flatten_to_one_clip_are_a_fault(raw):
    (raw / "train.txt").write_text("a\nx/y\nx__y\n", encoding="utf-8")
    faults = read(raw, (*CLIPS, "x__y")).faults
    assert faults[0].reason == "the clip is listed in train.txt already"


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        ("test.txt", r"test\.txt is missing: list the clips"),
        ("texts", r"has neither texts/ nor texts\.zip"),
        (".", r"raw is missing: set the dataset's `raw`"),
    ],
)
def test_missing_parts_are_named(raw, remove, message):
    (raw / remove).rename(raw.parent / "elsewhere")
    with pytest.raises(InputError, match=message):
        read(raw)


def test_an_unreadable_list_is_named(raw):
    (raw / "val.txt").write_bytes(b"\xff\n")
    with pytest.raises(InputError, match=r"val\.txt cannot be read as UTF-8"):
        read(raw)
    (raw / "val.txt").write_bytes(b"\n")
    with pytest.raises(InputError, match=r"val\.txt is empty"):
        read(raw)


def test_a_split_without_a_clip_left_is_named(raw):
    result = read(raw, ("a", "b"))
    with pytest.raises(InputError, match=r"test\.txt: no clip of the list can be used"):
        captions.settle(result, raw, "quarantine", 1.0)


def index(lengths: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "clip": list(lengths),
            "start": 0,
            "length": np.array(list(lengths.values()), "int32"),
            "source": [f"joints/{clip}.npy" for clip in lengths],
            "mirrored": False,
        }
    )


def reference_samples(
    lines: dict[str, list[tuple[float, float]]], lengths: dict[str, int], shortest: int
):
    """The loop of the reference's Text2MotionDatasetEval, one clip after another."""
    found = {}
    for clip, tags in lines.items():
        motion = range(lengths[clip])
        if not shortest <= len(motion) < 200:
            continue
        for number, (start, end) in enumerate(tags):
            first = int(start * 20) if start > 0 else 0
            last = int(end * 20) if end > 0 else len(motion)
            cut = motion[first:last]
            if shortest <= len(cut) < 200:
                found[f"{number}%{clip}"] = (cut[0], len(cut))
    return found


SECONDS = st.one_of(st.just(0.0), st.integers(-10, 130).map(lambda tenths: tenths / 10))


@given(
    st.lists(
        st.tuples(
            st.integers(1, 230), st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=4)
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([40, 24]),
)
def test_samples_are_those_of_the_reference_loader(clips, shortest):
    whole = {f"whole-{split}": (60, [(0.0, 0.0)]) for split in captions.SPLITS}
    clips = {**{f"clip-{number}": clip for number, clip in enumerate(clips)}, **whole}
    lines = {clip: tags for clip, (_, tags) in clips.items()}
    lengths = {clip: length for clip, (length, _) in clips.items()}
    table = pd.DataFrame(
        [
            (clip, np.int16(number), "x", "x/X", start, end)
            for clip, tags in lines.items()
            for number, (start, end) in enumerate(tags)
        ],
        columns=captions.CAPTIONS.names,
    )
    split = [name.removeprefix("whole-") if name in whole else "train" for name in lines]
    splits = pd.DataFrame({"clip": list(lines), "split": split})
    motions, found = samples.build(table, splits, index(lengths), shortest)
    where = motions.set_index("motion")
    assert motions["motion"].is_unique
    ours = {
        row.sample: (where.at[row.motion, "start"], where.at[row.motion, "frames"])
        for row in found.itertuples()
    }
    assert ours == reference_samples(lines, lengths, shortest)
    assert set(where.index) == set(found["motion"])
    assert where["frames"].between(shortest, 199).all()
    same = where["frames"].to_numpy() == [lengths[clip] for clip in where["clip"]]
    assert (same == (where.index == where["clip"])).all()


@pytest.mark.parametrize("times", ["3.0#2.0", "-1.0#4.0", "0.0#-2.0", "2.0#2.0"])
def test_captions_with_impossible_times_are_left_out_and_counted(raw, times):
    wrong = f"he turns#he/PRON turn/VERB#{times}\n"
    (raw / "texts" / "a.txt").write_text(wrong + LINE + wrong, encoding="utf-8")
    (raw / "texts" / "b.txt").write_text(wrong, encoding="utf-8")
    result = read(raw)
    found = [(row["clip"], row["caption_index"]) for row in rows(result.captions)]
    assert found == [("a", 1), ("c", 0)]
    assert result.splits["clip"].to_pylist() == ["a", "c"]
    assert [fault.clip for fault in result.untimely] == ["b"]
    assert result.faults == []
    assert result.labels.files["times"] == 2


@pytest.mark.parametrize("times", ["0.0#0.0", "nan#nan", "2.0#0.0", "0.0#4.0", "-0.0#4.0"])
def test_other_times_are_kept(raw, times):
    (raw / "texts" / "a.txt").write_text(f"he turns#he/PRON turn/VERB#{times}\n", encoding="utf-8")
    result = read(raw)
    assert "a" in result.splits["clip"].to_pylist()
    assert not result.labels.files["times"]


def test_a_tag_keeps_its_frame(raw):
    """5.7 s is frame 114; rounded to float32 it would be frame 113."""
    text = LINE + "he turns#he/PRON turn/VERB#5.7#9.0\n"
    (raw / "texts" / "a.txt").write_text(text, encoding="utf-8")
    result = read(raw)
    motions, _ = samples.build(
        result.captions.to_pandas(),
        result.splits.to_pandas(),
        index({"a": 190, "b": 50, "c": 50}),
        40,
    )
    assert "a@114-180" in set(motions["motion"])


def test_a_split_without_samples_is_named(raw):
    result = read(raw)
    with pytest.raises(InputError, match="The val split has no caption of a motion of 40 to 199"):
        samples.build(
            result.captions.to_pandas(),
            result.splits.to_pandas(),
            index({"a": 60, "b": 39, "c": 60}),
            40,
        )


def test_the_steps_write_the_tables_of_the_contract(raw, tmp_path):
    (raw / "train.txt").write_text("a\ngone\nbad\n", encoding="utf-8")
    (raw / "bad.csv").write_text("clip,file,reason\nbad,bad.npy,is empty\n", encoding="utf-8")
    index({"a": 60, "b": 60, "c": 199, "d": 60}).to_parquet(tmp_path / "index.parquet")
    (raw / "texts" / "e.txt").write_text(LINE, encoding="utf-8")
    out = {
        name: tmp_path / name
        for name in ("captions", "splits", "quarantine", "labels", "motions", "samples")
    }
    settings = {"tagger": "spacy", "on_bad_clip": "quarantine", "quarantine_limit": 0.5}
    inputs = {"raw": raw, "index": tmp_path / "index.parquet", "aside": [raw / "bad.csv"]}
    captions_step.run(Job("captions", inputs, out, settings))
    samples_step.run(Job("samples", {**inputs, **out}, out, {"shortest": 40}))
    quarantine = out["quarantine"].read_text(encoding="utf-8")
    assert quarantine == (
        "clip,file,reason\n"
        "gone,train.txt,the clip is listed but has no motion\n"
        "d,joints/d.npy,the clip is in no split list\n"
        "e,texts/e.txt,the clip is in no split list\n"
    )
    assert pq.read_schema(out["captions"]).equals(captions.CAPTIONS)
    assert pq.read_schema(out["splits"]).equals(captions.SPLIT_TABLE)
    motions, table = (pd.read_parquet(out[name]) for name in ("motions", "samples"))
    assert list(motions) == ["motion", "clip", "start", "frames", "split"]
    assert list(map(str, motions.dtypes[["start", "frames"]])) == ["int32", "int32"]
    assert list(table) == [
        "sample", "motion", "clip", "caption_index", "caption", "tokens", "split"
    ]  # fmt: skip
    assert table["sample"].tolist() == ["0%a", "0%b", "0%c"]
    assert str(table["caption_index"].dtype) == "int16"


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        (
            "A man is running forward, then kicks with his left leg.",
            (
                "A/DET man/NOUN is/AUX run/VERB forward/ADV then/ADV kick/VERB with/ADP his/PRON "
                "left/ADJ leg/NOUN"
            ),
        ),
        (
            "he throws a punch and turns to the left",
            "he/PRON throw/VERB a/DET punch/NOUN and/CCONJ turn/VERB to/ADP the/DET left/NOUN",
        ),
        ("the person's arms don't move", "the/DET person/NOUN arm/NOUN do/AUX move/VERB"),
        ("a side-step, 3 times", "a/DET sidestep/NOUN time/NOUN"),
        ("", ""),
    ],
)
def test_the_offline_tagger(sentence, tokens):
    assert rules.tag(sentence) == tokens


@given(st.text(max_size=60))
def test_the_offline_tagger_always_gives_words_with_tags(sentence):
    for token in rules.tag(sentence).split():
        word, mark, tag = token.rpartition("/")
        assert word.isalpha()
        assert mark == "/"
        assert tag.isupper()


def test_the_offline_tagger_on_the_mocap_captions():
    if not MOCAP.is_file():
        pytest.skip("needs ../shared/mocap/captions.jsonl, which is not in the repository")
    pairs = [
        (caption, tokens)
        for line in MOCAP.read_text(encoding="utf-8").splitlines()
        for caption, tokens in json.loads(line)["captions"]
    ]
    agree = sum(rules.tag(caption) == tokens for caption, tokens in pairs)
    assert agree >= 0.98 * len(pairs)
