"""One key that takes the arithmetic of the paper's code."""

import copy
from pathlib import Path
from typing import Any

import pytest

from hmu import config, registry
from hmu.config import arithmetic
from hmu.config.configuration import Configuration
from hmu.errors import InputError
from hmu.sections.evaluation import EvaluationSection

ROOT = Path(__file__).resolve().parents[2]


def given(**changes: Any) -> dict[str, Any]:
    return {
        "datasets": {
            "theirs": {"source": "features", "raw": "raw", "benchmark": "HumanML3D"},
            "own": {"source": "features", "raw": "raw"},
        },
        "concepts": {"violence": {"keywords": ["kick"]}, "wave": {"keywords": ["wave"]}},
        "variants": {
            "original": {"method": "original"},
            "uce": {"method": "uce"},
            "rece": {"method": "rece", "bias": "exact"},
            "lcr": {"method": "lcr", "selection": "budget"},
        },
        "tables": {"t": {"layout": "main", "dataset": "own", "concept": "violence"}},
        **changes,
    }


def test_the_papers_text_is_the_default() -> None:
    filled = config.validate(given())
    assert filled == config.validate(given(arithmetic="paper"))
    assert filled["variants"]["uce"]["bias"] == "exact"
    assert filled["evaluation"]["last_pool"] == "dropped"
    assert config.min_lines(filled, "violence", "theirs") == 1
    assert arithmetic.said(filled) == []


def test_one_key_switches_all_that_is_not_written() -> None:
    filled = config.validate(given(arithmetic="reference", evaluation={"mm_safe": "paper"}))
    variants = filled["variants"]
    assert variants["uce"]["bias"] == "reference"
    assert (variants["rece"]["bias"], variants["rece"]["adversarial"]) == ("exact", "reference")
    assert variants["lcr"]["selection"] == "budget"
    assert [variants["lcr"][key] for key in ("counts", "replacement", "part_counts")] == [
        "reference",
        "reference",
        "whole",
    ]
    assert "bias" not in variants["original"]
    evaluation = filled["evaluation"]
    assert [evaluation[key] for key in ("mm_safe", "decoded", "last_pool")] == [
        "paper",
        "reference",
        "kept",
    ]
    assert config.min_lines(filled, "wave", "theirs") == 2
    assert config.min_lines(filled, "wave", "own") == 1
    assert config.validate(filled) == filled


def test_planning_says_what_is_switched_and_what_is_kept() -> None:
    filled = config.validate(given(arithmetic="reference", evaluation={"mm_safe": "paper"}))
    switched, kept = arithmetic.said(filled)
    assert switched.startswith("The arithmetic of the paper's code (arithmetic: reference): ")
    assert 'evaluation.decoded "reference"; evaluation.last_pool "kept"; ' in switched
    assert 'concepts.min_lines {"HumanML3D": 2}; uce.bias "reference"; rece.adv' in switched
    assert kept == (
        'Kept from it by keys of their own: evaluation.mm_safe "paper"; rece.bias "exact" of rece; '
        'lcr.selection "budget" of lcr.'
    )


def test_everything_that_is_called_reference_is_switched() -> None:
    """A parameter that has the paper's code's arithmetic by name is among those that one key
    takes, with a value that the parameter allows."""
    named = 0
    for method in registry.names("methods"):
        says = registry.literals("methods", method)
        theirs = says.get("REFERENCE", {})
        choices = {key: node.get("enum", ()) for key, node in says["PARAMS"].items()}
        assert {key for key, values in choices.items() if "reference" in values} <= theirs.keys()
        assert all(value in choices[key] for key, value in theirs.items())
        assert all(value != says["PARAMS"][key]["default"] for key, value in theirs.items())
        named += len(theirs)
    assert named >= 7
    schema = EvaluationSection.model_json_schema()["properties"]
    choices = {key: node.get("enum", ()) for key, node in schema.items()}
    theirs = EvaluationSection.reference
    assert {key for key, values in choices.items() if "reference" in values} <= theirs.keys()
    assert all(value in choices[key] for key, value in theirs.items())


def test_the_paper_stays_comparable_with_its_own_arithmetic() -> None:
    paper = config.read(ROOT / "workflow" / "config" / "paper.yaml")
    switched = config.validate({**copy.deepcopy(paper), "arithmetic": "reference"})
    assert config.paper_comparable(switched) == config.paper_comparable(config.validate(paper))
    assert switched["variants"]["lcr"]["counts"] == "reference"


@pytest.mark.parametrize("value", [0, {}, {"HumanML3D": 0}, "two", True])
def test_a_wrong_number_of_lines_is_an_answer(value: Any) -> None:
    concepts = {"violence": {"keywords": ["kick"], "min_lines": value}}
    with pytest.raises(InputError, match=r"concepts\.violence\.min_lines"):
        config.validate(given(concepts=concepts))


def test_what_asks_for_the_arithmetic_is_a_choice() -> None:
    assert Configuration.model_fields["arithmetic"].default == "paper"
    with pytest.raises(InputError, match="arithmetic"):
        config.validate(given(arithmetic="code"))
