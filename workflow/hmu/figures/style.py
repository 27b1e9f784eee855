"""What all charts have in common: colours and markers that print, and files that repeat."""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, which the colour-blind tell apart (Color Universal Design, 2008)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "h", ">", "p")
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
BLACK, GREY = "#1d1d1d", "#8a8a8a"


def mark(number: int) -> dict[str, Any]:
    """Colour and marker of the method ``number``, from 0; no two of 66 share both."""
    return {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG; the same figure gives the same file."""
    with matplotlib.rc_context({"svg.hashsalt": "hmu"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
