"""What `hmu.tables.beside` finds, as HTML, as Markdown and as LaTeX."""

from hmu.io import inert
from hmu.io.inert import html
from hmu.tables import beside
from hmu.tables.beside import Between, Group, Side
from hmu.tables.table import Table
from hmu.tables.writers import ampersands, floating, number, pipes

STYLE = """
.beside th, .beside td { white-space: normal; } .beside td { min-width: 6.5rem; }
.beside small { display: block; color: var(--soft); font-size: .75rem; }
.beside .repeats { min-width: 13rem; font-size: .7rem; }
"""


def section(table: Table) -> str:
    """Part of the table's page; nothing of a table whose layout does not ask for it."""
    return "".join(_section(group) for group in beside.groups(table))


def markdown(table: Table) -> list[str]:
    """The same as lines of Markdown, without the values of the repeats."""
    lines = []
    for group in beside.groups(table):
        lines += ["", f"## {inert.markdown(_title(group))}", ""]
        lines.append(pipes(["", *map(inert.markdown, _headings(group))]))
        lines.append(pipes([":--", *["--:"] * len(_headings(group))]))
        for line in group.lines:
            fields = [*map(_side, line.sides), *map(_between, line.between)]
            lines.append(pipes([inert.markdown(line.column.title()), *fields]))
    return lines


def latex(table: Table) -> list[str]:
    """The same as lines of LaTeX, a table for each group."""
    lines = []
    for count, group in enumerate(beside.groups(table), start=1):
        heads = _headings(group)
        body = [ampersands(["", *map(inert.latex, heads)]), "\\midrule"]
        for line in group.lines:
            fields = [line.column.title(), *map(_side, line.sides), *map(_between, line.between)]
            body.append(ampersands(map(inert.latex, fields)))
        caption = inert.latex(f"{table.title}. {_title(group)}.")
        lines += floating(len(heads), body, caption, f"{table.name}-beside-{count}")
    return lines


def _section(group: Group) -> str:
    heads = "".join(f'<th scope="col">{html(each)}</th>' for each in _headings(group))
    body = "".join(
        f'<tr><th scope="row">{html(line.column.title())}</th>'
        + "".join(f"<td>{html(_side(side))}{_repeats(side)}</td>" for side in line.sides)
        + "".join(f"<td>{_lines(each)}</td>" for each in line.between)
        + "</tr>\n"
        for line in group.lines
    )
    return (
        f'<section class="beside">\n<h2>{html(_title(group))}</h2>\n<div class="scroll"><table>\n'
        f"<thead><tr><th></th>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
        "</section>\n"
    )


def _title(group: Group) -> str:
    return f"{group.name}: beside each other" if group.name else "Beside each other"


def _headings(group: Group) -> list[str]:
    return [*group.headings, *(f"{first} − {second}" for first, second in group.pairs())]


def _side(side: Side) -> str:
    if side.value is None:
        return side.why
    spread = "" if side.interval is None else f" ±{number(side.interval)}"
    return number(side.value) + spread


def _repeats(side: Side) -> str:
    values = " ".join(number(each) for each in side.repeats)
    return f'<small class="repeats" title="in each repeat">{values}</small>' if values else ""


def _lines(found: Between) -> str:
    value, *said = _said(found) or ["–"]
    return value + "".join(f"<small>{each}</small>" for each in said)


def _between(found: Between) -> str:
    return "; ".join(_said(found)) or "–"


def _said(found: Between) -> list[str]:
    """The difference, then what is known of it."""
    said = [] if found.value is None else [f"{found.value:+.3f}"]
    if found.overlap is not None:
        said.append("± overlap" if found.overlap else "± apart")
    if found.differ is not None:
        said.append("differ" if found.differ else "no difference seen")
    return said
