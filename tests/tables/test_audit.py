"""What the audit finds in the paper's values: that it is so, and that pages show it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hmu import config as configuration
from hmu.errors import InputError
from hmu.tables import audit, binding, evidence, layout_files
from hmu.tables.addresses import Printed
from hmu.tables.evidence import Said
from hmu.tables.table import assemble
from hmu.tables.writers import audit as audit_page
from hmu.tables.writers import latex, markdown, webpage

ROOT = Path(__file__).resolve().parents[2]
TEXT = ROOT.parent / "shared" / "paper" / "paper.txt"
FINDINGS = audit.load()


def finding(name: str) -> audit.Finding:
    return next(each for each in FINDINGS if each.name == name)


# --- Evidence ------------------------------------------------------------------------------------


def side(name: str, **values: tuple[float, float | None]) -> Said:
    return Said(name, {key: Printed(*each, "T") for key, each in values.items()})


A = side("a", fid=(10.0, 0.5), r=(0.5, 0.1))
CELLS = {
    "low": side("low", x=(1.0, 0.1)),
    "middle": side("middle", y=(1.2, 0.1)),
    "high": side("high", z=(4.0, None)),
    "number": Said("", {"": Printed(1.0, None, "the text")}),
}


@pytest.mark.parametrize(
    ("relation", "other", "said"),
    [
        ({"equal": 0}, side("b", fid=(10.0, 0.2), mm=(3.0, None)), "a and b are equal: fid 10.000"),
        ({"differ": 0}, side("b", fid=(10.0, 0.2)), "a and b differ: fid 10.000±0.500 and 10.000±"),
        ({"differ": 0}, side("b", fid=(10.0, None), r=(0.6, 0.1)), "differ: r 0.500±0.100 and 0.6"),
        ({"overlap": 0}, side("b", fid=(9.0, 0.5)), "overlap: fid 10.000±0.500 and 9.000±0.500"),
        ({"apart": 0}, side("b", fid=(8.9, 0.5)), "do not overlap: fid"),
        ({"near": 0, "is": 5.3}, side("b", fid=(9.5, None), r=(0.5, None)), "by at most 5.3%"),
    ],
)  # fmt: skip
def test_rows_are_compared_in_the_columns_that_they_share(
    relation: Mapping[str, Any], other: Said, said: str
) -> None:
    assert said in evidence.words(relation, [A, other])


@pytest.mark.parametrize(
    ("relation", "cells", "said"),
    [
        ({"ordered": 0}, "low middle high", "low 1.000±0.100 < middle 1.200±0.100 < high 4.000"),
        ({"percent": 0, "is": 75.0}, "low high", "low 1.000±0.100 is 75.0% less than high 4.000"),
        ({"percent": 0, "is": -300.0}, "high low", "is 300.0% more than low"),
        ({"halves": 0, "is": 0.1}, "low middle", "printed with ±0.100: low; middle"),
        ({"overlap": 0}, "low middle", "low and middle overlap: 1.000±0.100 and 1.200±0.100"),
        ({"equal": 0}, "low number", "low and 1.000 are equal: 1.000"),
    ],
)
def test_cells_are_compared_whatever_their_columns(
    relation: Mapping[str, Any], cells: str, said: str
) -> None:
    assert said in evidence.words(relation, [CELLS[name] for name in cells.split()])


@pytest.mark.parametrize(
    ("relation", "cells"),
    [
        ({"equal": 0}, "low middle"),
        ({"differ": 0}, "low number"),
        ({"overlap": 0}, "low high"),
        ({"apart": 0}, "low middle"),
        ({"near": 0, "is": 10.0}, "low middle"),
        ({"ordered": 0}, "low number"),
        ({"ordered": 0}, "high low"),
        ({"percent": 0, "is": 74.9}, "low high"),
        ({"halves": 0, "is": 0.1}, "low high"),
    ],
)
def test_what_is_not_so_is_no_evidence(relation: Mapping[str, Any], cells: str) -> None:
    with pytest.raises(InputError, match="is not so"):
        evidence.words(relation, [CELLS[name] for name in cells.split()])


def test_only_what_can_be_compared_is() -> None:
    with pytest.raises(InputError, match="a and b have no column in common"):
        evidence.words({"equal": 0}, [A, side("b", mm=(1.0, None), x=(1.0, None))])
    with pytest.raises(InputError, match="is no relation: write equal, differ, overlap"):
        evidence.words({"same": 0}, [A, A])


# --- Findings ------------------------------------------------------------------------------------


def written(folder: Path, **changes: Any) -> Path:
    """A file of one finding."""
    given = {"name": "n", "title": "T", "says": "S", "at": ["table-1/bamm-lcr"], **changes}
    path = folder / "findings.yaml"
    path.write_text(yaml.safe_dump({"findings": [given]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": ["table-1/bamm-lrc"]}, "finding 'n': 'table-1/bamm-lrc' is no row or cell"),
        ({"at": ["table-1/bamm-lcr/forget-mm"]}, "'table-1/bamm-lcr/forget-mm' is no row or cell"),
        ({"at": ["table-17/lcr"]}, "no table layout 'table-17'"),
        ({"tilte": "T"}, "unknown keys tilte"),
        ({"shows": [{"equal": ["table-1/bamm-lcr", "table-1/bamm-esd"]}]}, "is not so"),
        ({"shows": [{"equal": ["table-1/bamm-original", 1.0]}]}, "the paper prints no value at"),
        ({"title": None, "says": 5}, "is no list of findings"),
    ],
)
def test_a_wrong_finding_is_an_answer(tmp_path: Path, changes: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"findings.yaml.*{said}"):
        audit.load(written(tmp_path, **changes))


def test_every_finding_says_something_of_its_own() -> None:
    assert [each.number for each in FINDINGS] == list(range(1, len(FINDINGS) + 1))
    assert len({each.title for each in FINDINGS}) == len(FINDINGS)
    for each in FINDINGS:
        assert re.fullmatch(r"[a-z0-9-]+", each.name)
        assert each.says.endswith(".")
        assert not each.title.endswith(".")


@pytest.mark.skipif(not TEXT.exists(), reason="the text of the paper is not beside the checkout")
def test_every_quote_stands_in_the_paper() -> None:
    text = " ".join(TEXT.read_text(encoding="utf-8").split())
    quotes = [quote for each in FINDINGS for quote in each.quotes]
    assert len(quotes) > 20
    assert [quote for quote in quotes if quote not in text] == []


def test_one_wrong_digit_in_a_layout_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evidence is computed from the layouts' values, not written down."""
    layout = layout_files.load(layout_files.path_of("table-7"))
    row = layout.paper[0].values["lcr-composed-32-16"]
    monkeypatch.setitem(row, "forget-fid", Printed(15.658, None, "Table 7"))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"lcr-row-is-composed.*is not so"):
        audit.load.__wrapped__(audit.PATH)


# --- Pages ---------------------------------------------------------------------------------------


def record(paper: Printed | None) -> dict[str, Any]:
    printed = paper and {"value": paper.value, "interval": paper.interval, "source": paper.source}
    spread = {"interval": 0.1, "t_interval": 0.3, "repeats": 3, "n": 64, "path": "c"}
    return {"value": 1.0, "paper": printed, **spread}


def table(name: str, comparable: bool = True) -> Any:
    config = configuration.load(ROOT / "workflow" / "config" / "paper.yaml")
    bound = binding.bind(config, name)
    records = {
        (cell.row, cell.column): record(cell.paper if comparable else None) for cell in bound.cells
    }
    return assemble(bound, records, [], FINDINGS)


def test_a_value_of_the_paper_carries_its_findings() -> None:
    made = table("paper-1")
    numbers = [str(finding(name).number) for name in ("lcr-row-is-composed", "lcr-intervals")]
    page = webpage.page(made)
    cell = page[page.index("(15.659 ±0.128)") :].partition("</td>")[0]
    links = re.findall(r'href="\.\./audit\.html#([\w-]+)" title="[^"]+">(\d+)<', cell)
    assert links == list(zip(("lcr-row-is-composed", "lcr-intervals"), numbers, strict=True))
    plain = f"[{', '.join(numbers)}]"
    assert f"(15.659 ± 0.128) {plain} |" in markdown.text(made)
    assert f"- [{numbers[0]}] {finding('lcr-row-is-composed').title}" in markdown.text(made)
    tex = latex.text(made)
    assert f"(15.659 $\\pm$ 0.128)\\textsuperscript{{{plain}}}" in tex
    assert f"[{numbers[0]}] The rows of LCR on HumanML3D are ``LCR composed" in tex
    index = webpage.index([made])
    assert 'href="audit.html#lcr-intervals"' in index
    # UCE's row has nothing to be said of it.
    row = page[page.index("w/ UCE") :].partition("</tr>")[0]
    assert "(11.860 ±0.154)</span>" in row
    assert "audit.html" not in row


def test_a_row_that_the_text_lacks_is_marked_so() -> None:
    page = webpage.page(table("paper-2"))
    row = page[page.index("Original</th>") :].partition("</tr>")[0]
    assert row.count("audit.html#not-in-the-text") == 7


def test_numbers_that_are_not_the_papers_carry_nothing() -> None:
    made = table("paper-1", comparable=False)
    assert made.carried() == []
    assert "#" not in webpage.page(made).partition("<body>")[2]


def test_the_page_lists_every_finding_with_its_evidence() -> None:
    page = audit_page.page(FINDINGS, {"table-1": "paper-1"})
    for each in FINDINGS:
        assert page.count(f'<li id="{each.name}">') == 1
    assert "Table 1, momask-lcr and Table 7, lcr-composed-32-16 are equal: forget-fid 15.65" in page
    assert '<a href="pages/paper-1.html">Table 1, momask-lcr</a>' in page
    assert "Table 9, momask-lcr</a>" not in page
