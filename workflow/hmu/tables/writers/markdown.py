"""Tables as GitHub's Markdown."""

from hmu.io import inert
from hmu.tables.layouts import Column, Row, groups
from hmu.tables.table import Table
from hmu.tables.writers import beside, marked, number, of_cell, paper_of, pipes


def text(table: Table) -> str:
    """The table and its notes; the paper's value in brackets behind ours."""
    best, second = table.best()

    def show(row: Row, column: Column) -> str:
        key = (row.name, column.name)
        cell = table.cells.get(key)
        if cell is None:
            return table.absent(key)
        spread = "" if cell["interval"] is None else f" ± {number(cell['interval'])}"
        ours = f"{of_cell(cell)}{spread}"
        if key in best:
            ours = f"**{ours}**"
        elif key in second:
            ours = f"<ins>{ours}</ins>"
        theirs = f" ({paper_of(cell, ' ± ')})" if cell["paper"] else ""
        return f"{ours}{theirs} {marked(table.findings.get(key, ()))}".strip()

    heads = [f"{column.group} {column.header} {column.arrow}".strip() for column in table.columns]
    lines = [pipes(["", *map(inert.markdown, heads)]), pipes([":--", *["--:"] * len(heads)])]
    for group, rows in groups(table.rows):
        if group:
            lines.append(pipes([f"**{inert.markdown(group)}**", *[""] * len(heads)]))
        for row in rows:
            values = [show(row, each) for each in table.columns]
            lines.append(pipes([inert.markdown(row.label), *values]))
    notes = [f"- {inert.markdown(note)}" for note in table.notes]
    notes += [
        f"- [{finding.number}] {inert.markdown(finding.title)} (audit.html)."
        for finding in table.carried()
    ]
    title = f"# {inert.markdown(table.title)}"
    return "\n".join([title, "", *lines, "", *notes, *beside.markdown(table), ""])
