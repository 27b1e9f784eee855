"""Which scenes the report has, who stands in them, and which prompts it shows first."""

from types import SimpleNamespace
from typing import Any

import pytest

from hmu.report import scene_plan
from hmu.tables.addresses import CellAddress


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


ADDRESS = ("demo", "momask", "violence", "forget")


def cell(row: str, backbone: str = "momask", metric: str = "r@1", **other: str) -> CellAddress:
    given = dict(zip(("dataset", "backbone", "concept", "set"), ADDRESS, strict=True))
    given |= {"variant": "original", "backbone": backbone, "metric": metric, **other}
    return CellAddress(**given, table="t", row=row, column="c")


def planned(*cells: CellAddress, reference: str = "retrained") -> list[dict[str, Any]]:
    """The scenes of a table; whose motions are "theirs" or "others", made them elsewhere."""
    rows = [SimpleNamespace(name=each.row, label=each.row.upper()) for each in cells]
    table: Any = SimpleNamespace(
        rows=rows, cells=cells, original="original", reference=reference, controls={"frozen"}
    )
    return scene_plan.scenes([table], lambda backbone: backbone in ("theirs", "others"))


def named(scene: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["role"] for each in scene["models"]}


def test_motions_made_elsewhere_stand_beside_the_others_of_the_same_set() -> None:
    """Of each backbone, before its methods; and not in sets or datasets of which none is given."""
    own = [
        cell("frozen", variant="frozen"),
        cell("lcr", variant="lcr"),
        cell("ours"),
        cell("bamm", "bamm"),
        cell("retain", set="retain"),
        cell("other", dataset="own"),
    ]
    found = planned(cell("theirs", "theirs"), *own)
    assert named(found[0]) == {
        "real": "real",
        "original": "original",
        "theirs/original": "elsewhere",
        "lcr": "method",
        "frozen": "control",
    }
    assert list(named(found[0]))[2] == "theirs/original"
    assert "theirs/original" in named(found[1])
    assert [each["address"][1:] for each in found[:2]] == [
        ["momask", "violence", "forget"],
        ["bamm", "violence", "forget"],
    ]
    assert [list(named(each)) for each in found[2:]] == [["real", "original"]] * 2
    assert scene_plan.from_elsewhere(found[0]) == [("theirs/original", "theirs")]
    assert scene_plan.from_elsewhere(found[2]) == []


def test_motions_made_elsewhere_alone_share_a_scene() -> None:
    cells = [cell("theirs", "theirs"), cell("others", "others")]
    (scene,) = planned(*cells)
    assert scene["address"][1] == "theirs"
    assert list(named(scene)) == ["real", "theirs/original", "others/original"]
    assert not scene_plan.decoded(scene)
    assert not scene_plan.has_original(scene)
    assert [scene_plan.place_of([scene], each) for each in cells] == [
        (0, "theirs/original"),
        (0, "others/original"),
    ]


def test_what_is_not_collected_is_not_shown() -> None:
    """MultiModality compares motions that no plan has."""
    assert planned(cell("theirs", "theirs", "multimodality")) == []


def test_a_cell_leads_to_the_scene_of_its_own_backbone() -> None:
    cells = [cell("lcr", variant="lcr"), cell("bamm", "bamm"), cell("theirs", "theirs")]
    real = [cell("real", backbone, variant="real") for backbone in ("bamm", "theirs")]
    found = planned(*cells)
    expected = [(0, "lcr"), (1, "original"), (0, "theirs/original"), (1, "real"), (0, "real")]
    assert [scene_plan.place_of(found, each) for each in (*cells, *real)] == expected
    assert scene_plan.place_of(found, cell("x", set="retain")) == (None, "original")
    assert scene_plan.place_of(found, cell("x", variant="uce")) == (None, "uce")
    assert scene_plan.name_in(found[1], cell("x")) is None  # the original of another backbone


def test_the_original_is_that_also_where_a_table_compares_with_it() -> None:
    (scene,) = planned(cell("ours"), reference="original")
    assert named(scene)["original"] == "original"
