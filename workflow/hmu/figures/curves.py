"""Curves: what a parameter of a method does to each value of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hmu.figures import style
from hmu.figures.sweeps import is_number
from hmu.io.inert import drawn
from hmu.tables.rows import in_words

_WIDTH, _HEIGHT = 2.7, 2.1  # inches of a panel


@dataclass(frozen=True)
class Curve:
    """A number, its ± and, where there is one, the paper's, for values of the parameter."""

    label: str
    values: Sequence[Any]
    numbers: Sequence[float]
    intervals: Sequence[float]
    printed: Sequence[float | None]


@dataclass(frozen=True)
class Panel:
    """A column of the table: its curves, the numbers of rows that have no such parameter, and the
    unit of both where they have one."""

    title: str
    curves: Sequence[Curve]
    levels: Mapping[str, float]
    unit: str | None = None


def draw(
    title: str,
    parameter: str,
    rows: Sequence[Sequence[Panel]],
    path: Path,
    about: str = "",
) -> None:
    """Write rows of panels as SVG, the parameter along each, and below them what is to be said
    ``about`` all; the paper's numbers are hollow."""
    columns = max(len(row) for row in rows)
    figure = Figure(
        figsize=(_WIDTH * columns, _HEIGHT * len(rows) + 0.7), layout="constrained", dpi=100
    )
    figure.suptitle(drawn(title), fontsize=10, x=0.01, ha="left")
    grid = figure.subplots(len(rows), columns, squeeze=False)
    places = _places([curve for panel in rows[0][:1] for curve in panel.curves])
    shown: dict[str, Any] = {}
    for panels, line in zip(rows, grid, strict=True):
        for axes, panel in zip(line, panels, strict=False):
            draw_panel(axes, panel, places)
            axes.set_xlabel(parameter, fontsize=8)
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
                shown.setdefault(label, handle)
        for axes in line[len(panels) :]:
            axes.set_axis_off()
    figure.legend(
        list(shown.values()),
        list(shown),
        loc="outside lower left",
        ncols=4,
        fontsize=8,
        frameon=False,
        title=style.fitted(figure, about) or None,
        title_fontsize=style.SMALL,
        alignment="left",
    )
    style.save(figure, path, grid)


def _places(curves: Sequence[Curve]) -> dict[Any, float]:
    """Where each value of the parameter stands: side by side, numbers in their order."""
    values = list(dict.fromkeys(value for curve in curves for value in curve.values))
    if all(is_number(value) for value in values):
        values.sort()
    return {value: float(number) for number, value in enumerate(values)}


def draw_panel(axes: Axes, panel: Panel, places: Mapping[Any, float]) -> None:
    """Draw a panel; ``places`` says where along it each value of the parameter stands."""
    axes.set_title(drawn(panel.title), fontsize=9, loc="left")
    axes.set_ylabel(panel.unit or "", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    for number, (label, level) in enumerate(panel.levels.items()):
        line = style.LINES[1 + number % (len(style.LINES) - 1)]
        axes.axhline(level, color=style.GREY, linestyle=line, linewidth=1.1, label=drawn(label))
    # No line joins what has no order; methods stand side by side there.
    ordered = all(map(is_number, places))
    apart = 0.0 if ordered else 0.5 / len(panel.curves)
    for number, curve in enumerate(panel.curves):
        look = style.mark(number)
        aside = (number - (len(panel.curves) - 1) / 2) * apart
        across = [places[value] + aside for value in curve.values]
        axes.errorbar(
            across,
            curve.numbers,
            yerr=curve.intervals,
            markersize=4.5,
            linestyle="-" if ordered else "none",
            linewidth=1.2,
            elinewidth=0.8,
            label=drawn(curve.label),
            **look,
        )
        printed = [
            (place, value)
            for place, value in zip(across, curve.printed, strict=True)
            if value is not None
        ]
        if printed:
            axes.plot(
                *zip(*printed, strict=True),
                linestyle=":" if ordered else "none",
                linewidth=1.0,
                markersize=4.5,
                markerfacecolor="white",
                label=f"{drawn(curve.label)} (the paper)",
                **look,
            )
    names = [drawn(in_words(value)) for value in places]
    axes.set_xticks(list(places.values()), names)
    axes.set_xlim(-0.4, len(places) - 0.6)
