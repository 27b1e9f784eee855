"""The sixteen layouts of the paper's tables, and its values against its text."""

import re
from pathlib import Path
from typing import Any

import pytest

from hmu import config as configuration
from hmu.tables import binding, layout_files, layouts
from hmu.tables.addresses import KEYS

ROOT = Path(__file__).resolve().parents[2]
TEXT = ROOT.parent / "shared" / "paper" / "paper.txt"
NUMBERS = range(1, 17)
MISPRINTS = {"±.1.092": "±1.092"}
"""What the text prints that is no number, and what is taken for it."""


def layout(number: int) -> layouts.Layout:
    return layout_files.load(layout_files.path_of(f"table-{number}"))


# --- Values --------------------------------------------------------------------------------------


def blocks() -> list[list[list[str]]]:
    """The tables of the text in their order: each a list of rows, each a list of its values.

    A line of a table that heads a set begins another. Values have three decimals, and
    times a unit; scales, epochs and numbers of codes have neither.
    """
    found: list[list[list[str]]] = []
    for line in TEXT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            continue
        if re.match(r"\| (Forget Set|Retain Set|# codes|Explicit Violence) \|", line):
            found.append([])
        for printed, meant in MISPRINTS.items():
            cells = [cell.replace(printed, meant) for cell in cells]
        if values := [cell for cell in cells if re.fullmatch(r"\d+\.\d{3}(±.*)?|\d+[mh]", cell)]:
            found[-1].append(values)
    return found


def tables() -> dict[int, list[list[str]]]:
    """The values of each table, row by row; of those in two parts, forget before retain."""
    rest = iter(blocks())
    found = {}
    for number in NUMBERS:
        found[number] = next(rest)
        if number in (5, 14, 15):
            pairs = zip(found[number], next(rest), strict=True)
            found[number] = [forget + retain for forget, retain in pairs]
    assert next(rest, None) is None
    return found


def number_of(printed: str) -> float:
    """A value, a time in seconds."""
    seconds = {"m": 60, "h": 3600}.get(printed[-1])
    return float(printed) if seconds is None else float(printed[:-1]) * seconds


@pytest.mark.skipif(not TEXT.exists(), reason="the text of the paper is not beside the checkout")
@pytest.mark.parametrize("number", NUMBERS)
def test_every_value_that_the_paper_prints_stands_in_its_layout(number: int) -> None:
    """No number of the paper's table is missing, is in another place, or is not the paper's."""
    ours = []
    declared = layout(number)
    (block,) = declared.paper
    for row in declared.rows:
        printed = block.values.get(row.key, {}).values()
        if printed:
            ours.append([(each.value, each.interval) for each in printed])
        assert all(each.source == f"Table {number}" for each in printed)
    theirs = [
        [
            (number_of(value), float(half) if half else None)
            for value, _, half in (each.partition("±") for each in row)
        ]
        for row in tables()[number]
    ]
    assert ours == theirs


def test_the_paper_prints_so_many_values() -> None:
    """Also where its text is not at hand: rows and columns, those without values left out."""
    shapes = {
        number: (len(block.values), {len(row) for row in block.values.values()})
        for number in NUMBERS
        for block in layout(number).paper
    }
    assert shapes == {
        1: (12, {7}),
        2: (6, {7}),
        3: (8, {4}),
        4: (14, {4}),
        5: (6, {8}),
        6: (2, {4}),
        7: (6, {4}),
        8: (3, {4}),
        9: (14, {7}),
        10: (14, {7}),
        11: (14, {7}),
        12: (14, {7}),
        13: (4, {4, 5}),
        14: (9, {8}),
        15: (11, {8}),
        16: (7, {8}),
    }


# --- The paper's configuration -------------------------------------------------------------------


@pytest.fixture(scope="module")
def paper() -> dict[str, Any]:
    return configuration.load(ROOT / "workflow" / "config" / "paper.yaml")


@pytest.mark.parametrize("number", [each for each in NUMBERS if each != 8])
def test_each_table_is_bound_whole_with_every_printed_value(
    paper: dict[str, Any], number: int
) -> None:
    bound = binding.bind(paper, f"paper-{number}")
    declared = layout(number)
    assert bound.left_out == ()
    assert [row.key for row in bound.rows] == [row.key for row in declared.rows]
    # The original, with which all rows begin, took nothing beyond itself.
    costs = sum(column.address["metric"] == "seconds" for column in declared.columns)
    assert len(bound.cells) == len(declared.rows) * len(declared.columns) - costs
    printed = sum(cell.paper is not None for cell in bound.cells)
    assert printed == sum(len(row) for row in declared.paper[0].values.values())


def test_rows_say_which_variant_stands_in_them(paper: dict[str, Any]) -> None:
    """By the parameters of the variant, not by what the layout expects."""
    labels = {
        number: {row.name: row.label for row in binding.bind(paper, f"paper-{number}").rows}
        for number in (1, 7, 13, 15, 16)
    }
    assert labels[1]["momask-lcr"] == "w/ LCR, K = 32"
    composed = labels[1]["momask-lcr-composed-32-16"]
    assert composed == "w/ LCR, kick 32 and punch_jab_box_hit_beat 16"
    assert labels[7]["lcr"] == "LCR, K = 32"
    assert labels[13]["finetuned-500"] == "Fine-tuned +500"
    assert labels[15]["rece-3-0.01"] == "RECE, epochs 3, scale 0.01"
    assert (labels[16]["uce-walk"], labels[16]["uce"]) == ("“walk”", "“”")
    cut = {**paper["variants"], "finetuned-500": {"method": "finetune", "epochs": 40}}
    rows = binding.bind({**paper, "variants": cut}, "paper-13").rows
    assert [row.label for row in rows][-1] == "Fine-tuned +40"


def test_what_the_paper_calls_a_concept_can_be_read_otherwise(paper: dict[str, Any]) -> None:
    """Table 4's names are the lists of the paper's code, and single words where one says so."""
    taken = {cell.concept for cell in binding.addresses(paper, "paper-4")}
    assert taken == {
        "duck_squat",
        "throw",
        "jump_leap_hop",
        "crawl_creep_slide",
        "zombie",
        "punch_jab_box_hit_beat",
        "kick",
    }
    words = {"duck_squat": "squat", "jump_leap_hop": "jump", "crawl_creep_slide": "crawl"}
    entry = {**paper["tables"]["paper-4"], "names": words}
    cells = binding.addresses({**paper, "tables": {"t": entry}}, "t")
    assert {cell.concept for cell in cells} >= set(words.values())


def test_table_1_measures_each_row_where_the_paper_does(paper: dict[str, Any]) -> None:
    bound = binding.bind(paper, "paper-1")
    last = bound.cells[-1]
    assert [getattr(last, key) for key in KEYS] == [
        "humanml3d", "bamm", "violence", "lcr", "retain", "r@1"
    ]  # fmt: skip
    assert last.paper is not None
    assert (last.paper.value, last.paper.interval) == (0.519, 0.004)
