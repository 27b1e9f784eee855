"""A table of cells: what stands where, which value is best, and its plain text forms."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Arrow = Literal["↓", "↑", "→"]
UNDEFINED = "–"  # the metric has no meaning for this row
MISSING = "n/a"  # the value should be there and is not
SETS = {"forget": "Forget set", "retain": "Retain set"}


@dataclass(frozen=True)
class Column:
    """A column, "{set}-{metric}", its heading, and which way is better.

    "→" is closer to the reference row, "↓" lower, "↑" higher.
    """

    column: str
    header: str
    arrow: Arrow

    @property
    def set(self) -> str:
        """forget or retain."""
        return self.column.partition("-")[0]

    @property
    def metric(self) -> str:
        """The name of the value, such as "r@1"."""
        return self.column.partition("-")[2]


@dataclass(frozen=True)
class Row:
    """A row: its name in paths (a variant), its label, and whether it needs no training.

    ``stands_for`` is the row of the layout in whose place it stands, where that has another name.
    """

    row: str
    label: str
    training_free: bool | None = None
    stands_for: str | None = None


@dataclass(frozen=True)
class Table:
    """A table to write.

    ``cells`` holds the JSON of each cell that exists by (row, column), ``expected`` the keys that
    should exist: what is in neither is undefined, what is only in the second is missing.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    cells: Mapping[tuple[str, str], Mapping[str, Any]]
    expected: frozenset[tuple[str, str]]
    reference: str
    anchors: frozenset[str]
    notes: Sequence[str]

    def best(self) -> frozenset[tuple[str, str]]:
        """The best cell of each column, all of them when several are equal.

        Only methods compete, not the anchors, and only when there are at least two of them.
        """
        found: set[tuple[str, str]] = set()
        for column in self.columns:
            loss = {
                row.row: self._loss(row.row, column)
                for row in self.rows
                if row.row not in self.anchors
            }
            known = {row: value for row, value in loss.items() if value is not None}
            if len(known) > 1:
                least = min(known.values())
                found.update((row, column.column) for row, value in known.items() if value == least)
        return frozenset(found)

    def _loss(self, row: str, column: Column) -> float | None:
        """How far a cell is from ideal, or None when that cannot be said."""
        cell = self.cells.get((row, column.column))
        if cell is None:
            return None
        value = float(cell["value"])
        if column.arrow == "→":
            ideal = self.cells.get((self.reference, column.column))
            return None if ideal is None else abs(value - float(ideal["value"]))
        return value if column.arrow == "↓" else -value

    def groups(self) -> list[tuple[str, int]]:
        """The sets above the columns, and how many columns each spans."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if spans and spans[-1][0] == SETS[column.set]:
                spans[-1] = (SETS[column.set], spans[-1][1] + 1)
            else:
                spans.append((SETS[column.set], 1))
        return spans

    def absent(self, key: tuple[str, str]) -> str:
        """What to write where there is no cell."""
        return MISSING if key in self.expected else UNDEFINED


def number(value: float) -> str:
    """Three decimals, as in the paper."""
    return f"{value:.3f}"


def csv_text(table: Table) -> str:
    """Comma-separated values at full precision, four fields a column of the table."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    fields = ("", " ±", " paper", " paper ±")
    names = [column.column + field for column in table.columns for field in fields]
    writer.writerow(["row", "label", *names])
    for row in table.rows:
        line: list[Any] = [row.row, row.label]
        for column in table.columns:
            key = (row.row, column.column)
            cell = table.cells.get(key)
            if cell is None:
                line += [table.absent(key), "", "", ""]
            else:
                paper = cell["paper"] or {"value": None, "interval": None}
                line += [cell["value"], cell["interval"], paper["value"], paper["interval"]]
        writer.writerow(line)
    return stream.getvalue()


def markdown_text(table: Table) -> str:
    """A GitHub-flavoured Markdown table; the paper's value in brackets behind ours."""
    best = table.best()

    def show(row: Row, column: Column) -> str:
        key = (row.row, column.column)
        cell = table.cells.get(key)
        if cell is None:
            return table.absent(key)
        ours = f"{number(cell['value'])} ± {number(cell['interval'])}"
        ours = f"**{ours}**" if key in best else ours
        return f"{ours} ({_paper(cell['paper'], ' ± ')})" if cell["paper"] else ours

    heads = [f"{column.set} {column.header} {column.arrow}" for column in table.columns]
    lines = [f"# {table.title}", "", _pipes(["", *heads]), _pipes([":--", *["--:"] * len(heads)])]
    lines += [
        _pipes([row.label, *(show(row, each) for each in table.columns)]) for row in table.rows
    ]
    return "\n".join([*lines, "", *(f"- {note}" for note in table.notes), ""])


def _pipes(fields: Iterable[str]) -> str:
    return "| " + " | ".join(field.replace("|", "\\|") for field in fields) + " |"


def _paper(paper: Mapping[str, Any], sign: str) -> str:
    """The paper's value as text, with its interval where it has one."""
    value = number(paper["value"])
    return value if paper["interval"] is None else f"{value}{sign}{number(paper['interval'])}"


_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "→": r"$\rightarrow$",
    "±": r"$\pm$",
    "√": r"$\surd$",
    "·": r"$\cdot$",
    "“": "``",
    "”": "''",
    "–": "--",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_"},
}


def tex(text: str) -> str:
    """Text with what LaTeX reads as commands made plain."""
    return "".join(_TEX.get(mark, mark) for mark in text)


def tex_text(table: Table) -> str:
    """A LaTeX table for the packages booktabs and graphicx; the paper's value below ours."""
    best = table.best()

    def show(row: Row, column: Column) -> str:
        key = (row.row, column.column)
        cell = table.cells.get(key)
        if cell is None:
            return tex(table.absent(key))
        value = number(cell["value"])
        value = f"\\mathbf{{{value}}}" if key in best else value
        return f"${value}^{{\\pm {number(cell['interval'])}}}$"

    def paper_of(row: Row, column: Column) -> str:
        cell = table.cells.get((row.row, column.column))
        if cell is None or not cell["paper"]:
            return ""
        return f"{{\\footnotesize ({tex(_paper(cell['paper'], ' ± '))})}}"

    spans, rules, start = [], [], 2
    for name, width in table.groups():
        spans.append(f"\\multicolumn{{{width}}}{{c}}{{{name}}}")
        rules.append(f"\\cmidrule(lr){{{start}-{start + width - 1}}}")
        start += width
    heads = [tex(f"{column.header} {column.arrow}") for column in table.columns]
    lines = [
        "% Needs \\usepackage{booktabs} and \\usepackage{graphicx}.",
        "\\begin{table}",
        "\\centering",
        "\\resizebox{\\linewidth}{!}{%",
        f"\\begin{{tabular}}{{l{'r' * len(heads)}}}",
        "\\toprule",
        _ampersands(["", *spans]),
        " ".join(rules),
        _ampersands(["", *heads]),
        "\\midrule",
    ]
    for row in table.rows:
        lines.append(_ampersands([tex(row.label), *(show(row, each) for each in table.columns)]))
        theirs = [paper_of(row, each) for each in table.columns]
        if any(theirs):
            lines.append(_ampersands(["", *theirs]))
    lines += [
        "\\bottomrule",
        "\\end{tabular}}",
        f"\\caption{{{tex(table.title)}. {tex(' '.join(table.notes))}}}",
        f"\\label{{tab:{table.name}}}",
        "\\end{table}",
        "",
    ]
    return "\n".join(lines)


def _ampersands(fields: Iterable[str]) -> str:
    return " & ".join(fields) + r" \\"
