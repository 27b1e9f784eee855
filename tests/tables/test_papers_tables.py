"""The sixteen layouts of the paper's tables, and its values against its text."""

import csv
import io
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hmu import config as configuration
from hmu.tables import audit, binding, layout_files, layouts
from hmu.tables.addresses import KEYS
from hmu.tables.notes import notes
from hmu.tables.table import Table, assemble
from hmu.tables.writers import csv as csv_writer
from hmu.tables.writers import latex, markdown, webpage
from support import tex

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
        for number in NUMBERS
    }
    assert labels[1]["momask-lcr"] == "w/ LCR, K = 32"
    composed = labels[1]["momask-lcr-composed-32-16"]
    assert composed == "w/ LCR, kick 32 and punch_jab_box_hit_beat 16"
    assert labels[3]["motion-x-lcr-stab"] == "LCR, stab, K = 32"
    assert labels[4]["zombie-lcr"] == "LCR, K = 32"
    assert labels[6]["stride-1-lcr"] == labels[8]["lcr"] == "w/ LCR, K = 32"
    assert labels[7]["lcr"] == "LCR, K = 32"
    assert labels[13]["finetuned-500"] == "Fine-tuned +500"
    assert labels[15]["rece-3-0.01"] == "RECE, epochs 3, scale 0.01"
    assert (labels[16]["uce-walk"], labels[16]["uce"]) == ("walk", "the empty text")
    cut = {**paper["variants"], "finetuned-500": {"method": "finetune", "epochs": 40}}
    rows = binding.bind({**paper, "variants": cut}, "paper-13").rows
    assert [row.label for row in rows][-1] == "Fine-tuned +40"


@pytest.mark.parametrize("number", NUMBERS)
def test_no_row_hides_which_variant_of_its_method_it_is(paper: dict[str, Any], number: int) -> None:
    """A row of LCR says its K, or those of its parts, and follows the configuration. Rows that
    compete have names of their own."""
    odd = {
        name: {**each, "k": 7 + place} if each["method"] == "lcr" and not each["parts"] else each
        for place, (name, each) in enumerate(paper["variants"].items())
    }
    bound = binding.bind({**paper, "variants": odd}, f"paper-{number}")
    for row in bound.rows:
        variant = odd[row.address["variant"]]
        if variant["method"] == "lcr":
            numbers = list(variant["parts"].values()) or [variant["k"]]
            assert [int(each) for each in re.findall(r"\b\d+\b", row.label)] == numbers, row
    called = [(row.group, row.address.get("concept"), row.label) for row in bound.rows]
    assert len(called) == len(set(called))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_page_names_bias_and_adversarial_whatever_they_are(
    paper: dict[str, Any], number: int
) -> None:
    """As the text by default, and of single rows where they differ."""

    def said(**changes: Any) -> str:
        variants = {
            name: {**each, **changes} if each["method"] == "rece" else each
            for name, each in paper["variants"].items()
        }
        bound = binding.bind({**paper, "variants": variants}, f"paper-{number}")
        return " ".join(notes(bound, {}, 1))

    methods = {
        cell.variant.partition("-")[0] for cell in binding.addresses(paper, f"paper-{number}")
    }
    usual, other = said(), said(bias="reference", adversarial="reference")
    assert ('uce bias "exact"' in usual) == ("uce" in methods)
    assert ('rece bias "exact", adversarial "paper"' in usual) == ("rece" in methods)
    assert "rece bias" not in other
    assert ('”: bias "reference", adversarial "reference"' in other) == ("rece" in methods)
    assert ('uce bias "exact"' in other) == ("uce" in methods)


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


def test_the_reduced_configuration_binds_every_layout() -> None:
    """tests/sixteen.yaml beside tiny.yaml, of which a whole run makes all sixteen tables."""
    tiny, more = (
        configuration.read(ROOT / "tests" / name) for name in ("tiny.yaml", "sixteen.yaml")
    )
    sections = {name: {**tiny.get(name, {}), **each} for name, each in more.items()}
    config = configuration.validate({**tiny, **sections})
    for number in NUMBERS:
        bound = binding.bind(config, f"paper-{number}")
        assert bound.left_out == ()
        assert len(bound.columns) == len(layout(number).columns)
        assert len(bound.rows) >= 2
        assert {cell.dataset for cell in bound.cells} == {"demo"}


# --- Pages ---------------------------------------------------------------------------------------

LACKING = 3
"""Every so many cells one was not made."""


def made(paper: dict[str, Any], number: int) -> Table:
    """A table of the paper with values of every size, some alike, and cells that are missing."""
    bound = binding.bind(paper, f"paper-{number}")
    draw = np.random.Generator(np.random.Philox(number))
    records = {}
    for place, cell in enumerate(bound.cells):
        value = round(float(draw.gamma(2.0)), 1)
        printed = None if cell.paper is None else asdict(cell.paper)
        spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 20, "n": 64, "path": cell.path()}
        if cell.metric == "seconds":
            spread |= {"interval": None, "t_interval": None, "unit": "seconds"}
        if place % LACKING or cell.variant == "retrained":
            records[cell.row, cell.column] = {"value": value, "paper": printed, **spread}
    said = notes(bound, only_motions(bound, records), 1)
    return assemble(bound, records, said, audit.load())


def only_motions(bound: binding.Bound, records: dict[Any, Any]) -> dict[Any, Any]:
    """The records of cells whose metric is over motions: times come with jobs of their own."""
    timed = {(cell.row, cell.column) for cell in bound.cells if cell.metric == "seconds"}
    return {key: each for key, each in records.items() if key not in timed}


@pytest.mark.parametrize("number", NUMBERS)
def test_best_and_second_best_are_by_each_columns_rule(paper: dict[str, Any], number: int) -> None:
    """Sorted anew: within a group of rows, by the arrow, anchors aside, cells that exist."""
    table = made(paper, number)
    best: set[tuple[str, str]] = set()
    second: set[tuple[str, str]] = set()
    groups = {row.name: (row.group, row.address.get("concept")) for row in table.rows}
    variants = {key: each.variant for key, each in table.addresses.items()}
    for column in table.columns:
        for group in dict.fromkeys(groups.values()):
            rivals = {
                key: table.cells[key]["value"]
                for key in table.cells
                if key[1] == column.name and groups[key[0]] == group
                if variants[key] not in table.anchors
            }
            if column.arrow == "→":
                aims = [
                    table.cells[key]["value"]
                    for key, each in table.addresses.items()
                    if key in table.cells
                    if each.variant == table.reference
                    for rival in list(rivals)[:1]
                    if each.at("x") == table.addresses[rival].at("x")
                ]
                if not aims:
                    continue
                rivals = {key: abs(value - aims[0]) for key, value in rivals.items()}
            undecided = {each.at("x") for each in table.undecided}
            if any(table.addresses[key].at("x") in undecided for key in rivals):
                continue
            order = sorted(set(rivals.values()), reverse=column.arrow == "↑")
            places = [{key for key, v in rivals.items() if v == value} for value in order]
            best |= places[0] if len(rivals) > 1 else set()
            second |= places[1] if len(rivals) > 2 and len(places[0]) == 1 else set()
    assert table.best() == (best, second)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_cell_that_is_not_there_says_so(paper: dict[str, Any], number: int) -> None:
    """In every form, and nowhere as a number."""
    table = made(paper, number)
    lacking = table.addresses.keys() - table.cells.keys()
    assert lacking
    told = f"n/a: not computed yet ({len(lacking)} of the cells)."
    times = sum(each.metric == "seconds" for each in table.addresses.values())
    assert told in table.notes or times
    page, plain, tex = webpage.page(table), markdown.text(table), latex.text(table)
    assert page.count('title="not computed">n/a<') == len(lacking)
    assert len(re.findall(r"\| n/a(?= \|)", plain)) == len(lacking)
    assert len(re.findall(r"& n/a", tex)) == len(lacking)
    lines = list(csv.DictReader(io.StringIO(csv_writer.text(table))))
    for line in lines:
        for column in table.columns:
            key = (line["row"], column.name)
            assert (line[column.name] == "n/a") == (key in lacking)


@pytest.mark.parametrize("number", NUMBERS)
def test_latex_has_nothing_that_latex_would_not_read(paper: dict[str, Any], number: int) -> None:
    """Only ASCII, commands that are known, and marks that stand for themselves escaped."""
    text = latex.text(made(paper, number))
    assert text.isascii()
    body = text[text.index("\\begin{table}") :]
    assert {*re.findall(r"\\([a-zA-Z]+)", body)} <= COMMANDS
    bare = re.sub(r"\\[&%$#_{}]", "", body)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert "%" not in bare.replace("{!}{%", "")
    assert not re.findall(r"_|#|~", re.sub(r"\\label\{[^}]+\}", "", bare))


COMMANDS = set(
    "begin end item centering resizebox linewidth toprule midrule bottomrule multicolumn cmidrule"
    " mathbf underline pm footnotesize textsuperscript caption label emph rightarrow downarrow"
    " uparrow surd cdot ldots textbackslash textasciitilde textasciicircum textasciigrave"
    " textless textgreater textbar".split()
)


@tex.needed
def test_latex_compiles(paper: dict[str, Any], tmp_path: Path) -> None:
    """All sixteen tables, in one document."""
    body = "\\clearpage\n".join(latex.text(made(paper, number)) for number in NUMBERS)
    assert tex.pages(body, tmp_path) >= len(NUMBERS)
