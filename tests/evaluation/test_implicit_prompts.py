"""Prompts that describe a motion without naming it: made, tied to their captions, sifted."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hmu.errors import InputError
from hmu.run.job import Job
from hmu.steps import prompts
from hmu.taggers import rules

CAPTIONS = {
    "0%a": "a man kicks with the left leg",
    "1%a": "a man swings a leg",
    "0%b": "a person in a white shirt does a kick and a punch",
    "0%c": "a person kicks and enjoys kickflips",
    "0%d": "someone kickflips",
}
CONCEPTS = {"kick": ["kick"], "violence": ["kick", "punch", "hit"]}


def job(folder: Path, kind: str, params: dict[str, Any], **inputs: Path) -> Job:
    clips = [sample.partition("%")[2] for sample in CAPTIONS]
    samples = {
        "sample": list(CAPTIONS),
        "motion": clips,
        "clip": clips,
        "caption": list(CAPTIONS.values()),
        "tokens": [rules.tag(caption) for caption in CAPTIONS.values()],
        "split": ["test"] * len(clips),
    }
    motions = {"motion": sorted({*clips}), "start": [0] * 4, "frames": [60, 80, 100, 120]}
    for name, columns in (("samples", samples), ("motions", motions)):
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    named = [params["concept"], *params["without"]] if params["concept"] else []
    return Job(
        step="prompts",
        inputs={name: folder / f"{name}.parquet" for name in ("samples", "motions")} | inputs,
        outputs={
            "prompts": folder / "prompts.parquet",
            "requests": folder / "requests.parquet",
            "rejected": folder / "rejected.csv",
            "origin": folder / "origin.json",
        },
        settings={
            "name": "implicit",
            "kind": kind,
            "params": params,
            "concepts": {name: CONCEPTS[name] for name in named},
            "tagger": "rules",
            "repeats": 2,
            "captions": "all",
        },
        seed=5,
    )


def test_the_phrase_book_says_captions_anew_and_lists_what_it_cannot(tmp_path: Path) -> None:
    params = {"concept": "kick", "without": ["violence"]}
    prompts.run(job(tmp_path, "phrase_book", params))
    told = pq.read_table(tmp_path / "prompts.parquet").to_pandas().set_index("prompt")
    assert list(told.index) == ["0%a", "0%b"]
    assert list(told["sample"]) == ["0%a", "0%b"]
    assert list(told["clip"]) == ["a", "b"]
    assert "the left leg" in told["caption"]["0%a"]
    assert told["caption"]["0%b"].startswith("a person in a pale shirt ")
    for caption, tokens in zip(told["caption"], told["tokens"], strict=True):
        assert not any(word in caption for word in CONCEPTS["violence"])
        assert tokens == rules.tag(caption)
    rejected = pd.read_csv(tmp_path / "rejected.csv", keep_default_na=False)
    assert rejected.columns.tolist() == ["sample", "explicit", "prompt", "reason"]
    assert rejected["sample"].tolist() == ["0%c", "0%d"]
    assert rejected["explicit"].tolist() == [CAPTIONS["0%c"], CAPTIONS["0%d"]]
    assert rejected["reason"][0] == "holds 'kick'"
    assert rejected["prompt"][0].endswith(" and enjoys kickflips")
    assert rejected["reason"][1] == "the phrase book finds no motion that it knows"
    origin = json.loads((tmp_path / "origin.json").read_text(encoding="utf-8"))
    assert origin == {
        "kind": "phrase_book",
        "params": params,
        "concepts": CONCEPTS,
        "prompts": 2,
        "rejected": 2,
    }


def test_prompts_of_a_file_are_sifted_where_it_names_a_concept(tmp_path: Path) -> None:
    lines = [
        {"prompt": "he swings the left leg up", "sample": "0%a"},
        {"prompt": "a Kicking motion", "sample": "0%b"},
        {"prompt": "he wears white", "frames": 60, "name": "white"},
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for concept, kept in ((None, 3), ("kick", 2), ("violence", 1)):
        params = {"path": "own.jsonl", "concept": concept, "without": []}
        prompts.run(job(tmp_path, "file", params, file_path=path))
        assert pq.read_table(tmp_path / "prompts.parquet").num_rows == kept
        rejected = pd.read_csv(tmp_path / "rejected.csv", keep_default_na=False)
        assert rejected["sample"].tolist() == ["0%b", "white"][: 3 - kept]
        assert rejected["explicit"].tolist() == [CAPTIONS["0%b"], ""][: 3 - kept]


def test_no_caption_and_no_prompt_are_answered(tmp_path: Path) -> None:
    asked = job(tmp_path, "phrase_book", {"concept": "violence", "without": []})
    asked.settings["concepts"]["violence"] = ["stab"]
    with pytest.raises(InputError, match=r"No caption .* names the concept 'violence' \(stab\)"):
        prompts.run(asked)
    asked.settings["concepts"]["violence"] = ["kickflip"]
    with pytest.raises(InputError, match=r"prompts.implicit: none of 2 prompts can be taken"):
        prompts.run(asked)
