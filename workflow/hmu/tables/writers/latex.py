"""Tables as LaTeX, for the packages booktabs and graphicx, with their notes below them."""

from collections.abc import Iterator

from hmu.io.inert import latex
from hmu.tables.layouts import Column, Row, groups
from hmu.tables.table import Table
from hmu.tables.writers import ampersands, beside, floating, marked, number, of_cell
from hmu.tables.writers import paper_of as theirs_of


def text(table: Table) -> str:
    """The table, the paper's values in a line below ours; rows beside each other, where the layout
    puts them so; and the notes, which fill more than a caption may hold, as a list that goes on
    over pages."""
    heads = [latex(f"{column.header} {column.arrow}") for column in table.columns]
    body = [*_column_groups(table), ampersands(["", *heads]), *_body(table)]
    return "\n".join(
        [
            "% Needs \\usepackage{booktabs} and \\usepackage{graphicx}.",
            *floating(len(heads), body, latex(table.title), table.name),
            *beside.latex(table),
            *_notes(table),
            "",
        ]
    )


def _notes(table: Table) -> Iterator[str]:
    carried = [f"[{finding.number}] {finding.title}." for finding in table.carried()]
    if notes := [*table.notes, *carried]:
        yield "{\\footnotesize"
        yield "\\begin{itemize}"
        yield from (f"\\item {latex(each)}" for each in notes)
        yield "\\end{itemize}}"


def _column_groups(table: Table) -> Iterator[str]:
    spans, rules, start = [], [], 2
    for name, width in table.column_groups():
        spans.append(f"\\multicolumn{{{width}}}{{c}}{{{latex(name)}}}")
        rules.append(f"\\cmidrule(lr){{{start}-{start + width - 1}}}")
        start += width
    yield ampersands(["", *spans])
    yield " ".join(rules)


def _body(table: Table) -> Iterator[str]:
    best, second = table.best()

    def show(row: Row, column: Column) -> str:
        key = (row.name, column.name)
        cell = table.cells.get(key)
        if cell is None:
            return latex(table.absent(key))
        value = of_cell(cell)
        if cell["interval"] is None:  # a time
            mark = "\\textbf" if key in best else "\\underline" if key in second else ""
            return f"{mark}{{{value}}}"
        if key in best:
            value = f"\\mathbf{{{value}}}"
        elif key in second:
            value = f"\\underline{{{value}}}"
        return f"${value}^{{\\pm {number(cell['interval'])}}}$"

    def paper_of(row: Row, column: Column) -> str:
        key = (row.name, column.name)
        cell = table.cells.get(key)
        carried = table.findings.get(key, ())
        if cell is None or not (cell["paper"] or carried):
            return ""
        theirs = f"({latex(theirs_of(cell, ' ± '))})" if cell["paper"] else ""
        mark = f"\\textsuperscript{{{marked(carried)}}}" if carried else ""
        return f"{{\\footnotesize {theirs}{mark}}}"

    for group, rows in groups(table.rows):
        yield "\\midrule"
        if group:
            width = 1 + len(table.columns)
            yield ampersands([f"\\multicolumn{{{width}}}{{l}}{{\\emph{{{latex(group)}}}}}"])
        for row in rows:
            yield ampersands([latex(row.label), *(show(row, each) for each in table.columns)])
            theirs = [paper_of(row, each) for each in table.columns]
            if any(theirs):
                yield ampersands(["", *theirs])
