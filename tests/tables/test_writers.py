"""The forms of one table: CSV, Markdown, LaTeX and HTML."""

import csv
import io
from dataclasses import replace

from markdown_it import MarkdownIt

from hmu.io import inert
from hmu.tables.writers import csv as csv_writer
from hmu.tables.writers import latex, markdown, webpage
from support.made_tables import column, grouped, row, small

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
