"""The forms of a table, one a file, and how all but CSV write numbers."""

from collections.abc import Iterable, Mapping
from typing import Any


def number(value: float, unit: str | None = None) -> str:
    """Three decimals, as in the paper; a time in ``unit`` "seconds" as 12.3 s, 10 min or 35 h."""
    if unit != "seconds":
        return f"{value:.3f}"
    for size, name in ((3600, "h"), (60, "min")):
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:.3g} s"


def printed(paper: Mapping[str, Any], sign: str, unit: str | None = None) -> str:
    """The paper's value as text, with its interval after ``sign`` where it has one."""
    value = number(paper["value"], unit)
    return value if paper["interval"] is None else f"{value}{sign}{number(paper['interval'])}"


def of_cell(cell: Mapping[str, Any]) -> str:
    """The value of a cell as text, without its interval."""
    return number(cell["value"], cell.get("unit"))


def paper_of(cell: Mapping[str, Any], sign: str) -> str:
    """The paper's value of a cell as text, "" where there is none."""
    return printed(cell["paper"], sign, cell.get("unit")) if cell["paper"] else ""


def marked(findings: Iterable[Any]) -> str:
    """The numbers of the findings that a value carries, "[1, 4]", or nothing."""
    numbers = ", ".join(str(finding.number) for finding in findings)
    return f"[{numbers}]" if numbers else ""


def pipes(fields: Iterable[str]) -> str:
    """A line of a table in Markdown, of fields that are Markdown already."""
    return f"| {' | '.join(fields)} |"


def ampersands(fields: Iterable[str]) -> str:
    """A line of a table in LaTeX, of fields that are LaTeX already."""
    return " & ".join(fields) + r" \\"


def floating(columns: int, body: Iterable[str], caption: str, label: str) -> list[str]:
    """Lines of a floating LaTeX table: ``body`` has so many columns beside that of the labels."""
    return [
        "\\begin{table}",
        "\\centering",
        "\\resizebox{\\linewidth}{!}{%",
        f"\\begin{{tabular}}{{l{'r' * columns}}}",
        "\\toprule",
        *body,
        "\\bottomrule",
        "\\end{tabular}}",
        f"\\caption{{{caption}}}",
        f"\\label{{tab:{label}}}",
        "\\end{table}",
    ]
