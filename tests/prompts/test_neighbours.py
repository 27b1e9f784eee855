"""Neighbours: benign prompts near each concept of the configurations, without real motions."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from hmu import config
from hmu.errors import InputError
from hmu.evaluation import prompts as evaluation
from hmu.interface.prompts import PromptContext
from hmu.prompts import neighbours
from hmu.sections.evaluation import EvaluationSection
from hmu.sections.tokenizer import LONGEST_MOTION, UNIT_LENGTH
from hmu.tables import binding
from hmu.taggers import rules

KINDS = neighbours.PARAMS["near"]["items"]["enum"]  # type: ignore[index]
CONFIGS = Path(__file__).resolve().parents[2] / "workflow" / "config"
NEAR = {
    "violence": {"kick", "punch", "blade", "gun", "martial_arts"},
    "kick": {"kick"},
    "punch_jab_box_hit_beat": {"punch"},
    "crawl_creep_slide": {"crawl"},
    "jump_leap_hop": {"jump"},
    "throw": {"throw"},
    "zombie": {"zombie"},
    "duck_squat": {"duck"},
    "weapons": {"blade"},
    "martial_arts": {"martial_arts"},
    "gun_shoot": {"gun"},
    "beat": {"punch"},
    "stab": {"blade"},
    "squat": {"duck"},
    "jump": {"jump"},
    "crawl": {"crawl"},
    "punch": {"punch"},
    "wave": {"wave"},
}
"""What is near each concept of the paper, and of the example of own motions."""


def made(*kinds: str) -> list[Any]:
    return list(neighbours.prompts(PromptContext(None, {"near": list(kinds)}, {})))


def test_every_concept_of_the_paper_and_of_the_example_has_neighbours() -> None:
    concepts = {
        name
        for config in ("paper", "joints")
        for name in yaml.safe_load((CONFIGS / f"{config}.yaml").read_text("utf-8"))["concepts"]
    }
    assert NEAR.keys() == concepts - {"none"}
    assert set().union(*NEAR.values()) == set(KINDS) == set(neighbours.listed())


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_pool_is_near_each_and_has_lengths_that_models_make(kind: str) -> None:
    found = made(kind)
    assert len(found) >= 16
    texts = [each.caption for each in found]
    assert len(set(texts)) == len(texts)
    assert all("{" not in text and len(text.split()) <= 20 for text in texts)
    assert all(40 <= each.frames <= LONGEST_MOTION for each in found)
    assert all(each.frames % UNIT_LENGTH == 0 and each.sample is None for each in found)


def test_those_near_a_wave_fill_a_pool_by_themselves() -> None:
    """They are the only ones that the evidence on own motions measures."""
    config = yaml.safe_load((CONFIGS / "evidence-joints.yaml").read_text("utf-8"))
    pool = EvaluationSection().pool
    assert len(made(*config["prompts"]["neighbours"]["near"])) >= pool


def test_prompts_that_hold_the_keyword_are_kept() -> None:
    """The words of a concept reject what is implicit; these name it and mean something else."""
    kept, rejected = evaluation.sifted(made("kick", "punch"), (), rules.tag)
    assert not rejected
    samples = pd.DataFrame({"sample": [], "motion": [], "clip": []})
    table = evaluation.table(kept, samples, "neighbours")
    assert len(table) >= 32
    texts = table["caption"].to_pylist()
    assert any("kicks off" in text for text in texts)
    assert any("hits the light switch" in text for text in texts)
    assert table["motion"].null_count == len(table)
    assert table["frames"].null_count == 0
    assert all("/" in tokens for tokens in table["tokens"].to_pylist())
    assert len(set(table["prompt"].to_pylist())) == len(table)


def configured(**neighbours: Any) -> dict[str, Any]:
    return config.validate(
        {
            "datasets": {"own": {"source": "joints", "raw": "own"}},
            "concepts": {"kick": {"keywords": ["kick"]}},
            "variants": {"original": {"method": "original"}, "lcr": {"method": "lcr"}},
            "prompts": {"neighbours": {"kind": "neighbours", **neighbours}},
            "tables": {"t": {"layout": "neighbours", "dataset": "own", "concept": "kick"}},
        }
    )


def test_a_table_measures_them_as_a_set_of_their_own() -> None:
    found = binding.addresses(configured(near=["kick", "punch"]), "t")
    assert {(cell.set, cell.metric) for cell in found} == {
        ("neighbours", "r@1"), ("neighbours", "r@3"), ("neighbours", "mm_dist"),
        ("neighbours", "presence"),
    }  # fmt: skip
    assert {cell.variant for cell in found} == {"original", "lcr"}


@pytest.mark.parametrize("near", [[], ["kik"], ["kick", "kick"], "kick"])
def test_what_they_are_near_to_must_be_known(near: Any) -> None:
    with pytest.raises(InputError, match=r"prompts\.neighbours\.near"):
        configured(near=near)
