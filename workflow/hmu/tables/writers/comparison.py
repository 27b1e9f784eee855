"""The part of a table's page that compares two of its rows, chosen by who reads it.

The page holds all differences, and a few lines of script show those of two rows; nothing is
fetched.
"""

import json
from typing import Any
from urllib.parse import quote

from hmu import paths
from hmu.io.inert import html, line
from hmu.tables.differences import Difference
from hmu.tables.table import Record, Table
from hmu.tables.writers import number, of_cell

STYLE = """
.compare select { font: inherit; max-width: 24rem; color: inherit; background: var(--band);
  border: 1px solid var(--line); border-radius: .25rem; padding: .2rem .4rem; }
.compare p { color: var(--soft); font-size: .875rem; }
.compare td.differ { font-weight: 700; } .compare .scroll { margin: .75rem 0; }
"""

_SCRIPT = """
const told = JSON.parse(document.getElementById("told").textContent);
const [one, other] = ["first", "second"].map((name) => document.getElementById(name));
const body = document.getElementById("differences");
for (const list of [one, other])
  told.rows.forEach((label, row) => list.add(new Option(label, row)));
[one.value, other.value] = told.shown;
function show() {
  const [first, second] = [one.value, other.value].map(Number);
  const [low, high] = [Math.min(first, second), Math.max(first, second)];
  body.replaceChildren(...told.columns.map(({heading, values, differences}) => {
    const found = differences[low + " " + high], line = document.createElement("tr");
    const sign = first === low ? 1 : -1, three = (value) => value.toFixed(3);
    const neither = first === second ? "the same row" : "not measured on the same motions";
    let cells = ["–", "–", neither, ""];
    if (found) {
      const [value, half, over, ...tests] = found, both = three(sign * value);
      cells = half === null ? [both, "–", "cannot be said of " + over, over]
        : [both, three(sign * value - half) + " to " + three(sign * value + half),
           Math.abs(value) > half ? "differ" : "no difference seen", over];
      cells.push(...tests);
    }
    while (cells.length < (told.tested ? 6 : 4)) cells.push("");
    for (const text of [heading, values[first] ?? "–", values[second] ?? "–", ...cells]) {
      const cell = line.appendChild(document.createElement(text === heading ? "th" : "td"));
      cell.textContent = text;
      if (text === "differ") cell.className = text;
    }
    return line;
  }));
}
one.onchange = other.onchange = show;
show();
"""


def section(table: Table) -> str:
    """The part of the page; nothing where no two rows can be compared."""
    if not table.differences:
        return ""
    told = json.dumps(compared(table), ensure_ascii=False, separators=(",", ":")).replace(
        "<", "\\u003c"
    )
    tests = "<th>p, clips flipped</th><th>p, McNemar</th>" if tested(table) else ""
    file = f"../../{paths.differences(table.name).partition('/')[2]}"
    return (
        '<section class="compare">\n<h2>Do two rows differ?</h2>\n'
        '<p><select id="first" aria-label="first row"></select> and '
        '<select id="second" aria-label="second row"></select></p>\n'
        '<div class="scroll"><table>\n<thead><tr><th></th><th>first</th><th>second</th>'
        "<th>difference</th><th>95% interval</th><th></th><th>over</th>"
        f"{tests}</tr></thead>\n"
        '<tbody id="differences"></tbody></table></div>\n'
        f"<p>{html(how(table))} All of them: "
        f'<a href="{quote(file)}">{html(table.name)}.parquet</a>.</p>\n'
        f'<script type="application/json" id="told">{told}</script>\n'
        f"<script>{_SCRIPT}</script>\n</section>\n"
    )


def tested(table: Table) -> bool:
    """Whether a metric says yes or no of each motion, so that exact tests compare its rows."""
    return any(each.flipped is not None for _, each in table.differences)


def how(table: Table) -> str:
    """What the page says of how two rows are compared."""
    tests = (
        " Where each motion has yes or no, two exact tests stand beside it: one that flips whole "
        "clips, and McNemar's on one motion of each clip, drawn once for all rows."
    )
    return (
        "By a paired bootstrap. Clips are drawn again, each with all its captions and repeats and "
        "with its mirror image; where a metric has no value for a motion, repeats are, which says "
        "nothing of other clips. The interval is of one comparison: of twenty that differ in "
        "nothing, one is called different." + (tests if tested(table) else "")
    )


def compared(table: Table) -> dict[str, Any]:
    """What the script shows: headings, values as they stand in the table, and differences by the
    numbers of two rows, each with half its interval, what was drawn, and p of its tests."""
    place = {row.name: number for number, row in enumerate(table.rows)}
    found: dict[str, dict[str, list[Any]]] = {column.name: {} for column in table.columns}
    for column, each in table.differences:
        if column in found and each.first in place and each.second in place:
            pair = f"{place[each.first]} {place[each.second]}"
            found[column][pair] = _entry(each)
    return {
        "rows": [
            line(f"{row.group}: {row.label}" if row.group else row.label) for row in table.rows
        ],
        "shown": _at_first(table),
        "tested": tested(table),
        "columns": [
            {
                "heading": line(column.title()),
                "values": [_value(table.cells.get((row.name, column.name))) for row in table.rows],
                "differences": found[column.name],
            }
            for column in table.columns
        ],
    }


def _entry(found: Difference) -> list[Any]:
    half = None if found.interval is None else (found.interval[1] - found.interval[0]) / 2
    units = f"{found.units} {found.over if found.units > 1 else found.over.removesuffix('s')}"
    tests = [_p(p) for p in (found.flipped, found.mcnemar) if p is not None]
    return [round(found.value, 6), None if half is None else round(half, 6), units, *tests]


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else number(value)


def _value(cell: Record | None) -> str | None:
    if cell is None:
        return None
    return of_cell(cell) + ("" if cell["interval"] is None else f" ±{number(cell['interval'])}")


def _at_first(table: Table) -> tuple[int, int]:
    """The last two rows of which most columns say whether they differ."""
    place = {row.name: number for number, row in enumerate(table.rows)}
    counts: dict[tuple[int, int], int] = {}
    for _, each in table.differences:
        pair = (place.get(each.first, 0), place.get(each.second, 0))
        counts[pair] = counts.get(pair, 0) + 1
    most = max(counts.values())
    return max(pair for pair, count in counts.items() if count == most)
