"""Forget and retain sets: the benchmark's grep, whole lemmas, and where the two differ."""

import json
import shutil
import subprocess
from pathlib import Path

import matplotlib
import pandas as pd
import pytest

from hmu.errors import InputError
from hmu.figures import shares as figure
from hmu.run.job import Job
from hmu.steps import concept as concept_step
from hmu.steps import concept_figure
from hmu.text import captions, concepts, shares
from support.reference import checkout

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
    return pd.DataFrame({"clip": list(clips), "split": "train", "name": list(clips)})


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


def reference_script() -> Path:
    """The benchmark's script."""
    script = checkout("Mamiglia+hmu") / "scripts" / "utils" / "split_dataset.sh"
    if not all(map(shutil.which, ("bash", "grep", "jq"))):
        pytest.skip("the reference's script needs bash, grep and jq")
    return script


@pytest.mark.parametrize(
    "keywords", [VIOLENCE, ["kick"], ["box"], ["wave", "slowly"], ["NOUN"], ["—"], ["zebra"]]
)
def test_the_forget_set_is_what_grep_finds(texts, keywords):
    found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, keywords)
    assert forgotten(found) == grep(texts, keywords)


@pytest.fixture(scope="module")
def mocap(shared, tmp_path_factory) -> Path:
    """A folder of text files with every twelfth clip's captions."""
    source = shared / "mocap" / "captions.jsonl"
    if not source.is_file():
        pytest.skip("needs ../shared/mocap/captions.jsonl, which is not in the repository")
    folder = tmp_path_factory.mktemp("mocap") / "texts"
    folder.mkdir()
    for line in source.read_text(encoding="utf-8").splitlines()[::12]:
        record = json.loads(line)
        lines = [f"{caption}#{tokens}#0.0#0.0\n" for caption, tokens in record["captions"]]
        (folder / f"{record['id']}.txt").write_text("".join(lines), encoding="utf-8")
    return folder


def test_the_forget_set_is_what_grep_finds_on_the_mocap_captions(mocap):
    names = [path.stem for path in mocap.glob("*.txt")]
    for keywords in (["wave", "waving"], ["left"], ["run", "hit"]):
        found = concepts.partition(table(mocap), in_train(names), names, keywords)
        assert forgotten(found) == grep(mocap, keywords)
        assert 0 < len(forgotten(found)) < len(names)


@pytest.mark.parametrize(("split", "lines"), [("train", 1), ("train_val", 1), ("train", 2)])
def test_text_lists_equal_those_of_the_reference_script(mocap, tmp_path, split, lines):
    """The reference's own script writes its lists beside ours, in its directory's layout."""
    script = reference_script()
    keywords = ["wav", "run", "hit"]
    names = sorted(path.stem for path in mocap.glob("*.txt"))
    places = [("train", "train", "val", "test")[number % 4] for number in range(len(names))]
    splits = pd.DataFrame({"clip": names, "split": places, "name": names})
    home = tmp_path / "dataset" / "HumanML3D"
    home.mkdir(parents=True)
    (home / "texts").symlink_to(mocap)
    members = splits["clip"][splits["split"].isin(concepts.LISTS[split])]
    (home / f"{split}.txt").write_text("".join(f"{name}\n" for name in members))
    (tmp_path / "assets").mkdir()
    assets = {"splits": {"HumanML3D": {"mine": {"forget_texts": keywords}}}}
    (tmp_path / "assets" / "splits.json").write_text(json.dumps(assets))
    words = ["--split_name", "mine", "--dataset", "HumanML3D", "--main_split", split]
    words += ["--min_occurence", str(lines)]
    done = subprocess.run(["bash", str(script), *words], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    found = concepts.partition(table(mocap), splits, names, keywords, "substring", lines)
    ours = concepts.text_lists(found.clips, "mine")
    for side in ("w", "wo"):
        name = f"{split}-{side}-mine.txt"
        theirs = (home / "kw_splits" / name).read_text(encoding="utf-8").split()
        assert ours[name] == theirs
        assert len(theirs) > 10


def test_lemma_matching_takes_whole_words(texts):
    found = concepts.partition(
        table(texts), in_train(TEXTS), TEXTS, ["hit", "box", "kick"], "lemma"
    )
    assert forgotten(found) == {"kicks", "second", "capital", "cardboard"}


def test_a_clip_may_need_several_lines_that_match(texts):
    """Lines, not keywords, are counted, and each way of matching counts its own."""
    words = ["PRON", "wave", "box"]
    found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, words, min_lines=2)
    assert forgotten(found) == {"second"}
    once = concepts.partition(table(texts), in_train(TEXTS), TEXTS, words)
    assert forgotten(once) == {"second", "token", "walks", "cardboard"} | forgotten(once)
    pd.testing.assert_frame_equal(once.matches, found.matches)
    # "he waves" holds two keywords, "he boxes" too: two lines either way.
    strict = concepts.partition(table(texts), in_train(TEXTS), TEXTS, ["wave", "box"], "lemma", 2)
    assert forgotten(strict) == {"second"}
    assert (
        forgotten(concepts.partition(table(texts), in_train(TEXTS), TEXTS, ["box"], "lemma", 2))
        == set()
    )
    counted = shares.table(found.clips, found.matches, words)
    assert counted[counted["split"] == "all"]["clips"].tolist() == [1, 1, 1, 1]


def test_disagreements_are_where_exactly_one_way_matches(texts):
    keywords = ["hit", "box", "kick", "boxing"]
    for matching in concepts.MATCHING:
        found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, keywords, matching)
        columns = list(found.disagreements)
        assert columns == [
            *["keyword", "word", "matched_by", "clip", "caption_index", "caption", "changes_set"],
        ]
        assert found.disagreements.values.tolist() == [
            ["hit", "white", "substring", "white", 0, "a white cat", True],
            ["kick", "kick", "lemma", "capital", 0, "Kick it", True],
        ]


def test_a_disagreement_within_a_clip_may_leave_the_sets_alone(texts):
    (texts / "both.txt").write_text(
        "a white box#a/DET white/ADJ box/NOUN#0.0#0.0\nhe hits#he/PRON hit/VERB#0.0#0.0\n"
    )
    found = concepts.partition(table(texts), in_train(["both"]), ["both"], ["hit"])
    (row,) = found.disagreements.values.tolist()
    assert row == ["hit", "white", "substring", "both", 0, "a white box", False]


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
    assert found.clips.values.tolist() == [
        ["walks", "train", "walks", False],
        ["kicks", "train", "kicks", True],
    ]
    assert set(found.matches["clip"]) == {"kicks"}


def test_keywords_are_literal(texts):
    found = concepts.partition(table(texts), in_train(TEXTS), TEXTS, ["k.cks", "h|w"])
    assert forgotten(found) == set()
    assert list(found.matches) == ["clip", "caption_index", "keyword", "line"]


def clips(**forget: list[bool]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (f"{split}__{number}", split, f"{split}/{number}", flag)
            for split, flags in forget.items()
            for number, flag in enumerate(flags)
        ],
        columns=["clip", "split", "name", "forget"],
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
        "train-w-wave.txt": ["train/0"],
        "train-wo-wave.txt": ["train/1"],
        "val-w-wave.txt": [],
        "val-wo-wave.txt": ["val/0"],
        "test-w-wave.txt": ["test/0"],
        "test-wo-wave.txt": ["test/1"],
        "train_val-w-wave.txt": ["train/0"],
        "train_val-wo-wave.txt": ["train/1", "val/0"],
        "all-w-wave.txt": ["train/0", "test/0"],
        "all-wo-wave.txt": ["train/1", "val/0", "test/1"],
    }


@pytest.fixture
def job(texts, tmp_path) -> Job:
    names = {name: tmp_path / f"{name}.parquet" for name in ("captions", "splits", "motions")}
    table(texts).to_parquet(names["captions"])
    places = ["train", "test", "train", "train", "train", "test", "val"]
    members = zip(TEXTS, places, TEXTS, strict=True)
    pd.DataFrame(members, columns=["clip", "split", "name"]).to_parquet(names["splits"])
    pd.DataFrame({"clip": list(TEXTS)}).to_parquet(names["motions"])
    outputs = {
        name: tmp_path / "out" / name
        for name in ("clips", "matches", "disagreements", "shares", "lists")
    }
    (tmp_path / "out").mkdir()
    settings = {
        "concept": "violence",
        "dataset": "own",
        "keywords": [*VIOLENCE, "box"],
        "matching": "substring",
        "min_lines": 1,
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
    disagreements = pd.read_csv(job.outputs["disagreements"])
    assert "a white cat" in disagreements["caption"].tolist()
    assert len(shares.read(job.outputs["shares"])) == 4 * (1 + len(VIOLENCE) + 1)
    matches = pd.read_parquet(job.outputs["matches"])
    assert set(matches["clip"]) == set(found["clip"][found["forget"]])


def test_the_step_writes_nothing_for_an_empty_set(job):
    job.settings["keywords"][:] = ["zebra"]
    with pytest.raises(InputError, match=r"'violence' has an empty forget set .* of 'own'"):
        concept_step.run(job)
    assert not any(path.exists() for path in job.outputs.values())


def test_a_set_that_too_many_lines_leave_empty_names_the_key(job):
    job.settings["min_lines"] = 2
    said = r"no clip has 2 captions that match .* Fix concepts\.violence\.keywords or min_lines"
    with pytest.raises(InputError, match=said):
        concept_step.run(job)


def share_table(texts: Path) -> pd.DataFrame:
    splits = in_train(TEXTS)
    splits.loc[splits["clip"] == "kicks", "split"] = "test"
    found = concepts.partition(table(texts), splits, TEXTS, ["kick", "beat", "man", "hook", "PRON"])
    return shares.table(found.clips, found.matches, ["kick", "beat", "man", "hook", "PRON"])


def test_shares_count_clips_by_keyword_and_split(texts):
    found = share_table(texts)
    rows = {(row.split, row.keyword): (row.clips, row.of) for row in found.itertuples()}
    assert rows["all", ""] == (5, 7)
    assert rows["all", "PRON"] == (4, 7)  # in both captions of one clip
    assert rows["all", "kick"] == rows["all", "beat"] == rows["all", "man"] == (1, 7)
    assert rows["all", "hook"] == (0, 7)
    assert (rows["train", ""], rows["test", "kick"], rows["val", ""]) == ((4, 6), (1, 1), (0, 0))
    assert (found["share"] * found["of"]).tolist() == found["clips"].tolist()


def test_the_figure_says_the_shares_and_is_the_same_each_time(texts, tmp_path, monkeypatch):
    monkeypatch.setitem(matplotlib.rcParams, "svg.fonttype", "none")  # words as words
    path = tmp_path / "shares.csv"
    share_table(texts).to_csv(path, index=False)
    settings = {"concept": "harm", "datasets": ["own", "other"], "benchmarks": [None, "HumanML3D"]}
    drawn = []
    for name in ("a.svg", "b.svg"):
        job = Job(
            "concept_figure", {"shares": [path, path]}, {"picture": tmp_path / name}, settings
        )
        concept_figure.run(job)
        drawn.append((tmp_path / name).read_text(encoding="utf-8"))
    assert drawn[0] == drawn[1]
    for text in ("own", "HumanML3D", "harm: 71.4% of 7 clips (5)", "14.3%  (1)", "0.0%  (0)"):
        assert text in drawn[0]
    assert "the paper" not in drawn[0]


def test_the_figure_marks_the_papers_shares(texts, tmp_path, monkeypatch):
    monkeypatch.setitem(matplotlib.rcParams, "svg.fonttype", "none")
    panel = figure.Panel("HumanML3D", share_table(texts), figure.PAPER["HumanML3D", "violence"])
    figure.draw("violence", [panel], tmp_path / "figure.svg")
    assert "the paper" in (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert panel.paper[""] == 7.7


def test_a_run_makes_the_figure_and_the_lists(finished):
    folder = finished.root / "results" / "data" / "demo" / "concepts" / "violence"
    counted = shares.read(folder / "shares.csv")
    listed = (folder / "lists" / "all-w-violence.txt").read_text(encoding="utf-8").split()
    assert counted["clips"].iloc[0] == len(listed) > 0
    figure = finished.root / "results" / "figures" / "shares" / "violence" / "demo.svg"
    assert figure.read_text(encoding="utf-8").startswith("<?xml")
