"""Layouts, addresses, cells and the forms of tables."""

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from markdown_it import MarkdownIt
from scipy import stats

from hmu.cli import main
from hmu.errors import InputError
from hmu.io import files, inert
from hmu.run.job import Job
from hmu.steps import cell as cell_step
from hmu.steps import tables as tables_step
from hmu.tables import audit, binding, layout_files, layouts, long_form
from hmu.tables.addresses import KEYS, Address, CellAddress, by_model, merged, no_such_cell
from hmu.tables.cells import summarise
from hmu.tables.differences import Difference
from hmu.tables.layouts import Column, Row
from hmu.tables.limits import limits
from hmu.tables.notes import notes
from hmu.tables.student import half_width
from hmu.tables.table import Table, assemble
from hmu.tables.writers import csv as csv_writer
from hmu.tables.writers import latex, markdown, webpage

PACKAGE = Path(layouts.__file__).parents[2]
LAYOUTS = sorted(layout_files.FOLDER.glob("*.yaml"))
VARIANTS: dict[str, Any] = {
    "original": {"method": "original"},
    "retrained": {"method": "retrain"},
    "finetuned": {"method": "finetune"},
    "lcr": {"method": "lcr", "k": 16},
    **{f"lcr-{k}": {"method": "lcr", "k": k} for k in (4, 8, 16, 32, 64)},
}
SETS: dict[str, Any] = {
    "forget": {"prompts": "captions", "clips": "forget"},
    "retain": {"prompts": "captions", "clips": "retain"},
    "all": {"prompts": "captions", "clips": "all"},
}
ENTRY: dict[str, Any] = {
    "layout": "main",
    "dataset": "demo",
    "backbone": "momask",
    "concept": "violence",
}
PAPERS = {"layout": "table-2"}


def layout(name: str = "main") -> layouts.Layout:
    return layout_files.load(layout_files.path_of(name))


def config(**changes: Any) -> dict[str, Any]:
    """What tables read of a configuration."""
    named = {"demo-violence": ENTRY, "demo-k": {**ENTRY, "layout": "k"}}
    return {
        "tables": named,
        "datasets": dict.fromkeys(("demo", "humanml3d", "motionx")),
        "backbones": dict.fromkeys(("momask", "bamm")),
        "concepts": dict.fromkeys(("violence", "kick")),
        "variants": VARIANTS,
        "sets": SETS,
        **changes,
    }


def bind(entry: dict[str, Any], **changes: Any) -> binding.Bound:
    """The table "t" of an entry."""
    return binding.bind(config(tables={"t": entry}, **changes), "t")


def declared(folder: Path, text: str, **changes: Any) -> binding.Bound:
    """The table "t" of a layout in a file of its own, of the entry and configuration given."""
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    entry = {"layout": "own", **changes.pop("entry", {})}
    return binding.bind(config(tables={"t": entry}, **changes), "t", layout_files.load(path))


# --- Addresses -----------------------------------------------------------------------------------


def address(**changes: str) -> Address:
    given = {"dataset": "demo", "backbone": "momask", "concept": "violence", "variant": "lcr"}
    return Address(**{**given, "set": "forget", "metric": "r@1", **changes})


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("forget", ("forget", "violence")),
        ("retain", ("retain", "violence")),
        ("kick/forget", ("forget", "kick")),
        ("all", ("all", None)),
    ],
)
def test_a_set_has_a_concept_where_its_clips_depend_on_one(
    given: str, place: tuple[str, str | None]
) -> None:
    assert address(set=given).place(SETS) == place


@pytest.mark.parametrize(
    ("given", "said"), [("implicit", "no set 'implicit'"), ("kick/all", "write 'all'")]
)
def test_a_set_that_is_none_is_an_answer(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        address(set=given).place(SETS)


def test_the_file_of_a_number_follows_from_its_address() -> None:
    values = address(set="kick/forget").values(SETS)
    assert values == (
        "results/metrics/demo/backbones/momask/variants/lcr/violence/concepts/kick/forget/"
        "r_precision/values.json"
    )
    assert "/real/violence/whole/all/" in address(variant="real", set="all").values(SETS)


def test_rows_and_columns_win_over_the_table_and_do_not_contradict_each_other() -> None:
    table = {"dataset": "demo", "concept": "violence"}
    whole = merged(table, {"concept": "kick", "set": "all"}, {"set": "all", "metric": "fid"})
    assert whole == {"dataset": "demo", "concept": "kick", "set": "all", "metric": "fid"}
    with pytest.raises(InputError, match="row says set: all, the column set: forget"):
        merged(table, {"set": "all"}, {"set": "forget"})


def test_a_wrong_address_is_answered_with_the_nearest() -> None:
    cells = binding.addresses(config(), "demo-violence")
    said = no_such_cell("results/cells/demo-violence/lcr/forget-fidd.json", cells)
    assert (
        "forget-fidd.json is not a cell of the configured tables; the row has forget-fid, " in said
    )
    assert said.endswith("Did you mean results/cells/demo-violence/lcr/forget-fid.json?")
    said = no_such_cell("results/cells/demo-violence/lrc/forget-fid.json", cells)
    assert "rows are demo-violence/real, demo-violence/retrained" in said
    assert said.endswith("Did you mean results/cells/demo-violence/lcr/forget-fid.json?")
    assert "Did you mean" not in no_such_cell("results/cells/x/y/z.json", cells)


def test_a_value_says_which_trained_model_it_is_by() -> None:
    values = ("presence@4", "forgotten_well", "tmr_fid", "fid", "mm_safe", "skating", "seconds")
    by = {
        model: [value for value in values if by_model(value, model)]
        for model in ("detector", "tmr", "evaluator")
    }
    assert by == {
        "detector": ["presence@4", "forgotten_well"],
        "tmr": ["tmr_fid"],
        "evaluator": ["fid", "mm_safe"],
    }


# --- Layouts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_every_layout_loads(path: Path) -> None:
    loaded = layout_files.load(path)
    shown = {row.address.get("variant") for row in loaded.rows}
    assert loaded.reference in shown
    assert loaded.anchors & shown


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


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_no_layout_says_of_itself_which_data_it_is_bound_to(path: Path) -> None:
    """An entry may bind its names to other data, and its texts would then be wrong."""
    found = layout_files.load(path)
    parts = [found.address, *(row.address for row in found.rows)]
    named = {part[key] for part in parts for key in ("dataset", "concept") if key in part}
    texts = [found.title, *(text for row in found.rows for text in (row.group, row.label))]
    for name in {*named, "HumanML3D", "Motion-X"}:
        assert not [text for text in texts if re.search(rf"\b{re.escape(name)}\b", text)]


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


FORGET = {"set": "forget", "header": "F", "arrow": "↓"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "unknown keys colour"),
        ({"title": 5}, "the title is 5, which is no text: write it in quotes"),
        ({"columns": [{**FORGET, "metric": "fud"}]}, "gives 'fud'"),
        ({"columns": [{**FORGET, "metric": "fid", "arrow": "v"}]}, "has the arrow 'v'"),
        ({"columns": [FORGET]}, "the column 'F' has no name"),
        ({"columns": [{**FORGET, "metric": "fid", "set": "kick/forget"}]}, "give it a `name`"),
        ({"columns": [{**FORGET, "metric": "fid"}] * 2}, "'forget-fid' stands there twice"),
        ({"columns": [{**FORGET, "metric": "fid", "sett": "x"}]}, "unknown keys sett"),
        ({"columns": [{"set": "forget", "metric": "fid"}]}, "is not a table layout"),
        ({"rows": 5}, "is not a table layout"),
        ({"rows": [{"variant": "lcr", "set": "retain"}]}, "row says set: retain, the column"),
        ({"rows": [{"variant": "lcr", "group": g, "name": n} for g, n in ("ax", "by", "az")]},
         "the group of rows 'a' stands there twice"),
        ({"open": "lcr"}, "write true, false or a list of methods"),
        ({"paper": [{"source": "T", "values": {"lcr": [1.0]}}]}, "'lcr' are 1, the columns 8"),
        ({"paper": [{"source": "T", "values": {"lrc": [1.0] * 8}}]}, "name the rows lrc"),
        ({"paper": [{"source": "T", "values": {"lcr": ["1,0"] * 8}}]}, "is not a table layout"),
    ],
)  # fmt: skip
def test_a_wrong_layout_is_an_answer(tmp_path: Path, change: Any, message: str) -> None:
    raw = yaml.safe_load(layout_files.path_of("k").read_text(encoding="utf-8"))
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**raw, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=r"wrong\.yaml") as caught:
        layout_files.load(path)
    assert message in str(caught.value)


def test_an_unknown_layout_is_an_answer() -> None:
    with pytest.raises(InputError, match=r"no table layout 'nine'.*main"):
        layout_files.path_of("nine")


# --- Binding -------------------------------------------------------------------------------------

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


# --- Tables of the paper -------------------------------------------------------------------------

SMALL = config(
    datasets=dict.fromkeys(("demo", "demo-x")),
    backbones=dict.fromkeys(("small", "small-bamm", "stride-1", "stride-3")),
    concepts=dict.fromkeys(("violence", "kick", "punch", "wave", "jump")),
    variants={
        **{name: VARIANTS[name] for name in ("original", "retrained", "finetuned")},
        "lcr": {"method": "lcr", "k": 32},
        "lcr-16": {"method": "lcr", "k": 16},
        "lcr-composed-16-8": {"method": "lcr", "parts": {"kick": 16, "punch": 8}},
    },
    sets={**SETS, "implicit": {"prompts": "implicit", "clips": "all"}},
)
BOTH = {"humanml3d": "demo", "momask": "small"}
NARROW = {
    "forget-fid": "forget fid",
    "forget-mm_safe": "forget mm_safe",
    "retain-fid": "retain fid",
    "retain-mm_dist": "retain mm_dist",
}
TABLES: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, str]]] = {
    # Of each layout: what an entry says, the address of each row, that of each column.
    "table-1": (
        {"names": {**BOTH, "bamm": "small-bamm"}},
        {
            f"{group}-{variant}": f"demo {backbone} violence {variant}"
            for group, backbone in (("momask", "small"), ("bamm", "small-bamm"))
            for variant in ("retrained", "original", "finetuned", "lcr")
        },
        {
            f"{of}-{metric}": f"{of} {metric}"
            for of, metrics in (
                ("forget", "fid mm_safe r@1"),
                ("retain", "fid mm_dist diversity r@1"),
            )
            for metric in metrics.split()
        },
    ),
    "table-3": (
        {"names": {**BOTH, "motionx": "demo-x", "beat": "punch", "stab": "wave"}},
        {
            "humanml3d-retrained": "demo small violence retrained",
            "humanml3d-lcr": "demo small violence lcr",
            "humanml3d-lcr-kick": "demo small kick lcr",
            "humanml3d-lcr-beat": "demo small punch lcr",
            "motion-x-retrained": "demo-x small violence retrained",
            "motion-x-lcr": "demo-x small violence lcr",
            "motion-x-lcr-kick": "demo-x small kick lcr",
            "motion-x-lcr-stab": "demo-x small wave lcr",
        },
        NARROW,
    ),
    "table-4": (
        {"names": {**BOTH, "jump_leap_hop": "jump", "punch_jab_box_hit_beat": "punch"}},
        {
            f"{concept}-{variant}": f"demo small {concept} {variant}"
            for concept in ("jump", "punch", "kick")
            for variant in ("retrained", "lcr")
        },
        NARROW,
    ),
    "table-6": (
        {
            "names": {
                "humanml3d": "demo",
                "momask-stride-1": "stride-1",
                "momask-stride-2": "small",
                "momask-stride-3": "stride-3",
            },
        },
        {
            f"stride-{stride}-{variant}": f"demo {backbone} violence {variant}"
            for stride, backbone in ((1, "stride-1"), (2, "small"), (3, "stride-3"))
            for variant in ("retrained", "lcr")
        },
        NARROW,
    ),
    "table-7": (
        {"names": BOTH},
        {
            variant: f"demo small violence {variant}"
            for variant in ("retrained", "lcr-16", "lcr", "lcr-composed-16-8")
        },
        NARROW,
    ),
    "table-8": (
        {"names": BOTH},
        {v: f"demo small violence {v}" for v in ("retrained", "original", "lcr")},
        {
            "explicit-fid": "kick/forget fid",
            "explicit-mm_safe": "kick/forget mm_safe",
            "implicit-fid": "implicit fid",
            "implicit-mm_dist": "implicit mm_dist",
        },
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_paper_is_a_layout_and_an_entry(name: str) -> None:
    entry, rows, columns = TABLES[name]
    bound = binding.bind({**SMALL, "tables": {"t": {"layout": name, **entry}}}, "t")
    found = {
        (cell.row, cell.column): " ".join(getattr(cell, key) for key in KEYS)
        for cell in bound.cells
    }
    assert found == {
        (row, column): f"{rows[row]} {columns[column]}" for row in rows for column in columns
    }
    printed = {(cell.row, cell.column) for cell in bound.cells if cell.paper}
    assert printed, "the paper's values are those of the layout's own names"


# --- Cells ---------------------------------------------------------------------------------------


def metric_file(folder: Path, values: list[float | None], name: str = "r@1") -> Path:
    path = folder / "values.json"
    rows = [
        {"repeat": repeat, "name": key, "value": value, "n": 64}
        for repeat, each in enumerate(values)
        for key, value in ((name, each), ("other", 99.0))
    ]
    files.write_json(path, rows)
    return path


def cell_job(folder: Path, values: list[float | None], comparable: bool, **where: str) -> Job:
    found = bind({**PAPERS, **where}).cells
    address = next(each for each in found if (each.row, each.column) == ("lcr", "forget-r@1"))
    return Job(
        step="cell",
        inputs={"metric": metric_file(folder, values)},
        outputs={"cell": folder / "cell.json"},
        settings={"cell": address.record(), "paper_comparable": comparable},
    )


def test_a_cell_has_its_mean_and_interval(tmp_path: Path) -> None:
    values = [0.1, 0.2, 0.4, 0.7]
    job = cell_job(tmp_path, [*values], comparable=False)
    cell_step.run(job)
    record = files.read_json(tmp_path / "cell.json")
    assert record["value"] == pytest.approx(np.mean(values))
    assert record["interval"] == pytest.approx(1.96 * np.std(values) / 2)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert record["t_interval"] == pytest.approx((high - low) / 2)
    assert (record["repeats"], record["n"], record["paper"]) == (4, 64, None)
    assert (record["table"], record["row"], record["column"]) == ("t", "lcr", "forget-r@1")
    assert (record["set"], record["metric"], record["variant"]) == ("forget", "r@1", "lcr")


@pytest.mark.parametrize("values", [2, 3, 4, 5, 20, 101, 1000])
def test_students_width_is_that_of_the_distribution(values: int) -> None:
    assert half_width(values) == pytest.approx(stats.t.ppf(0.975, values - 1), rel=1e-12)


def test_one_repeat_has_no_interval_of_students(tmp_path: Path) -> None:
    cell_step.run(cell_job(tmp_path, [0.5], comparable=False))
    record = files.read_json(tmp_path / "cell.json")
    assert (record["interval"], record["t_interval"]) == (0, None)


def test_a_cell_has_the_papers_value_only_where_it_is_comparable(tmp_path: Path) -> None:
    cell_step.run(cell_job(tmp_path, [0.5], comparable=True))
    record = files.read_json(tmp_path / "cell.json")
    assert record["paper"] == {"value": 0.317, "interval": 0.009, "source": "Table 2"}
    cell_step.run(cell_job(tmp_path, [0.5], comparable=True, dataset="demo"))
    assert files.read_json(tmp_path / "cell.json")["paper"] is None


def test_a_cell_says_what_its_value_was_measured_against(tmp_path: Path) -> None:
    """And the notes of its table, once for each set, whatever number of rows has it."""
    path = tmp_path / "values.json"
    entries = [
        {"repeat": repeat, "name": "auj", "value": 0.5, "n": 64, "against": against}
        for repeat, against in enumerate((0.02, 0.04))
    ]
    files.write_json(path, [*entries, {"repeat": 0, "name": "pj", "value": 0.1, "n": 64}])
    assert summarise(path, "auj")["against"] == pytest.approx(0.03)
    assert "against" not in summarise(path, "pj")
    bound = bind({**ENTRY, "layout": "evidence"})
    records = {
        (cell.row, cell.column): {**summarise(path, cell.metric), "paper": None, "path": "c"}
        for cell in bound.cells
        if cell.metric in ("auj", "pj")
    }
    rows = {row for row, _ in records}
    assert len(rows) > 2
    for row in rows:
        records[row, "retain-auj"]["against"] = 0.0329
    (said,) = [each for each in notes(bound, records, 1) if "is measured against" in each]
    assert said == (
        "AUJ is measured against the mean jerk of the real motions (FlowMDM: 0.033 for HumanML3D): "
        "0.030 on the forget set (dataset demo, concept violence), 0.033 on the retain set "
        "(dataset demo, concept violence)."
    )


@pytest.mark.parametrize("values", [[], [0.1, None], [None]])
def test_a_cell_without_finite_values_is_an_answer(
    tmp_path: Path, values: list[float | None]
) -> None:
    with pytest.raises(InputError, match=r"values\.json has no finite value of 'r@1'"):
        cell_step.run(cell_job(tmp_path, values, comparable=False))
    assert not (tmp_path / "cell.json").exists()


def test_a_cell_of_a_file_that_is_no_metric_is_an_answer(tmp_path: Path) -> None:
    job = cell_job(tmp_path, [1.0], comparable=False)
    job.input("metric").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"values\.json is not valid JSON"):
        cell_step.run(job)


def test_hmu_cells_lists_addresses_and_what_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {
        "datasets": {"own": {"source": "joints", "raw": "somewhere"}},
        "concepts": {"wave": {"keywords": ["wave"]}},
        "variants": {"original": {"method": "original"}},
        "tables": {"t": {"layout": "main", "dataset": "own", "concept": "wave"}},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(given), encoding="utf-8")
    cell = tmp_path / "cells/t/original/forget-fid.json"
    record = {"value": 1.5, "interval": 0.25, "repeats": 3, "n": 64}
    files.write_json(cell, {**record, "paper": {"value": 1.164, "interval": None}})
    assert main(["cells", "--config", str(path), "--results", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[:2] == [
        str(tmp_path / "cells/t/real/forget-mm_safe.json"),
        "(own, momask, wave, real, forget, mm_safe)",
    ]
    assert (
        f"{cell}  (own, momask, wave, original, forget, fid)  1.500 ± 0.250  3 repeats, n = 64  "
        "paper 1.164"
    ) in lines


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("hmu.run.runner, hmu.steps.cell", {"numpy", "pyarrow", "argparse", "ast", "dataclasses"}),
        ("hmu.steps.metric, hmu.metrics.fid", {"pyarrow", "numpy.random", "dataclasses"}),
        ("hmu.steps.metric, hmu.metrics.jerk", {"pyarrow", "numpy.random", "dataclasses"}),
        ("hmu.steps.metric, hmu.metrics.presence_at_n", {"pyarrow", "numpy.random", "dataclasses"}),
        ("hmu.steps.tables", set()),
    ],
)
def test_small_jobs_import_nothing_heavy(module: str, heavy: set[str]) -> None:
    """There are hundreds of cells and of metrics: each must start at once."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        env={"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        check=True,
        text=True,
    )
    found = set(done.stdout.split())
    assert set(module.split(", ")) <= found
    assert not ({"torch", "pandas", "scipy", "matplotlib"} | heavy) & found


# --- Forms ---------------------------------------------------------------------------------------


def column(name: str, header: str, arrow: layouts.Arrow) -> Column:
    part = dict(zip(("set", "metric"), name.split("-"), strict=True))
    return Column(name, header, arrow, f"{part['set'].capitalize()} set", part)


def row(variant: str, label: str | None = None, group: str = "") -> Row:
    return Row(layouts.row_name(group, variant), label or variant, group, {"variant": variant})


def small(values: dict[tuple[str, str], float] | None = None, **changes: Any) -> Table:
    """Two columns, an anchor, the reference and three methods; one cell missing."""
    columns = [column("forget-fid", "FID", "→"), column("retain-r@1", "R@1", "↑")]
    rows = [row("real", "Real"), row("retrained", "Ref & <co>"), *map(row, "abc")]
    rows = changes.pop("rows", rows)
    columns = changes.pop("columns", columns)
    values = values or {
        ("real", "retain-r@1"): 0.9,
        ("retrained", "forget-fid"): 10.0,
        ("retrained", "retain-r@1"): 0.8,
        ("a", "forget-fid"): 12.0,
        ("a", "retain-r@1"): 0.5,
        ("b", "forget-fid"): 7.0,
        ("b", "retain-r@1"): 0.7,
        ("c", "retain-r@1"): 0.7,
    }
    counts = {"repeats": 3, "n": 64}
    made: dict[tuple[str, str], dict[str, Any]] = {
        key: {"value": value, "interval": 0.25, "t_interval": 0.75, **counts, "paper": None}
        for key, value in values.items()
    }
    if ("a", "forget-fid") in made:
        made["a", "forget-fid"]["paper"] = {"value": 12.5, "interval": 0.5}
        made["b", "forget-fid"]["paper"] = {"value": 6.5, "interval": None}
    where = {"dataset": "demo", "backbone": "momask", "concept": "violence"}
    addresses = {
        (line.name, each.name): CellAddress(
            **{**where, **line.address, **each.address},
            table="small",
            row=line.name,
            column=each.name,
        )
        for line in rows
        for each in columns
        if (line.address["variant"], each.name) != ("real", "forget-fid")
    }
    fields: dict[str, Any] = {
        "name": "small",
        "title": "A_title",
        "columns": columns,
        "rows": rows,
        "addresses": addresses,
        "cells": made,
        "reference": "retrained",
        "anchors": frozenset({"real", "retrained"}),
        "notes": ["Seed 1."],
    }
    return Table(**{**fields, **changes})


EVIL = "# <b>[a](http://b.c)</b>\n\n- *x* | $y^2$ \\input{z} %"


def test_what_labels_and_notes_say_is_only_read() -> None:
    """In every form: no heading, link, list, tag, command or formula comes out of them."""
    rows = [row("real"), row("retrained"), *(row(name, f"={EVIL}", EVIL) for name in "ab")]
    columns = [column("forget-fid", EVIL, "→"), column("retain-r@1", "R@1", "↑")]
    made = small(title=EVIL, rows=rows, columns=columns, notes=[EVIL, "1. one"])
    plain = small(title="t", rows=[replace(each, label="l", group=each.group and "g")
        for each in rows], columns=[replace(each, header="h") for each in columns],
        notes=["n", "m"])  # fmt: skip
    parser = MarkdownIt("commonmark").enable("table")
    found, usual = (parser.parse(markdown.text(each)) for each in (made, plain))
    assert [token.type for token in found] == [token.type for token in usual]
    inside = {leaf.type for token in found for leaf in token.children or []}
    assert inside <= {"text", "strong_open", "strong_close", "html_inline"}
    said = "".join(leaf.content for leaf in found[1].children or [])
    assert said == " ".join(EVIL.split())
    cells = {key: {**cell, "path": "x"} for key, cell in made.cells.items()}
    page = webpage.page(replace(made, cells=cells))
    assert "<b>" not in page
    assert 'href="http' not in page
    tex = latex.text(made)
    assert "\\input" not in tex
    assert tex.count("\n\n") == latex.text(plain).count("\n\n")
    fields = [field for line in csv.reader(io.StringIO(csv_writer.text(made))) for field in line]
    assert not [field for field in fields if field.startswith(("=", "+", "-", "@"))]
    assert f"'={' '.join(EVIL.split())}" in fields


def test_the_best_is_by_the_arrow_and_among_the_methods() -> None:
    best, second = small().best()
    assert best == {("a", "forget-fid"), ("b", "retain-r@1"), ("c", "retain-r@1")}
    assert second == set()  # the first place is shared
    lower = small(columns=[column("forget-fid", "FID", "↓")])
    assert lower.best() == ({("b", "forget-fid")}, set())  # two compete


def test_the_second_best_is_of_three_or_more() -> None:
    values = {
        (name, "retain-r@1"): value for name, value in zip("abc", (0.3, 0.9, 0.5), strict=True)
    }
    columns = [column("retain-r@1", "R@1", "↑")]
    assert small(values, columns=columns).best() == (
        {("b", "retain-r@1")}, {("c", "retain-r@1")}
    )  # fmt: skip


def test_a_cell_that_is_undefined_is_no_missing_one(tmp_path: Path) -> None:
    """It has a dash, and the note says why; of others how many motions they stand for."""
    bound = bind(ENTRY)
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64}
    spread |= {"paper": None, "path": "cell.json"}
    records: dict[tuple[str, str], dict[str, Any]] = {
        (cell.row, cell.column): {"value": 6.0, **spread} for cell in bound.cells
    }
    of_all = {"motions": 192, "of": 192, "why": "nothing moves"}
    records["lcr", "forget-mm_safe"] |= {"value": None, "interval": None, "undefined": of_all}
    records["original", "forget-mm_safe"] |= {"undefined": {**of_all, "motions": 2}}
    said = notes(bound, records, 1)
    table = assemble(bound, records, said)
    assert table.absent(("lcr", "forget-mm_safe")) == "–"
    assert "n/a" not in markdown.text(table)
    (told,) = (note for note in said if "MM-Safe stands for fewer" in note)
    assert told == (
        "Forget set MM-Safe stands for fewer motions than were measured, because it is undefined "
        "where nothing moves: “Original” 190 of 192, “w/ LCR” none."
    )
    assert (
        "–: has no value, for a reason said above, or means nothing for that row, as FID of the "
        "real motions would."
    ) in said
    assert 'title="undefined: nothing moves">–</span>' in webpage.page(table)
    assert latex.text(table)
    lines = {line["row"]: line for line in csv.DictReader(csv_writer.text(table).splitlines())}
    assert [lines[name]["forget-mm_safe why"] for name in ("lcr", "original")] == [
        "undefined: nothing moves",
        "",
    ]
    assert lines["real"]["forget-fid why"] == "not defined for this row"
    path = tmp_path / "cells.parquet"
    long_form.write_cells(path, [table])
    why = {(each["row"], each["column"]): each["why"] for each in pq.read_table(path).to_pylist()}
    assert {key: said for key, said in why.items() if said is not None} == {
        ("lcr", "forget-mm_safe"): "undefined: nothing moves"
    }


def test_a_reference_without_a_value_is_said_to_have_none() -> None:
    """Whether nobody configured it, or the table's metrics mean nothing for it."""
    bound = bind(ENTRY)
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64, "paper": None}
    records = {
        (cell.row, cell.column): {"value": 6.0, "path": "cell.json", **spread}
        for cell in bound.cells
    }
    (told,) = (note for note in notes(bound, records, 1) if note.startswith("↓ lower"))
    assert "closer to the row “Retrained on the retain set” is better" in told
    for key in [key for key in records if key[0] == "retrained"]:
        del records[key]
    (told,) = (note for note in notes(bound, records, 1) if note.startswith("↓ lower"))
    assert "(which has no value here, so none is best there) is better" in told


def test_a_column_that_no_row_has_a_value_in_says_so_once() -> None:
    """Not of every row; where rows differ in their reasons, each has its own."""
    bound = bind(ENTRY)
    spread = {"interval": None, "t_interval": None, "repeats": 3, "n": 64, "paper": None}
    why = {"motions": 192, "of": 192, "why": "it needs 16 repeats, and this run has 5"}
    records: dict[tuple[str, str], dict[str, Any]] = {
        (cell.row, cell.column): {"value": None, "undefined": why, **spread}
        for cell in bound.cells
        if cell.column == "forget-mm_safe"
    }
    (told,) = (note for note in notes(bound, records, 1) if "it needs 16" in note)
    assert told == (
        "Forget set MM-Safe has no value in any row, because it needs 16 repeats, and this run "
        "has 5."
    )
    records["lcr", "forget-mm_safe"] |= {"undefined": {**why, "why": "nothing moves"}}
    several = [note for note in notes(bound, records, 1) if "MM-Safe stands for fewer" in note]
    assert [note.partition("because it is ")[2] for note in several][-1] == (
        "undefined where nothing moves: “w/ LCR” none."
    )
    assert len(several) == 2


def test_notes_say_once_what_each_column_measures_and_where_that_is_from() -> None:
    bound = bind({**ENTRY, "layout": "evidence"})
    said = notes(bound, {}, 1)
    for source in ("EDGE", "PhysDiff", "kimodo", "guided-motion-diffusion", "FlowMDM", "ours"):
        assert any(source in note for note in said), source
    assert len([note for note in said if note.startswith("PFC, physical foot contact")]) == 1
    assert not [note for note in notes(bind(ENTRY), {}, 1) if "physical foot contact" in note]


MM_SAFE = "forget-mm_safe"


@pytest.mark.parametrize(("retrained", "marked"), [(4.9, True), (5.0, True), (5.1, False)])
def test_nobody_is_best_where_the_retrained_model_contradicts_mm_safe(
    retrained: float, marked: bool
) -> None:
    """It forgot everything, and the original nothing: if it is worse, lower is not safer."""
    bound = bind(ENTRY)
    given = {"original": 5.0, "retrained": retrained, "lcr": 4.5}
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64, "paper": None}
    records = {
        (cell.row, cell.column): {"value": given.get(cell.row, 6.0), **spread}
        for cell in bound.cells
    }
    said = notes(bound, records, 1)
    best, _ = assemble(bound, records, said).best()
    assert (("lcr", MM_SAFE) in best) == marked
    assert ("lcr", "forget-fid") in best, "of other columns it says nothing"
    assert [note for note in said if "no detector of the concept" in note]
    found = [note for note in said if note.startswith("MM-Safe ↓ contradicts itself on the forget")]
    assert len(found) == (not marked)
    if found:
        assert "“retrained”, which never saw the concept, has 5.100, and “original”" in found[0]
        assert "5.000. Nobody is marked as best there." in found[0]
    # Of repeats: Student's factor for three is 4.303, its deviation is the unbiased one.
    assert any("is 2.7 times as wide" in note and "another training" in note for note in said)


def test_notes_say_what_a_row_was_told_beside_its_methods_defaults() -> None:
    """Whose arithmetic it is, say; of a row that has all defaults there is nothing to say."""
    given = {"method": "rece", "bias": "reference", "rho": 0.001, "words": ["sit"]}
    told = {"uce": {"method": "uce", "bias": "exact"}, "rece": given}
    said = notes(bind(ENTRY, variants={**VARIANTS, **told}), {}, 1)
    (found,) = [note for note in said if note.startswith("Parameters that are not")]
    assert '“w/ RECE”: words ["sit"], bias "reference"' in found
    assert "UCE" not in found
    assert "rho" not in found
    assert found.count("w/ RECE") == 1


def test_nothing_is_best_without_a_reference_or_a_rival() -> None:
    arrow = [column("forget-fid", "FID", "→")]
    assert small(columns=arrow, reference="gone").best() == (set(), set())
    rows = [row("real", "Real"), row("retrained", "Ref"), row("a")]
    assert small(rows=rows).best() == (set(), set())


def grouped() -> Table:
    """Two groups of rows, each a backbone with a reference of its own."""
    names = [(group, name) for group in "xy" for name in ("retrained", "a", "b")]
    rows = [
        replace(line, address={**line.address, "backbone": group})
        for group, name in names
        for line in [row(name, group=group)]
    ]
    given = (10.0, 9.0, 12.0, 20.0, 9.0, 12.0)
    values = {(line.name, "forget-fid"): each for line, each in zip(rows, given, strict=True)}
    return small(values, rows=rows, columns=[column("forget-fid", "FID", "→")])


def test_rows_compete_within_their_group_and_with_its_own_reference() -> None:
    best, _ = grouped().best()
    assert best == {("x-a", "forget-fid"), ("y-b", "forget-fid")}


def test_rows_that_measure_different_sets_do_not_compete() -> None:
    rows = [
        replace(line, address={**line.address, "concept": concept})
        for name, concept in (("a", "kick"), ("b", "beat"))
        for line in [row(name)]
    ]
    values = {("a", "retain-r@1"): 0.5, ("b", "retain-r@1"): 0.6}
    found = small(values, rows=rows, columns=[column("retain-r@1", "R@1", "↑")]).best()
    assert found == (set(), set())


def test_every_form_shows_groups_of_rows() -> None:
    table = grouped()
    assert [line["group"] for line in csv.DictReader(csv_writer.text(table).splitlines())] == [
        *"xxx", *"yyy"
    ]  # fmt: skip
    lines = markdown.text(table).splitlines()
    assert lines[4:6] == ["| **x** |  |", "| retrained | 10.000 ± 0.250 |"]
    text = latex.text(table)
    assert text.count("\\midrule") == 2
    assert r"\multicolumn{2}{l}{\emph{y}} \\" in text
    page = webpage.page(replace(table, cells={}))
    assert page.count("<tbody>") == 2
    assert '<th class="group" colspan="2" scope="rowgroup">y</th>' in page


def test_csv_has_full_precision() -> None:
    table = small()
    table.cells["a", "forget-fid"]["value"] = 1 / 3  # type: ignore[index]
    rows = list(csv.DictReader(csv_writer.text(table).splitlines()))
    by_row = {row["row"]: row for row in rows}
    assert float(by_row["a"]["forget-fid"]) == 1 / 3
    assert float(by_row["a"]["forget-fid paper"]) == 12.5
    assert by_row["b"]["forget-fid paper ±"] == ""
    assert by_row["real"]["forget-fid"] == "–"
    assert by_row["c"]["forget-fid"] == "n/a"
    assert by_row["retrained"]["label"] == "Ref & <co>"


def test_markdown() -> None:
    text = markdown.text(small())
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[0] == "|  | Forget set FID → | Retain set R@1 ↑ |"
    assert lines[4] == "| a | **12.000 ± 0.250** (12.500 ± 0.500) | 0.500 ± 0.250 |"
    assert lines[6] == "| c | n/a | **0.700 ± 0.250** |"
    assert len({line.count("|") for line in lines}) == 1
    assert "- Seed 1." in text


def test_latex() -> None:
    text = latex.text(small())
    assert (
        r"Ref \& \textless{}co\textgreater{} & $10.000^{\pm 0.250}$ & $0.800^{\pm 0.250}$ \\"
        in text
    )
    assert r"a & $\mathbf{12.000}^{\pm 0.250}$ & $0.500^{\pm 0.250}$ \\" in text
    assert r" & {\footnotesize (12.500 $\pm$ 0.500)} &  \\" in text
    assert r"\caption{A\_title}" in text
    assert r"\item Seed 1." in text
    assert r"\cmidrule(lr){2-2} \cmidrule(lr){3-3}" in text
    assert text.count("{") == text.count("}")
    body = [line for line in text.splitlines() if line.endswith(r"\\") and "&" in line]
    assert {line.replace(r"\&", "").count("&") for line in body} == {2}


def test_latex_escapes_everything_special() -> None:
    assert inert.latex(r"50% of $x_1^2 & {y}~\#") == (
        r"50\% of \$x\_1\textasciicircum{}2 \& \{y\}\textasciitilde{}\textbackslash{}\#"
    )


class Reader(HTMLParser):
    """Collects links, hovers, and whether tags are closed in their order."""

    void = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str | None] = {}
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "a":
            self.links[str(known["href"])] = known.get("title")
        self.sources += [str(known[name]) for name in ("src",) if name in known]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made_up_differences(configured: dict[str, Any], table: str) -> list[tuple[str, Difference]]:
    """Of every two rows that stand next to each other, in every column that both have."""
    rows: dict[str, list[str]] = {}
    for each in binding.addresses(configured, table):
        rows.setdefault(each.column, []).append(each.row)
    return [
        (column, Difference(first, second, 0.1234, (0.0234, 0.2234), "clips", 34))
        for column, those in rows.items()
        for first, second in pairwise(those)
    ]


def sources(folder: Path) -> list[Path]:
    """What the captions of each dataset gave."""
    paths = [folder / f"prompts/{name}/captions/origin.json" for name in config()["datasets"]]
    for path in paths:
        origin = {"kind": "captions", "params": {}, "concepts": {}, "prompts": 5, "rejected": 0}
        files.write_json(path, origin)
    return paths


def run_tables(folder: Path, comparable: bool, skip: tuple[str, str] | None = None) -> Path:
    """Write every cell of two tables and all tables under ``folder``, as the workflow does."""
    # The second is called as the page of all tables is.
    named: dict[str, dict[str, Any]] = {"violence": ENTRY, "index": {**ENTRY, "layout": "k"}}
    if comparable:
        named = {"violence": {"layout": "table-2"}, "index": {"layout": "table-5"}}
    configured = config(tables=named)
    draw = np.random.Generator(np.random.Philox(2))
    paths, differences = [], []
    for name in named:
        for each in binding.addresses(configured, name):
            if (each.row, each.column) == skip:
                continue
            path = folder / each.path()
            path.parent.mkdir(parents=True, exist_ok=True)
            metric = metric_file(path.parent, draw.random(3).tolist(), each.metric)
            cell_step.run(
                Job(
                    step="cell",
                    inputs={"metric": metric},
                    outputs={"cell": path},
                    settings={"cell": each.record(), "paper_comparable": comparable},
                )
            )
            paths.append(path)
        apart = folder / "results/differences" / f"{name}.parquet"
        long_form.write_differences(apart, name, made_up_differences(configured, name))
        differences.append(apart)
    tables_step.run(
        Job(
            step="tables",
            inputs={
                "cells": paths,
                "differences": differences,
                "detections": [],
                "layouts": LAYOUTS,
                "sources": sources(folder),
                "audit": audit.PATH,
                "pictures": [],
                "captions": [],
                "brought": [],
            },
            outputs={"tables": folder / "results/tables"},
            settings={
                **binding.settings(configured),
                "cuts": dict.fromkeys(configured["tables"], ()),
                "evaluators": dict.fromkeys(configured["tables"], ()),
                "arithmetic": ["Whose arithmetic."],
                "pictures": [],
                "injections": [],
            },
            seed=11,
        )
    )
    return folder / "results/tables"


def test_step_writes_every_form_and_working_links(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True)
    forms = [
        f"pages/{name}.{suffix}"
        for name in ("violence", "index")
        for suffix in ("csv", "md", "tex", "html")
    ]
    files_made = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert files_made == {
        *forms,
        "index.html",
        "figures.html",
        "audit.html",
        "cells.parquet",
    }
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        reader = Reader()
        reader.feed(text)
        assert reader.open == []
        assert not reader.sources
        assert "http" not in text
        assert len(text) < 60_000
        cell_links = {link: hint for link, hint in reader.links.items() if "cells/" in link}
        assert cell_links or page.name in ("audit.html", "figures.html")
        assert ("../report/index.html" in reader.links) == (page == folder / "index.html")
        for link in reader.links.keys() - {"../report/index.html"}:  # of another step
            assert (page.parent / link.partition("#")[0]).exists(), link
        for link, hint in cell_links.items():
            assert hint is not None
            assert hint.endswith((page.parent / link).resolve().as_posix())
            assert "\nhmu lineage " in hint
    text = (folder / "pages/violence.html").read_text(encoding="utf-8")
    assert "(7.078 ±0.307)" in text
    assert "Seed 11" in text
    assert "<li>Whose arithmetic.</li>" in text
    assert "The paper&#x27;s values are in brackets: Table 2" in text
    text = (folder / "pages/index.md").read_text(encoding="utf-8")
    assert "(4.655)" in text
    assert "3 repeats with 64 samples of the forget set and 64 samples of the retain set" in text


def test_page_tells_its_script_all_differences(tmp_path: Path) -> None:
    """By the numbers of two rows, the lower first, whose values stand beside them."""
    folder = run_tables(tmp_path, comparable=False, skip=("lcr", "forget-fid"))
    text = (folder / "pages/violence.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="told">(.*)</script>', text)
    assert found is not None
    told = json.loads(found[1])
    assert told["rows"][:3] == ["Real motions", "Retrained on the retain set", "Original"]
    first, mm_safe = told["columns"][:2]
    assert (first["heading"], mm_safe["heading"]) == (
        "Forget set · FID →",
        "Forget set · MM-Safe ↓",
    )
    assert first["differences"]["1 2"] == [0.1234, 0.1, "34 clips"]
    assert "0 1" not in first["differences"]  # no FID of real motions
    assert mm_safe["differences"]["0 1"] == [0.1234, 0.1, "34 clips"]
    assert [value is None for value in first["values"]] == [True, False, False, False, True]
    assert told["shown"] == [3, 4]
    with (folder / "pages/violence.csv").open(encoding="utf-8") as stream:
        values = next(row for row in csv.DictReader(stream) if row["row"] == "original")
    assert first["values"][2].startswith(f"{float(values['forget-fid']):.3f} ±")


def test_all_cells_stand_in_one_table_in_long_form(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True, skip=("lcr", "forget-fid"))
    cells = pq.read_table(folder / "cells.parquet")
    assert cells.schema.equals(long_form.CELLS)
    assert all(field.metadata[b"description"] for field in cells.schema)
    rows = {(each["table"], each["row"], each["column"]): each for each in cells.to_pylist()}
    named = config(tables={"violence": {"layout": "table-2"}, "index": {"layout": "table-5"}})
    expected = [each for name in named["tables"] for each in binding.addresses(named, name)]
    assert list(rows) == [(each.table, each.row, each.column) for each in expected]
    for each in expected:
        row = rows[each.table, each.row, each.column]
        assert {key: row[key] for key in KEYS} == {key: getattr(each, key) for key in KEYS}
        if (each.row, each.column) == ("lcr", "forget-fid"):
            assert (row["value"], row["values"], row["paper"]) == (None, None, None)
            assert row["why"] == "not computed"
            continue
        record = files.read_json(tmp_path / each.path())
        assert row["why"] is None
        assert row["value"] == pytest.approx(np.mean(row["values"]))
        assert row["values"] == record["values"]
        assert [row[key] for key in ("interval", "t_interval", "repeats", "n")] == [
            record[key] for key in ("interval", "t_interval", "repeats", "n")
        ]
        printed = each.paper
        assert row["paper"] == (printed and printed.value)
        assert row["paper_interval"] == (printed and printed.interval)
    labels = {(row["group"], row["label"], row["header"], row["arrow"]) for row in rows.values()}
    assert (None, "Original", "FID", "↓") in labels or ("MoMask", "Original", "FID", "↓") in labels


def test_a_table_says_what_its_numbers_can_show() -> None:
    columns = layout().columns

    def of(half: float, value: float, over: Any, units: int) -> Difference:
        return Difference("a", "b", value, (value - half, value + half), over, units)

    some = [
        *(("forget-r@1", of(half, 0.3, "clips", 34)) for half in (0.1, 0.2, 0.4)),
        ("forget-fid", of(2.0, 1.0, "repeats", 3)),
        ("retain-r@1", Difference("a", "b", 1.0, None, "clips", 1)),
    ]
    apart, small = limits(columns, some)
    assert "Forget set FID 0 of 1 (±2); Forget set R@1 2 of 3 (±0.2)." in apart
    assert "Retain" not in apart
    assert "small run (34 clips, 3 repeats)" in small
    for clips, said in (((9, 34), "9 and 34"), ((51, 9, 34), "9 to 51")):
        of_sets = [("forget-r@1", of(0.1, 0.3, "clips", each)) for each in clips]
        assert f"small run ({said} clips)" in limits(columns, of_sets)[1]
    assert limits(columns, []) == []
    whole = [("forget-r@1", of(0.1, 0.3, "clips", 300)), ("forget-fid", of(1, 2, "repeats", 20))]
    assert len(limits(columns, whole)) == 1


def test_step_is_honest_about_what_is_missing(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=False, skip=("lcr", "forget-fid"))
    text = (folder / "pages/violence.md").read_text(encoding="utf-8")
    assert "| w/ LCR | n/a | " in text
    assert "n/a: not computed yet (1 of the cells)." in text
    assert "| Real motions | – | " in text
    assert "This configuration is not the paper's" in text
    assert "paper's values are in brackets" not in text


def test_step_leaves_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "results/tables").mkdir(parents=True)
    (tmp_path / "results/tables/old.html").write_text("x", encoding="utf-8")
    assert not (run_tables(tmp_path, comparable=False) / "old.html").exists()


def test_step_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = run_tables(tmp_path, comparable=True)
    before = {path.name: path.read_bytes() for path in folder.rglob("*.*")}
    folder = run_tables(tmp_path, comparable=True)
    assert {path.name: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_step_refuses_what_is_not_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "cell.json"
    path.write_text(json.dumps({"value": 1}), encoding="utf-8")
    job = Job(
        step="tables",
        inputs={
            "cells": [path],
            "differences": [],
            "detections": [],
            "layouts": LAYOUTS,
            "sources": [],
            "audit": audit.PATH,
        },
        outputs={"tables": tmp_path / "tables"},
        settings={**binding.settings(config(tables={})), "cuts": {}, "evaluators": {}},
    )
    with pytest.raises(InputError, match=r"cell\.json is not the record of a cell"):
        tables_step.run(job)
