"""Layouts bound to data: which rows and columns stand there, and what each address is."""

import json
from pathlib import Path
from typing import Any

import pytest

from hmu.errors import InputError
from hmu.tables import binding, layout_files
from support.table_entries import (
    ENTRY,
    VARIANTS,
    bind,
    config,
    declared,
)

MIXED = """
title: Mixed
address: {concept: violence}
reference: retrained
anchors: [original]
open: true
columns:
  - {set: forget, metric: fid, header: FID, arrow: "→"}
  - {name: kick-fid, set: kick/forget, metric: fid, header: FID, arrow: "→"}
rows:
  - {group: Human ML, dataset: humanml3d, variant: retrained, method: retrain, label: R}
  - {group: Human ML, dataset: humanml3d, variant: lcr, label: L}
  - {group: X, dataset: motionx, variant: lcr, backbone: bamm, label: L}
  - {group: X, dataset: motionx, name: kick, variant: lcr, concept: kick, label: K}
paper:
  - source: Table 0
    values: {human-ml-lcr: [1.5±.25, ~]}
"""


def test_addresses_of_the_main_table() -> None:
    found = binding.addresses(config(), "demo-violence")
    assert [each.row for each in found][::8][:2] == ["real", "retrained"]
    shown = list(dict.fromkeys(each.row for each in found))
    assert shown == ["real", "retrained", "original", "finetuned", "lcr"]
    assert len(found) == 5 * 8 - 2  # FID has no meaning for real motions
    first = next(each for each in found if (each.row, each.metric) == ("lcr", "r@1"))
    assert first.path() == "results/cells/demo-violence/lcr/forget-r@1.json"
    assert first.wildcards() == {
        "dataset": "demo",
        "backbone": "momask",
        "concept": "violence",
        "variant": "lcr",
        "set": "forget",
        "metric": "r_precision",
    }
    assert first.record()["paper"] is None


def test_addresses_of_the_table_of_k() -> None:
    found = binding.addresses(config(), "demo-k")
    shown = list(dict.fromkeys(each.row for each in found))
    assert shown == ["real", "retrained", "original", *(f"lcr-{k}" for k in (4, 8, 16, 32, 64))]
    assert all(each.table == "demo-k" for each in found)


def test_the_main_variant_stands_in_the_table_of_k_for_its_own_k() -> None:
    """K = 32 is then measured once, under one name, with the paper's values of K = 32."""
    few = {"lcr-4": {"method": "lcr", "k": 4}, "lcr": {"method": "lcr", "k": 32, "alpha": 1.0}}
    shown = bind({"layout": "table-5"}, variants=few)
    assert [row.name for row in shown.rows] == ["lcr-4", "lcr"]
    assert shown.rows[1].label == "LCR, K = 32"
    last = shown.cells[-1]
    assert (last.row, last.variant, last.metric) == ("lcr", "lcr", "r@1")
    assert last.paper is not None
    assert (last.paper.value, last.paper.interval) == (0.507, None)
    other = {**few, "lcr": {"method": "lcr", "k": 24}}
    rows = bind({**ENTRY, "layout": "k"}, variants=other).rows
    assert [row.label for row in rows] == ["Real motions", "LCR, K = 4", "lcr"]


def test_a_label_names_parameters_of_the_variant_that_stands_there(tmp_path: Path) -> None:
    text = MIXED.replace("label: L}", "label: 'LCR, {k} of {layers}, {}'}")
    told = {"lcr": {"method": "lcr", "k": 24, "layers": 2}}
    bound = declared(tmp_path, text, variants=told)
    assert [row.label for row in bound.rows][:2] == ["LCR, 24 of 2, {}"] * 2
    with pytest.raises(InputError, match=r"names \{layers\}, which the variant 'lcr' is not told"):
        declared(tmp_path, text, variants={"lcr": {"method": "lcr", "k": 24}})


def test_an_empty_text_has_a_name_in_a_label(tmp_path: Path) -> None:
    text = MIXED.replace("label: L}", "label: 'To {target}'}")
    for target, label in (("stand", "To stand"), ("", "To the empty text")):
        bound = declared(tmp_path, text, variants={"lcr": {"method": "lcr", "target": target}})
        assert {row.label for row in bound.rows} >= {label}


def test_titles_groups_and_labels_name_the_data_that_are_measured(tmp_path: Path) -> None:
    text = (
        MIXED.replace("title: Mixed", "title: 'On {dataset}, without {concept}'")
        .replace("group: X", "group: '{dataset}'")
        .replace("label: K}", "label: 'L, {concept}'}")
    )
    own = {"humanml3d": {"benchmark": "HumanML3D"}, "demo": {"benchmark": None}}
    few: dict[str, Any] = {"entry": {"names": {"motionx": "demo"}}, "datasets": own}
    few["variants"] = {name: VARIANTS[name] for name in ("retrained", "lcr")}
    both = declared(tmp_path, text, **few)
    assert both.title == "On HumanML3D and demo, without violence and kick"
    assert [row.group for row in both.rows] == ["Human ML", "Human ML", "demo", "demo"]
    assert both.rows[-1].label == "L, kick"
    moved = {"motionx": "demo", "humanml3d": "demo", "kick": "violence"}
    one = declared(tmp_path, text, **{**few, "entry": {"names": moved}})
    assert one.title == "On demo, without violence"
    assert one.rows[-1].label == "L, violence"
    told = config(tables={"t": {"layout": "table-1"}}, datasets=own)
    again = binding.from_settings(json.loads(json.dumps(binding.settings(told))))
    assert binding.bind(again, "t").title == "Unlearning methods on HumanML3D"
    layout_files.load.cache_clear()
    with pytest.raises(InputError, match=r"names \{set\}, which is neither dataset nor concept"):
        declared(tmp_path, MIXED.replace("title: Mixed", "title: 'On {set}'"))


def test_a_row_whose_variant_is_not_configured_is_left_out() -> None:
    few = {"original": {"method": "original"}, "lcr-64": {"method": "lcr", "k": 64}}
    found = binding.addresses(config(variants=few), "demo-k")
    assert {each.row for each in found} == {"real", "original", "lcr-64"}


def test_a_new_method_enters_the_main_table_by_its_config_entry_alone() -> None:
    more = {**VARIANTS, "mine": {"method": "npo", "label": "w/ Mine"}}
    shown = bind(ENTRY, variants=more).rows
    assert (shown[-1].name, shown[-1].label) == ("mine", "w/ Mine")
    assert "lcr-64" not in {row.name for row in shown}
    k = bind({**ENTRY, "layout": "k"}, variants=more).rows
    assert "mine" not in {row.name for row in k}


def test_a_table_of_a_method_shows_its_new_variants() -> None:
    more = {**VARIANTS, "lcr-noisy": {"method": "lcr", "k": 32, "alpha": 2.0}}
    assert bind({**ENTRY, "layout": "k"}, variants=more).rows[-1].name == "lcr-noisy"
    assert "lcr-noisy" not in {row.name for row in bind(ENTRY, variants=more).rows}


def test_a_variant_that_no_table_shows_is_warned_of() -> None:
    more = config(variants={**VARIANTS, "slow": {"method": "finetune"}})
    cells = [cell for name in more["tables"] for cell in binding.addresses(more, name)]
    (warning,) = binding.unshown(more, cells)
    assert warning.startswith("variants.slow: no table shows it")


def test_an_entry_may_list_rows_of_its_own() -> None:
    variants = {**VARIANTS, "lcr-8": {"method": "lcr", "label": "eight"}}
    shown = bind({**ENTRY, "rows": ["lcr-64", "lcr-8", "lcr"]}, variants=variants).rows
    assert [(row.name, row.label) for row in shown[-2:]] == [
        ("lcr-64", "lcr-64"),
        ("lcr-8", "eight"),
    ]
    assert [row.name for row in shown].count("lcr") == 1
    with pytest.raises(InputError, match=r"tables\.t\.rows names 'lcr-5'"):
        bind({**ENTRY, "rows": ["lcr-5"]})


@pytest.mark.parametrize("name", ["../secret", "a/b", ".hidden", ""])
def test_row_names_stay_inside_their_directory(name: str) -> None:
    with pytest.raises(InputError, match="cannot be part of a path"):
        bind({**ENTRY, "rows": [name]}, variants={**VARIANTS, name: {"method": "lcr"}})


def test_the_name_of_real_motions_is_kept_for_them() -> None:
    with pytest.raises(InputError, match=r"variants\.real"):
        bind(ENTRY, variants={**VARIANTS, "real": {"method": "lcr"}})


def numbers(bound: binding.Bound) -> dict[tuple[str, str], tuple[str, ...]]:
    keys = ("dataset", "backbone", "concept", "variant", "set")
    return {(c.row, c.column): tuple(getattr(c, key) for key in keys) for c in bound.cells}


def test_an_address_is_put_together_of_table_row_and_column(tmp_path: Path) -> None:
    few = {name: VARIANTS[name] for name in ("retrained", "lcr")}
    found = numbers(declared(tmp_path, MIXED, variants=few))
    assert found == {
        (row, column): (*where, of)
        for row, where in {
            "human-ml-retrained": ("humanml3d", "momask", "violence", "retrained"),
            "human-ml-lcr": ("humanml3d", "momask", "violence", "lcr"),
            "x-lcr": ("motionx", "bamm", "violence", "lcr"),
            "kick": ("motionx", "momask", "kick", "lcr"),
        }.items()
        for column, of in (("forget-fid", "forget"), ("kick-fid", "kick/forget"))
    }


def test_an_entry_says_what_the_layouts_names_mean(tmp_path: Path) -> None:
    entry = {"backbone": "bamm", "names": {"humanml3d": "demo", "kick": "violence"}}
    bound = declared(tmp_path, MIXED, entry=entry)
    found = numbers(bound)
    assert found["human-ml-lcr", "kick-fid"] == (
        "demo", "bamm", "violence", "lcr", "violence/forget"
    )  # fmt: skip
    # The paper's values are those of the layout's own names, whatever they are called here.
    papers = {(cell.row, cell.column): cell.paper for cell in bound.cells if cell.paper}
    assert list(papers) == [("human-ml-lcr", "forget-fid")]
    assert papers["human-ml-lcr", "forget-fid"].source == "Table 0"
    other = declared(tmp_path, MIXED, entry={"concept": "kick"})
    assert not [cell for cell in other.cells if cell.paper]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"humanml": "demo"}, r"tables\.t\.names: .* does not speak of 'humanml'; did you mean"),
        (
            {"humanml3d": "dem"},
            r"tables\.t\.names\.humanml3d: nothing .* 'dem'; did you mean 'demo'",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_an_answer(
    tmp_path: Path, names: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        declared(tmp_path, MIXED, entry={"names": names})


def test_a_new_method_enters_each_group_with_what_its_rows_share(tmp_path: Path) -> None:
    variants = {**VARIANTS, "mine": {"method": "npo"}}
    found = numbers(declared(tmp_path, MIXED, variants=variants))
    assert found["human-ml-mine", "forget-fid"][:4] == ("humanml3d", "momask", "violence", "mine")
    assert found["x-mine", "forget-fid"][:4] == ("motionx", "momask", "violence", "mine")


def test_what_is_not_configured_is_left_out_and_said(tmp_path: Path) -> None:
    concepts = {"violence": None}
    bound = declared(tmp_path, MIXED, concepts=concepts, datasets={"humanml3d": None})
    assert {cell.row for cell in bound.cells} >= {"human-ml-retrained", "human-ml-lcr"}
    assert [column.name for column in bound.columns] == ["forget-fid"]
    assert bound.left_out == (
        "Left out, because this configuration has no concept kick: the columns kick-fid.",
        "Left out, because this configuration has no dataset motionx: the rows x-lcr, kick.",
    )
    with pytest.raises(
        InputError, match=r"tables\.t: nothing of .* humanml3d: the rows .* `names`"
    ):
        declared(tmp_path, MIXED, datasets={"demo": None})
    with pytest.raises(InputError, match=r"tables\.t: there is no concept violence"):
        declared(tmp_path, MIXED, concepts={"kick": None})


def test_an_incomplete_address_is_an_answer(tmp_path: Path) -> None:
    text = MIXED.replace("address: {concept: violence}\n", "")
    said = (
        r"tables\.t, row 'human-ml-retrained', column 'forget-fid': the address has no concept: "
        r"write it in tables\.t, or in the row or the column in workflow/tables/own\.yaml"
    )
    with pytest.raises(InputError, match=said):
        declared(tmp_path, text)
    assert declared(tmp_path, text, entry={"concept": "kick"}).cells[0].concept == "kick"


def test_two_rows_of_one_name_are_an_answer(tmp_path: Path) -> None:
    text = MIXED.replace("name: kick,", "name: x-mine,")
    with pytest.raises(InputError, match=r"tables\.t: two rows are called 'x-mine'"):
        declared(tmp_path, text, variants={**VARIANTS, "mine": {"method": "npo"}})
