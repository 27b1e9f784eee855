"""What the report says first: a sentence for each dataset, whatever number of concepts."""

from types import SimpleNamespace
from typing import Any

from hmu.report import overview
from hmu.tables.addresses import REAL

CONCEPTS = [
    {"dataset": "demo", "concept": "kick", "keywords": ["kick", "boot"], "clips": 20, "of": 1000},
    {"dataset": "demo", "concept": "jump", "keywords": ["jump"], "clips": 0, "of": 1000},
    {"dataset": "own", "concept": "kick", "keywords": ["kick", "boot"], "clips": 9, "of": 30},
]
PLACES = [("demo", "momask", "kick"), ("demo", "bamm", "kick"), ("demo", "momask", "jump")]


def table(*places: tuple[str, str, str]) -> Any:
    """A table that measures a method, the original and real motions there."""
    addresses = {
        (f"{variant}-{number}", "r@1"): SimpleNamespace(
            dataset=dataset, backbone=backbone, concept=concept, variant=variant
        )
        for number, (dataset, backbone, concept) in enumerate(places)
        for variant in ("lcr", "original", REAL)
    }
    return SimpleNamespace(addresses=addresses, anchors=("original",), cells={}, disagreements=())


def test_one_concept_is_said_with_its_words() -> None:
    first, *_ = overview.sentences([table(PLACES[0])], CONCEPTS[:1])
    assert first == (
        "On demo, 1,000 clips, momask forgot kick: the 20 clips (2%) of which a caption has kick "
        "or boot."
    )


def test_a_dataset_has_one_sentence_for_all_its_concepts() -> None:
    said = overview.sentences([table(*PLACES), table(("own", "momask", "kick"))], CONCEPTS)
    assert said[0] == (
        "On demo, 1,000 clips, models forgot kick (20 clips, 2%; momask and bamm) and jump (0 "
        "clips, 0%; momask)."
    )
    assert said[1].startswith("On own, 30 clips, momask forgot kick: the 9 clips (30%)")
    assert said[2].startswith("One way of forgetting stands")
    assert len(said) == 3
