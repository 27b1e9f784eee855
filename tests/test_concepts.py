"""Forget and retain sets: the benchmark's grep, whole lemmas, and where the two differ."""

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from hmu.errors import InputError
from hmu.job import Job
from hmu.steps import concept as concept_step
from hmu.text import captions, concepts

SHARED = Path(__file__).resolve().parents[2] / "shared"
VIOLENCE = ["kick", "punch", "hit", "beat", "boxe", "boxing", "jab", "uppercut", "hook"]
TEXTS = {
    "kicks": ["a man kicks#a/DET man/NOUN kick/VERB#0.0#0.0"],
    "second": ["he waves#he/PRON wave/VERB#0.0#0.0", "he boxes#he/PRON box/VERB#1.0#1.5"],
    "white": ["a white cat#a/DET white/ADJ cat/NOUN#0.0#0.0"],
    "capital": ["Kick it#Kick/NOUN it/PRON#nan#nan"],
    "token": ["he struck#he/PRON beat/VERB#0.0#0.0"],
    "walks": ["he walks — slowly#he/PRON walk/VERB slowly/ADV#0.0#0.0", "", "hi t#hi/X#0.0#0.0"],
    "cardboard": ["lifts a box#lift/VERB a/DET box/NOUN#0.0#0.0"],
}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for clip, lines in TEXTS.items():
        (folder / f"{clip}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def table(folder: Path) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (path.stem, each.index, each.text, each.tokens, each.start, each.end)
            for path in sorted(folder.glob("*.txt"))
            for each in captions.parse_text(path.read_bytes())
        ],
        columns=captions.CAPTIONS.names,
    )


def in_train(clips) -> pd.DataFrame:
    return pd.DataFrame({"clip": list(clips), "split": "train"})


def forgotten(partition: concepts.Partition) -> set[str]:
    return set(partition.clips["clip"][partition.clips["forget"]])


def grep(folder: Path, keywords: list[str]) -> set[str]:
    """The clips that the reference's command finds: at least one matching line."""
    program = shutil.which("grep")
    if program is None:
        pytest.skip("needs the program grep")
    found = set()
    for path in folder.glob("*.txt"):
        command = [program, "-Ec", "|".join(keywords), str(path)]
        result = subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"})
        assert result.returncode in (0, 1), result.stderr
        if int(result.stdout) >= 1:
            found.add(path.stem)
    return found


@pytest.mark.parametrize(
    "keywords", [VIOLENCE, ["kick"], ["box"], ["wave", "slowly"], ["NOUN"], ["—"], ["zebra"]]
)
def test_the_forget_set_is_what_grep_finds(texts, keywords):
    found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, keywords)
    assert forgotten(found) == grep(texts, keywords)


def test_the_forget_set_is_what_grep_finds_on_the_mocap_captions(tmp_path):
    source = SHARED / "mocap" / "captions.jsonl"
    if not source.is_file():
        pytest.skip("needs ../shared/mocap/captions.jsonl, which is not in the repository")
    names = []
    for line in source.read_text(encoding="utf-8").splitlines()[::12]:
        record = json.loads(line)
        names.append(record["id"])
        lines = [f"{caption}#{tokens}#0.0#0.0\n" for caption, tokens in record["captions"]]
        (tmp_path / f"{record['id']}.txt").write_text("".join(lines), encoding="utf-8")
    for keywords in (["wave", "waving"], ["left"], ["run", "hit"]):
        found = concepts.partition(table(tmp_path), in_train(names), names, keywords)
        assert forgotten(found) == grep(tmp_path, keywords)
        assert 0 < len(forgotten(found)) < len(names)


def test_lemma_matching_takes_whole_words(texts):
    found = concepts.partition(
        table(texts), in_train(TEXTS), TEXTS, ["hit", "box", "kick"], "lemma"
    )
    assert forgotten(found) == {"kicks", "second", "capital", "cardboard"}


def test_disagreements_are_where_exactly_one_way_matches(texts):
    keywords = ["hit", "box", "kick", "boxing"]
    for matching in concepts.MATCHING:
        found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, keywords, matching)
        assert found.disagreements.values.tolist() == [
            ["capital", 0, "kick", False, True, "Kick it"],
            ["white", 0, "hit", True, False, "a white cat"],
        ]


def test_matches_name_caption_keyword_and_line(texts):
    found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, ["wave", "box", "boxes"])
    assert found.matches.values.tolist() == [
        ["cardboard", 0, "box", "lifts a box#lift/VERB a/DET box/NOUN#0.0#0.0"],
        ["second", 0, "wave", "he waves#he/PRON wave/VERB#0.0#0.0"],
        ["second", 1, "box", "he boxes#he/PRON box/VERB#1.0#1.5"],
        ["second", 1, "boxes", "he boxes#he/PRON box/VERB#1.0#1.5"],
    ]


def test_only_clips_with_a_split_and_a_motion_count(texts):
    splits = in_train(["walks", "kicks", "white"])
    found = concepts.partition(table(texts), splits, ["walks", "kicks", "token"], ["kick"])
    assert found.clips.values.tolist() == [["walks", "train", False], ["kicks", "train", True]]
    assert set(found.matches["clip"]) == {"kicks"}


def test_keywords_are_literal(texts):
    found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, ["k.cks", "h|w"])
    assert forgotten(found) == set()
    assert list(found.matches) == ["clip", "caption_index", "keyword", "line"]


def clips(**forget: list[bool]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (f"{split}{number}", split, flag)
            for split, flags in forget.items()
            for number, flag in enumerate(flags)
        ],
        columns=["clip", "split", "forget"],
    )


BOTH = [True, False]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (clips(train=[False] * 2, test=[False] * 2), "empty forget set on the train split"),
        (clips(train=[True] * 2, test=[True] * 2), "empty retain set on the train split"),
        (clips(train=BOTH, test=[False] * 2), "empty forget set on the test split"),
        (clips(train=BOTH, test=[True] * 2), "empty retain set on the test split"),
    ],
)
def test_an_empty_set_is_named_with_its_remedy(table, message):
    with pytest.raises(InputError, match=message) as caught:
        concepts.check(table, "wave", "own", ["wave", "waving"])
    for part in ("'wave'", "'own'", "wave, waving", "concepts.wave.keywords"):
        assert part in str(caught.value)


def test_sets_that_can_be_measured_pass():
    concepts.check(clips(train=BOTH, val=[False], test=BOTH), "wave", "own", ["wave"])


def test_text_lists_are_named_as_the_reference_names_them():
    lists = concepts.text_lists(clips(train=BOTH, val=[False], test=BOTH), "wave")
    assert lists == {
        "train-w-wave.txt": ["train0"],
        "train-wo-wave.txt": ["train1"],
        "val-w-wave.txt": [],
        "val-wo-wave.txt": ["val0"],
        "test-w-wave.txt": ["test0"],
        "test-wo-wave.txt": ["test1"],
        "train_val-w-wave.txt": ["train0"],
        "train_val-wo-wave.txt": ["train1", "val0"],
        "all-w-wave.txt": ["train0", "test0"],
        "all-wo-wave.txt": ["train1", "val0", "test1"],
    }


@pytest.fixture
def job(texts, tmp_path) -> Job:
    names = {name: tmp_path / f"{name}.parquet" for name in ("captions", "splits", "motions")}
    table(texts).to_parquet(names["captions"])
    members = zip(TEXTS, ["train", "test", "train", "train", "train", "test", "val"], strict=True)
    pd.DataFrame(members, columns=["clip", "split"]).to_parquet(names["splits"])
    pd.DataFrame({"clip": list(TEXTS)}).to_parquet(names["motions"])
    outputs = {
        name: tmp_path / "out" / name for name in ("clips", "matches", "disagreements", "lists")
    }
    (tmp_path / "out").mkdir()
    settings = {
        "concept": "violence",
        "dataset": "own",
        "keywords": [*VIOLENCE, "box"],
        "matching": "substring",
    }
    return Job("concept", names, outputs, settings)


def test_the_step_writes_tables_and_lists(job):
    concept_step.run(job)
    found = pd.read_parquet(job.outputs["clips"])
    assert found["forget"].tolist() == [True, True, True, False, True, False, True]
    lists = sorted(path.name for path in job.outputs["lists"].iterdir())
    assert len(lists) == 10
    forget = (job.outputs["lists"] / "test-w-violence.txt").read_text(encoding="utf-8")
    assert forget == "second\n"
    assert len(pd.read_parquet(job.outputs["disagreements"])) > 0
    matches = pd.read_parquet(job.outputs["matches"])
    assert set(matches["clip"]) == set(found["clip"][found["forget"]])


def test_the_step_writes_nothing_for_an_empty_set(job):
    job.settings["keywords"][:] = ["zebra"]
    with pytest.raises(InputError, match=r"'violence' has an empty forget set .* of 'own'"):
        concept_step.run(job)
    assert not any(path.exists() for path in job.outputs.values())
