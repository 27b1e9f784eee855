"""Tables as self-contained HTML pages: one a table, and an index of them all."""

import posixpath
from collections.abc import Sequence
from urllib.parse import quote

from hmu import paths
from hmu.io.inert import html
from hmu.tables.audit import Finding
from hmu.tables.layouts import Column, Row, groups
from hmu.tables.table import Key, Record, Table
from hmu.tables.writers import beside, comparison, number, of_cell, paper_of

PAGES = "pages"
"""The folder of the tables' pages and other forms, beside the index."""
AUDIT = "audit.html"
"""The page of the audit, beside the index."""
FIGURES = "figures.html"
"""The page of all figures, beside the index."""

_FOLDER = f"{paths.tables()}/{PAGES}"

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667080; --line: #d9dee5;
  --paper: #fff; --band: #f5f7f9; --best: #0a6b4b; --best-back: #e2f4ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #97a1af; --line: #343b45;
  --paper: #15181c; --band: #1d2127; --best: #7fdcb4; --best-back: #17352a; } }
* { box-sizing: border-box; }
body { margin: 2.5rem auto; max-width: 84rem; padding: 0 1.25rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; text-wrap: balance; }
p.about { color: var(--soft); margin: 0 0 1.5rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { padding: .45rem .55rem; white-space: nowrap; text-align: right;
  font-variant-numeric: tabular-nums; vertical-align: top; }
thead th { background: var(--band); font-weight: 600; }
thead tr:first-child th { text-align: center; padding-bottom: 0; }
thead tr:last-child th { color: var(--soft); border-bottom: 1px solid var(--line); }
tbody th { text-align: left; font-weight: 500; position: sticky; left: 0;
  background: var(--paper); white-space: normal; min-width: 9rem; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody tr.method-first > * { border-top: 2px solid var(--soft); }
tbody + tbody { border-top: 1px solid var(--line); }
tbody th.group { background: var(--band); font-weight: 600; }
.group-start { border-left: 1px solid var(--line); }
td > a { color: inherit; text-decoration: none; border-radius: .25rem; padding: .1rem .3rem;
  margin: -.1rem -.3rem; }
td > a:hover, td > a:focus-visible { outline: 2px solid var(--soft); }
td.best > a { font-weight: 700; color: var(--best); background: var(--best-back); }
td.second .value { text-decoration: underline; text-underline-offset: .2em; }
.interval, .paper, .free { color: var(--soft); font-size: .78rem; font-weight: 400; }
td .paper { display: block; }
.free { margin-left: .5rem; white-space: nowrap; }
.none { color: var(--soft); }
sup { line-height: 0; } sup a, ul.notes a, p.about a { color: inherit; }
ul.notes { color: var(--soft); font-size: .875rem; padding-left: 1.1rem; margin-top: 1rem; }
code { font: .85em ui-monospace, monospace; background: var(--band); padding: .1em .35em;
  border-radius: .25em; }
nav { margin-top: 1.5rem; font-size: .9375rem; } nav a { color: inherit; margin-right: 1rem; }
ol.index { list-style: none; padding: 0; } ol.index > li { margin-bottom: 2.75rem; }
h2 { font-size: 1.125rem; margin: 0 0 .6rem; } h2 a { color: inherit; }
ol.audit { padding-left: 1.75rem; } ol.audit > li { margin-bottom: 2rem; max-width: 60rem; }
ol.audit > li:target { outline: 2px solid var(--soft); outline-offset: .75rem; }
ol.audit p { margin: 0 0 .5rem; } ol.audit ul { margin: .25rem 0; padding-left: 1.1rem; }
figure { margin: 0 0 2rem; }
figure img { display: block; max-width: 100%; height: auto; background: #fff; }
figcaption { color: var(--soft); font-size: .875rem; max-width: 60rem; margin-top: .4rem; }
figcaption b { color: var(--ink); }
blockquote { margin: .25rem 0 .5rem; padding-left: .75rem; border-left: 2px solid var(--line); }
"""


def page(table: Table) -> str:
    """One table as a page, which lies in the folder PAGES."""
    forms = "".join(
        f'<a href="{quote(table.name)}.{suffix}">{name}</a>'
        for suffix, name in (("csv", "CSV"), ("md", "Markdown"), ("tex", "LaTeX"))
    )
    body = (
        f"<h1>{html(table.title)}</h1>\n"
        f'<p class="about">Table <code>{html(table.name)}</code>. Every value links to its '
        "record; hover over it for the command that shows where it came from.</p>\n"
        f"{_grid(table, _FOLDER)}{_notes(table, _FOLDER)}{beside.section(table)}"
        f"{comparison.section(table)}"
        f'<nav>{forms}<a href="../index.html">All tables</a>'
        f'<a href="../{FIGURES}">All figures</a><a href="../{AUDIT}">Audit of the paper</a></nav>\n'
    )
    return document(table.title, body)


def index(tables: Sequence[Table]) -> str:
    """All tables one below the other, each heading a link to the table's own page."""
    items = "".join(
        f'<li><h2><a href="{PAGES}/{quote(table.name)}.html">{html(table.title)}</a> '
        f'<span class="free">{html(table.name)}</span></h2>\n'
        f"{_grid(table, paths.tables())}{_notes(table, paths.tables())}</li>\n"
        for table in tables
    )
    title = "Human motion unlearning: tables"
    report = posixpath.relpath(f"{paths.report()}/index.html", paths.tables())
    about = (
        f'<p class="about"><a href="{report}">The report, with moving skeletons</a> '
        f"(<code>snakemake {paths.report()}</code>) · "
        f'<a href="{FIGURES}">All figures</a> · '
        f'<a href="{AUDIT}">Audit of the paper\'s values</a></p>\n'
    )
    return document(title, f'<h1>{title}</h1>\n{about}<ol class="index">\n{items}</ol>\n')


def document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html(title)}</title>\n<style>{_STYLE}{beside.STYLE}{comparison.STYLE}</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )


def _grid(table: Table, folder: str) -> str:
    """The table itself, on a page in ``folder``."""
    starts = _group_starts(table)
    headings = "".join(
        f'<th class="group-start" colspan="{width}" scope="colgroup">{html(name)}</th>'
        for name, width in table.column_groups()
    )
    heads = "".join(
        f'<th scope="col"{_class(column.name in starts and "group-start")}>'
        f"{html(column.header)} {column.arrow}</th>"
        for column in table.columns
    )
    marks = _marks(table)
    bodies = []
    for group, rows in groups(table.rows):
        lines = [_group_line(group, len(table.columns))] if group else []
        for row, divide in _divided(table, rows):
            cells = "".join(
                _cell(table, row, column, folder, marks, column.name in starts)
                for column in table.columns
            )
            free = '<span class="free">training-free</span>' if row.training_free else ""
            head = f'<th scope="row">{html(row.label)}{free}</th>'
            lines.append(f"<tr{_class(divide and 'method-first')}>{head}{cells}</tr>\n")
        bodies.append(f"<tbody>\n{''.join(lines)}</tbody>\n")
    return (
        f'<div class="scroll"><table>\n<thead>\n<tr><th></th>{headings}</tr>\n'
        f"<tr><th></th>{heads}</tr>\n</thead>\n{''.join(bodies)}</table></div>\n"
    )


def _group_line(group: str, columns: int) -> str:
    return (
        f'<tr><th class="group" colspan="{1 + columns}" scope="rowgroup">{html(group)}</th></tr>\n'
    )


def _divided(table: Table, rows: Sequence[Row]) -> list[tuple[Row, bool]]:
    """The rows of a group, each with whether a line stands above it: between what is shown for
    comparison and the first method."""
    anchors = [row.address.get("variant") in table.anchors for row in rows]
    first = anchors.index(False) if False in anchors else len(rows)
    return [(row, 0 < first == place) for place, row in enumerate(rows)]


def _group_starts(table: Table) -> set[str]:
    """The columns with which a group of columns begins."""
    starts, place = set(), 0
    for _, width in table.column_groups():
        starts.add(table.columns[place].name)
        place += width
    return starts


def _marks(table: Table) -> dict[Key, str]:
    best, second = table.best()
    return {**dict.fromkeys(second, "second"), **dict.fromkeys(best, "best")}


def _cell(
    table: Table, row: Row, column: Column, folder: str, marks: dict[Key, str], starts: bool
) -> str:
    key = (row.name, column.name)
    cell = table.cells.get(key)
    classes = _class(marks.get(key), starts and "group-start")
    if cell is None:
        why = html(table.why_absent(key))
        return f'<td{classes}><span class="none" title="{why}">{table.absent(key)}</span></td>'
    spread = "" if cell["t_interval"] is None else f" ± {number(cell['t_interval'])} (t, 95%)"
    of = "seconds" if cell["repeats"] is None else f"{cell['repeats']} repeats, n = {cell['n']}"
    hint = f"{cell['value']!r}{spread}, {of}\nhmu lineage {cell['path']}"
    interval = "" if cell["interval"] is None else f"±{number(cell['interval'])}"
    link = quote(posixpath.relpath(table.addresses[key].path(), folder), safe="/@")
    return (
        f'<td{classes}><a href="{link}" title="{html(hint)}">'
        f'<span class="value">{of_cell(cell)}</span> '
        f'<span class="interval">{interval}</span></a>'
        f"{_paper(cell, table.findings.get(key, ()), folder)}</td>"
    )


def _paper(cell: Record, findings: Sequence[Finding], folder: str) -> str:
    """The paper's value, and links to what the audit says of it."""
    theirs = f"({paper_of(cell, ' ±')})" if cell["paper"] else ""
    links = ", ".join(_finding(finding, folder, str(finding.number)) for finding in findings)
    noted = f"<sup>[{links}]</sup>" if links else ""
    return f'<span class="paper">{theirs}{noted}</span>' if theirs or noted else ""


def _finding(finding: Finding, folder: str, text: str) -> str:
    """A link to a finding on the audit's page, from a page in ``folder``."""
    page = posixpath.relpath(f"{paths.tables()}/{AUDIT}", folder)
    return f'<a href="{page}#{quote(finding.name)}" title="{html(finding.title)}">{text}</a>'


def _class(*names: str | bool | None) -> str:
    kept = " ".join(name for name in names if isinstance(name, str))
    return f' class="{kept}"' if kept else ""


def _notes(table: Table, folder: str) -> str:
    carried = [
        f"[{each.number}] {_finding(each, folder, html(each.title))}." for each in table.carried()
    ]
    items = "".join(f"<li>{note}</li>\n" for note in (*map(html, table.notes), *carried))
    return f'<ul class="notes">\n{items}</ul>\n'
