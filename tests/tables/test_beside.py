"""The paper, the released model and the one trained here, beside each other."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from hmu.tables import beside, binding
from hmu.tables.beside import Between, Side
from hmu.tables.differences import Difference
from hmu.tables.table import Table, assemble
from hmu.tables.writers import latex, markdown, webpage

OURS = {"value": 0.05, "interval": 0.002, "values": [0.048, 0.052], "paper": None}
THEIRS = {"value": 0.0412, "interval": 0.001, "values": [0.041, 0.0414], "paper": None}
PAPER = {"value": 0.041, "interval": 0.001, "source": "Table 10"}
COLUMN = "retain-fid"


def table(
    records: Mapping[str, Mapping[str, Any]],
    backbones: tuple[str, ...] = ("momask", "momask-official"),
    differences: tuple[Difference, ...] = (),
) -> Table:
    """The layout `official` with these records of the rows' FID on the retain set."""
    config = {
        "tables": {"t": {"layout": "official"}},
        "datasets": {"humanml3d": None},
        "backbones": dict.fromkeys(backbones),
        "concepts": {"violence": None},
        "variants": {"original": {"method": "original"}},
        "sets": {name: {"prompts": "captions", "clips": name} for name in ("forget", "retain")},
    }
    bound = binding.bind(config, "t")
    more = {"repeats": 2, "n": 64, "t_interval": 0.01, "path": "x"}
    cells = {(row, COLUMN): {**record, **more} for row, record in records.items()}
    return assemble(bound, cells, [], differences=[(COLUMN, each) for each in differences])


def line(shown: Table, group: str = "MoMask", column: str = COLUMN) -> beside.Line:
    (found,) = (each for each in beside.groups(shown) if each.name == group)
    return next(each for each in found.lines if each.column.name == column)


def test_a_line_has_the_paper_the_release_and_ours_and_what_lies_between() -> None:
    found = Difference("momask-official", "momask", -0.0088, (-0.012, -0.005), "repeats", 2)
    records = {"momask-official": {**THEIRS, "paper": PAPER}, "momask": {**OURS, "paper": PAPER}}
    shown = line(table(records, differences=(found,)))
    assert shown.sides == (
        Side(0.041, 0.001),
        Side(0.0412, 0.001, (0.041, 0.0414)),
        Side(0.05, 0.002, (0.048, 0.052)),
    )
    printed_released, printed_ours, released_ours = shown.between
    assert printed_released == Between(pytest.approx(-0.0002), True, None)
    assert printed_ours == Between(pytest.approx(-0.009), False, None)
    assert released_ours == Between(pytest.approx(-0.0088), False, True)


def test_what_cannot_be_had_says_why() -> None:
    shown = table({"momask": OURS}, backbones=("momask",))
    sides = line(shown).sides
    assert [side.why for side in sides] == ["not comparable", "not configured", ""]
    assert line(shown).between == (Between(), Between(), Between())
    assert [side.why for side in line(shown, "BAMM").sides][1:] == ["not configured"] * 2
    missing = line(table({}), column="forget-r@1")
    assert [side.why for side in missing.sides] == [
        "no row to compare",
        "not computed",
        "not computed",
    ]


def test_page_markdown_and_latex_show_it() -> None:
    found = Difference("momask-official", "momask", -0.0088, (-0.02, 0.005), "repeats", 2)
    records = {"momask-official": {**THEIRS, "paper": PAPER}, "momask": {**OURS, "paper": PAPER}}
    shown = table(records, differences=(found,))
    text = markdown.text(shown)
    assert "## MoMask: beside each other" in text
    assert "| The paper − Official checkpoint | " in text
    assert (
        "| Retain set · FID ↓ | 0.041 ±0.001 | 0.041 ±0.001 | 0.050 ±0.002 | -0.000; ± overlap | "
        "-0.009; ± apart | -0.009; ± apart; no difference seen |"
    ) in text
    assert (
        r"Retain set $\cdot$ FID $\downarrow$ & 0.041 $\pm$0.001 & 0.041 $\pm$0.001"
        r" & 0.050 $\pm$0.002 & -0.000; $\pm$ overlap & -0.009; $\pm$ apart"
        r" & -0.009; $\pm$ apart; no difference seen \\"
    ) in latex.text(shown)
    page = webpage.page(shown)
    assert '<small class="repeats" title="in each repeat">0.048 0.052</small>' in page
    assert "<td>-0.009<small>± apart</small><small>no difference seen</small></td>" in page
    assert "not configured" in page  # BAMM's


def test_no_other_layout_puts_rows_beside_each_other() -> None:
    config = {
        "tables": {"t": {"layout": "main", "dataset": "d", "concept": "c"}},
        "datasets": {"d": None},
        "backbones": {"momask": None},
        "concepts": {"c": None},
        "variants": {"original": {"method": "original"}},
        "sets": {name: {"prompts": "captions", "clips": name} for name in ("forget", "retain")},
    }
    shown = assemble(binding.bind(config, "t"), {}, [])
    assert list(beside.groups(shown)) == []
    assert "beside" not in markdown.text(shown)
    assert latex.text(shown).count("\\begin{tabular}") == 1


def test_latex_labels_no_two_tables_alike() -> None:
    labels = re.findall(r"\\label\{(.+)\}", latex.text(table({"momask": OURS})))
    assert labels == ["tab:t", "tab:t-beside-1", "tab:t-beside-2"]
