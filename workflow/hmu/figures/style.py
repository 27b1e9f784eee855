"""What all charts have in common: colours and markers that print, and files that repeat."""

import itertools
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hmu.io import pictures
from hmu.io.inert import drawn

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, which the colour-blind tell apart (Color Universal Design, 2008)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "h", ">", "p")
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
BLACK, GREY = "#1d1d1d", "#8a8a8a"
SMALL = 7
"""Points of what is said beside a chart."""
_LETTER, _LINE = 0.52, 0.14  # the width of its letters, as a share of these; inches of its lines


def mark(number: int) -> dict[str, Any]:
    """Colour and marker of the method ``number``, from 0; no two of 66 share both."""
    return {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}


def fitted(figure: Figure, text: str) -> str:
    """A text in lines of small letters, as wide as a figure, which grows by their height."""
    width, height = figure.get_size_inches()
    found = textwrap.wrap(text, int(72 * width / (_LETTER * SMALL)))
    figure.set_figheight(height + _LINE * len(found))
    return "\n".join(map(drawn, found))


def say(figure: Figure, text: str) -> None:
    """Put a text below a figure, which grows by it."""
    if text:
        figure.supxlabel(fitted(figure, text), fontsize=SMALL, x=0.01, ha="left")


def save(figure: Figure, path: Path, lines: Iterable[Iterable[Axes]] = ()) -> None:
    """Write a figure as SVG; the same figure gives the same file. It may be cut between its
    ``lines`` of panels, which are given from the top."""
    metadata = pictures.metadata(".svg", _between(figure, lines))
    with matplotlib.rc_context({"svg.hashsalt": "hmu"}):
        figure.savefig(path, format="svg", metadata=metadata)


def _between(figure: Figure, lines: Iterable[Iterable[Axes]]) -> Iterator[float]:
    """The middle between each line of panels and the next, in shares of the height from the top."""
    lines = list(lines)
    if len(lines) < 2:
        return
    figure.draw_without_rendering()  # panels get their places
    extents = [
        [box for axes in line if (box := axes.get_tightbbox()) is not None] for line in lines
    ]
    for upper, lower in itertools.pairwise(extents):
        middle = (min(box.y0 for box in upper) + max(box.y1 for box in lower)) / 2
        yield 1 - middle / figure.bbox.height
