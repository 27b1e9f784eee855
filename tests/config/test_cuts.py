"""What pages say that a configuration cuts of the paper's settings."""

import re
from pathlib import Path
from typing import Any

import pytest

from hmu import config as configuration
from hmu.config import cuts
from hmu.tables import binding

CONFIGS = Path(__file__).resolve().parents[2] / "workflow" / "config"


def said(config: dict[str, Any]) -> dict[str, list[str]]:
    cells = {name: binding.addresses(config, name) for name in config["tables"]}
    return cuts.of_tables(config, cells)


def test_the_papers_configuration_cuts_nothing() -> None:
    """Beside the strides, which the paper has too."""
    found = said(configuration.load(CONFIGS / "paper.yaml"))
    assert len(found) > 10
    assert not any(found.values())


@pytest.fixture(scope="module")
def small() -> dict[str, Any]:
    return configuration.load(CONFIGS / "small.yaml")


def test_each_page_of_the_small_configuration_says_what_was_cut(small: dict[str, Any]) -> None:
    found = said(small)
    assert found.keys() == {"small-official", *(f"small-{number}" for number in range(1, 17))}
    for name, told in found.items():
        text = " ".join(told)
        assert re.search(r"(600|1200) clips that the pipeline made", text), name
        assert "repeats 3 (20)" in text, name
        assert "masked: latent 96 (384)" in text, name
        assert "the mean of word vectors, in the place of CLIP's text tower" in text, name
        assert "movement_hidden 96 (512)" in text, name
        assert "movement_training epochs 12 (270), matching_training epochs 40 (300)" in text, name
        assert "word vectors of the pipeline's own (GloVe)" in text, name
        assert "detector" not in text, name  # decides no number of the paper's tables
    one = next(each for each in found["small-6"] if "momask-stride-1, masked" in each)
    assert "epochs 40 (500)" in one
    # A model is named where it has rows; what BAMM shares is MoMask's.
    assert not any("bamm" in each for each in found["small-5"])
    assert [each.split(",")[3].split(":")[0] for each in found["small-9"] if " bamm," in each] == [
        " masked"
    ]


def test_a_page_says_what_was_cut_of_what_measures_it(small: dict[str, Any]) -> None:
    """Of detector and TMR where numbers are theirs, and of no model that a dataset brings."""
    layouts = ("main", "evidence", "presence", "neighbours", "tmr", "edits", "times")
    prompts = {"neighbours": {"prompts": "neighbours", "clips": "all"}}
    own = {
        **small,
        "tables": {
            name: {"layout": name, "dataset": "humanml3d", "concept": "violence"}
            for name in layouts
        },
        "sets": {**small["sets"], **prompts},
        "prompts": {**small["prompts"], "neighbours": {"kind": "neighbours", "near": ["kick"]}},
        "tmr": {**small["tmr"], "layers": 2},
    }
    found = {name: " ".join(told) for name, told in said(own).items()}
    detector = (
        "the default in brackets, detector: width 32 (128), folds 3 (5), training epochs 8 (40)."
    )
    by = {"detector": detector, "tmr": "its authors' in brackets, tmr: layers 2 (6)."}
    by["evaluator"] = "the paper's in brackets, evaluator: word vectors"
    assert {
        judge: [name for name in layouts if told in found[name]] for judge, told in by.items()
    } == {
        "detector": ["evidence", "presence", "neighbours"],
        "tmr": ["tmr"],
        "evaluator": ["main", "evidence", "neighbours", "tmr"],
    }
    brings = {"evaluator": "download", "word_vectors": "download", "tmr": "theirs"}
    own["datasets"] = {"humanml3d": {**small["datasets"]["humanml3d"], **brings}}
    assert not [told for told in said(own)["tmr"] if "evaluator" in told or "tmr" in told]


def test_the_small_configuration_has_all_of_every_table_but_concepts(small: dict[str, Any]) -> None:
    for number in range(1, 17):
        bound = binding.bind(small, f"small-{number}")
        assert bool(bound.left_out) == (number == 4), bound.left_out
    rows = {cell.concept for cell in binding.addresses(small, "small-4")}
    assert len(rows) == 3
    strides = {cell.backbone for cell in binding.addresses(small, "small-6")}
    assert strides == {"momask-stride-1", "momask", "momask-stride-3"}
    tokenizers = [small["backbones"][name]["tokenizer"] for name in sorted(strides)]
    assert [each["stride"] for each in tokenizers] == [2, 1, 3]
    assert tokenizers[1]["training"]["epochs"] * 3 == tokenizers[0]["training"]["epochs"]
    assert small["variants"]["finetuned-500"]["epochs"] == 40
