"""What the small multiples of a table show: a panel for each of its columns, its rows down.

Planning reads this: it imports nothing that draws.
"""

from typing import Any

from hmu.tables.addresses import REAL
from hmu.tables.binding import Bound

Settings = dict[str, Any]
"""What the step is told, as plain data."""


def settings(bound: Bound) -> Settings | None:
    """What is drawn of a table; None where its layout asks for nothing.

    ``columns``: name, title and group of each; ``rows``: name, label and role ("anchor" or
    "method") of each that is a model; ``real``: the name of the row of real motions, if there is
    one, which is a line through each panel that it has a value for.
    """
    if not bound.multiples:
        return None
    variants = {cell.row: cell.variant for cell in bound.cells}
    models = [row for row in bound.rows if variants.get(row.name, REAL) != REAL]
    return {
        "title": bound.title,
        "columns": [
            {"name": each.name, "title": f"{each.header} {each.arrow}", "group": each.group}
            for each in bound.columns
        ],
        "rows": [
            {
                "name": row.name,
                "label": row.label,
                "role": "anchor" if variants[row.name] in bound.anchors else "method",
            }
            for row in models
        ],
        "real": next((row for row, variant in variants.items() if variant == REAL), None),
    }
