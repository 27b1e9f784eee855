"""Small multiples: a dot chart for each column of a table, its methods down, each to its scale."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hmu.figures import style
from hmu.io.inert import drawn

_WIDTH, _LINE = 1.75, 0.19  # inches of a panel, and of a row of it
_ACROSS = 5
"""Panels side by side."""


@dataclass(frozen=True)
class Dot:
    """The value of a row and its ±, from the top; None where it has none."""

    value: float | None
    interval: float
    role: str


@dataclass(frozen=True)
class Panel:
    """A column: its title, the dots of all rows, and the value of real motions if it has one."""

    title: str
    group: str
    dots: Sequence[Dot]
    real: float | None


def draw(
    title: str, labels: Sequence[str], panels: Sequence[Panel], path: Path, about: str = ""
) -> None:
    """Write the panels as SVG, those of a group in lines of their own, and below them what is to be
    said ``about`` all."""
    lines = list(_lines(panels))
    across = max(len(line) for line in lines)
    width, height = 1.6 + _WIDTH * across, 0.5 + len(lines) * (0.75 + _LINE * len(labels))
    figure = Figure(figsize=(width, height), layout="constrained", dpi=100)
    figure.suptitle(
        f"{drawn(title)}\n"
        "Dots: values with ±. Dashed: real motions. Dash: undefined, or not computed.",
        fontsize=9,
        x=0.01,
        ha="left",
    )
    style.say(figure, about)
    grid = figure.subplots(len(lines), across, squeeze=False)
    for line, places in zip(lines, grid, strict=True):
        for axes, panel in zip(places, line, strict=False):
            _draw_panel(axes, panel)
        places[0].set_yticks(range(len(labels)), [*map(drawn, labels)], fontsize=7)
        places[0].annotate(
            drawn(line[0].group),
            (0, 1),
            xytext=(0, 16),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8,
            fontweight="bold",
        )
        for axes in places[len(line) :]:
            axes.set_axis_off()
    style.save(figure, path, grid)


def _lines(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    """The panels in lines, a group beginning a new one."""
    for _, together in itertools.groupby(panels, key=lambda panel: panel.group):
        group = list(together)
        for begin in range(0, len(group), _ACROSS):
            yield group[begin : begin + _ACROSS]


def _draw_panel(axes: Axes, panel: Panel) -> None:
    axes.set_title(drawn(panel.title), fontsize=8, loc="left")
    axes.tick_params(labelsize=6.5, length=2)
    axes.locator_params(axis="x", nbins=4)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_ylim(len(panel.dots) - 0.5, -0.5)
    axes.set_yticks(range(len(panel.dots)), [""] * len(panel.dots))
    axes.grid(axis="y", color=style.GREY, linewidth=0.3, alpha=0.5)
    if panel.real is not None:
        axes.axvline(panel.real, color=style.BLACK, linewidth=0.9, linestyle="--", zorder=1)
    for row, dot in enumerate(panel.dots):
        if dot.value is None:
            across = axes.get_yaxis_transform()
            axes.text(0.02, row, "–", color=style.GREY, transform=across, va="center", fontsize=7)
            continue
        axes.errorbar(
            dot.value,
            row,
            xerr=dot.interval,
            color=style.BLACK if dot.role == "anchor" else style.COLOURS[0],
            marker="o" if dot.role == "method" else "D",
            markersize=4,
            elinewidth=0.8,
            linestyle="none",
            zorder=3,
        )
