"""What the report says first: a sentence for each dataset, whatever number of concepts."""

from types import SimpleNamespace
from typing import Any

import pytest

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


def scenes(*models: str) -> list[dict[str, Any]]:
    """A scene with models, each "ROLE NAME"."""
    told = [dict(zip(("role", "name"), each.split(), strict=True)) for each in models]
    return [{"models": [{**each, "label": each["name"].title()} for each in told]}]


VARIANTS = {
    **{name: {"method": "lcr", "k": number} for number, name in enumerate(("lcr", "lcr-4"))},
    **{name: {"method": name} for name in ("original", "retrained", "uce", "frozen")},
}
SCENES = scenes("real real", "original original", "reference retrained", "method lcr")


def test_one_concept_is_said_with_its_words() -> None:
    first, *_ = overview.sentences([table(PLACES[0])], CONCEPTS[:1], SCENES, VARIANTS)
    assert first == (
        "On demo, 1,000 clips, momask forgot kick: the 20 clips (2%) of which a caption has kick "
        "or boot."
    )


def test_a_dataset_has_one_sentence_for_all_its_concepts() -> None:
    said = overview.sentences(
        [table(*PLACES), table(("own", "momask", "kick"))], CONCEPTS, SCENES, VARIANTS
    )
    assert said[0] == (
        "On demo, 1,000 clips, models forgot kick (20 clips, 2%; momask and bamm) and jump (0 "
        "clips, 0%; momask)."
    )
    assert said[1].startswith("On own, 30 clips, momask forgot kick: the 9 clips (30%)")
    assert said[2].startswith("One method of forgetting stands")
    assert len(said) == 3


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (
            ["original original", "reference retrained"],
            "One method of forgetting stands between the",
        ),
        (["original original"], "One method of forgetting stands beside the original model, which"),
        (
            ["reference retrained"],
            "One method of forgetting stands beside the model retrained with",
        ),
        ([], "One method of forgetting stands alone."),
    ],
)
def test_what_stands_beside_the_methods_is_what_there_is(models: list[str], said: str) -> None:
    """A control is no way of forgetting, in whichever table it is one."""
    there = scenes(*models, "method lcr", "method frozen")
    tables = [table(PLACES[0]), table(PLACES[2])]
    tables[1].anchors = ("frozen",)
    assert overview.sentences(tables, CONCEPTS[:1], there, VARIANTS)[1].startswith(said)


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        (["lcr", "lcr-4"], "One method of forgetting, in 2 variants, stands"),
        (["lcr", "lcr-4", "uce"], "2 methods of forgetting, in 3 variants, stand"),
        (["lcr", "uce"], "2 methods of forgetting stand"),
    ],
)
def test_values_of_a_parameter_are_variants_of_a_method(variants: list[str], said: str) -> None:
    there = scenes("original original", *(f"method {name}" for name in variants))
    told = overview.sentences([table(PLACES[0])], CONCEPTS[:1], there, VARIANTS)[1]
    assert told == f"{said} beside the original model, which forgot nothing."


def test_nothing_is_said_of_ways_to_forget_where_there_is_none() -> None:
    """Motions made elsewhere stand here beside the original of no method: nobody forgot."""
    only = table(PLACES[0], ("demo", "theirs", "kick"))
    only.addresses = {
        key: each for key, each in only.addresses.items() if each.variant in ("original", REAL)
    }
    there = scenes("real real", "original original", "elsewhere theirs/original")
    assert overview.sentences([only], CONCEPTS[:1], there, VARIANTS) == [
        "On demo, 1,000 clips, kick is the 20 clips (2%) of which a caption has kick or boot.",
        "Beside these stand motions that were made elsewhere: Theirs/Original.",
    ]
