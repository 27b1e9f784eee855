"""Tables as GitHub's Markdown."""

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
    lines = [pipes(["", *heads]), pipes([":--", *["--:"] * len(heads)])]
    for group, rows in groups(table.rows):
        if group:
            lines.append(pipes([f"**{group}**", *[""] * len(heads)]))
        lines += [pipes([row.label, *(show(row, each) for each in table.columns)]) for row in rows]
    carried = [f"[{finding.number}] {finding.title} (audit.html)." for finding in table.carried()]
    notes = [f"- {note}" for note in (*table.notes, *carried)]
    return "\n".join([f"# {table.title}", "", *lines, "", *notes, *beside.markdown(table), ""])
