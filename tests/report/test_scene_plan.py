"""Which prompts of a set the report shows first."""

import pytest

from hmu.report import scene_plan


def scene(name: str, *roles: str) -> dict[str, object]:
    models = [{"name": role, "label": role, "role": role} for role in ("real", *roles)]
    return {"address": ["demo", "momask", "violence", name], "models": models}


@pytest.mark.parametrize(
    ("name", "implicit", "shows"),
    [
        ("forget", False, True),
        ("hints", True, True),
        ("retain", False, False),
        ("forgetful", False, False),
    ],
)
def test_a_concept_is_shown_first_where_it_was_asked_for_and_the_original_answers(
    name: str, implicit: bool, shows: bool
) -> None:
    """Without the original's motions, as in tables of other models alone, nothing tells which."""
    assert scene_plan.shows_its_concept(scene(name, "original", "method"), implicit) == shows
    assert not scene_plan.shows_its_concept(scene(name, "reference", "method"), implicit)
