"""Forget against retain: what each method of a table forgets, and what that costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hmu.figures import labels, style
from hmu.io.inert import drawn

_SIDE = 4.4  # inches of a panel
_LOGARITHMIC = 10.0
"""A scale is logarithmic where the largest value is so many times the smallest; R@1's is never."""
MOST_NAMED = 12
"""More models than these have numbers beside their markers, and their names in a key."""
_KEY, _KEY_ROWS = 2.3, 30  # inches of a column of the key, and its most names


@dataclass(frozen=True)
class Spot:
    """A model: its value and ± on the forget set (``across``) and on the retain set (``up``).

    ``role``: "original" forgot nothing, "reference" was retrained without the concept, a "control"
    is broken on purpose; any other is a "method". In a sweep "method" is drawn with its ±, and
    "line" is a place on the line alone: it has a marker of its own, or is of another table. An
    empty ``label`` is none.
    """

    label: str
    role: str
    method: str
    across: tuple[float, float]
    up: tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """One metric of the models of one backbone that forgot one concept.

    ``sweeps``: by its name, the models that differ in one parameter, labelled with its value.
    """

    title: str
    across: str
    up: str
    spots: Sequence[Spot]
    sweeps: dict[str, Sequence[Spot]]
    share: bool
    """Whether its values are shares of 1."""


def draw(title: str, rows: Sequence[Sequence[Panel]], path: Path, about: str = "") -> None:
    """Write rows of panels as SVG, and below them what is to be said ``about`` all.

    Every method has a marker of its own, the same in all panels of a row, and its name beside it;
    where there are many, a number, and its name in a key of the row. A sweep is the same line in
    all of them.
    """
    columns = max(len(row) for row in rows)
    looks = [_looks(row) for row in rows]
    keys = [math.ceil(len(found) / _KEY_ROWS) if len(found) > MOST_NAMED else 0 for found in looks]
    aside = _KEY * max(keys)
    width, height = _SIDE * columns + aside, _SIDE * len(rows) + 0.3
    figure = Figure(figsize=(width, height))
    style.say(figure, about)
    below, height = figure.get_figheight() - height, figure.get_figheight()
    figure.suptitle(
        drawn(title), fontsize=10, x=0.12 / width, y=1 - 0.08 / height, ha="left", va="top"
    )
    grid = figure.subplots(len(rows), columns, squeeze=False)
    figure.subplots_adjust(
        left=0.65 / width,
        right=1 - (aside + 0.12) / width,
        bottom=(0.55 + below) / height,
        top=1 - 0.65 / height,
        wspace=0.24,
        hspace=0.28,
    )
    for panels, line, found, key in zip(rows, grid, looks, keys, strict=True):
        lines = _lines(panels, found)
        for axes, panel in zip(line, panels, strict=False):
            _draw_panel(axes, panel, found, lines, numbered=key > 0)
        for axes in line[len(panels) :]:
            axes.set_axis_off()
        if key:
            _draw_key(figure, (1 - aside / width, line[0].get_position().y1), found, key)
    style.save(figure, path)


def _looks(panels: Sequence[Panel]) -> dict[str, dict[str, Any]]:
    """The colour and marker of each model of a row of panels, by its label, in their order."""
    spots = {spot.label: spot for panel in panels for spot in panel.spots}
    methods = [label for label, spot in spots.items() if spot.role == "method"]
    return {
        label: _LOOKS.get(spot.role) or style.mark(methods.index(label))
        for label, spot in spots.items()
    }


_LOOKS: dict[str, dict[str, Any]] = {
    "original": {"color": style.BLACK, "marker": "o"},
    "reference": {"color": style.BLACK, "marker": "*"},
    "control": {"color": style.GREY, "marker": "x"},
}


def _lines(panels: Sequence[Panel], looks: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The colour and style of each sweep of a row of panels, by its name: the colour of the first
    model of its method, or one of its own."""
    methods = [spot for panel in panels for spot in panel.spots if spot.role == "method"]
    colours = {spot.method: looks[spot.label]["color"] for spot in methods[::-1]}
    sweeps = {name: spots for panel in panels for name, spots in panel.sweeps.items()}
    return {
        name: {
            "color": colours.get(spots[0].method) or style.mark(len(looks) + number)["color"],
            "linestyle": style.LINES[number % len(style.LINES)],
        }
        for number, (name, spots) in enumerate(sweeps.items())
    }


def _draw_key(
    figure: Figure, corner: tuple[float, float], looks: dict[str, dict[str, Any]], columns: int
) -> None:
    """The names of all models with their numbers, below and right of a ``corner`` of the figure."""
    figure.legend(
        [Line2D([], [], linestyle="none", **look) for look in looks.values()],
        [drawn(f"{number} {label}") for number, label in enumerate(looks, 1)],
        loc="upper left",
        bbox_to_anchor=corner,
        ncols=columns,
        fontsize=7,
        labelspacing=0.35,
        handletextpad=0.2,
        borderaxespad=0,
        markerscale=0.8,
        frameon=False,
    )


def _draw_panel(
    axes: Axes,
    panel: Panel,
    looks: dict[str, dict[str, Any]],
    lines: dict[str, dict[str, Any]],
    numbered: bool,
) -> None:
    axes.set_title(drawn(panel.title), fontsize=9, loc="left")
    axes.set_xlabel(drawn(panel.across), fontsize=8)
    axes.set_ylabel(drawn(panel.up), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    swept = [spot for spots in panel.sweeps.values() for spot in spots]
    _scale(axes, panel, [*panel.spots, *swept])
    for name, spots in panel.sweeps.items():
        axes.plot(
            [spot.across[0] for spot in spots],
            [spot.up[0] for spot in spots],
            linewidth=1.0,
            marker=".",
            markersize=5,
            label=drawn(_sweep(name, spots) if numbered else name),
            zorder=1,
            **lines[name],
        )
        own = [spot for spot in spots if spot.role == "method"]
        axes.errorbar(
            [spot.across[0] for spot in own],
            [spot.up[0] for spot in own],
            xerr=[spot.across[1] for spot in own],
            yerr=[spot.up[1] for spot in own],
            elinewidth=0.7,
            linestyle="none",
            color=lines[name]["color"],
            label=f"_{name}",
            zorder=1,
        )
    for spot in panel.spots:
        if spot.role == "reference":
            axes.axvline(spot.across[0], color=style.GREY, linewidth=0.6, linestyle=":", zorder=0)
        axes.errorbar(
            spot.across[0],
            spot.up[0],
            xerr=spot.across[1],
            yerr=spot.up[1],
            markersize=9 if spot.role == "reference" else 6,
            elinewidth=0.7,
            linestyle="none",
            label=f"_{spot.label}",
            zorder=3,
            **looks[spot.label],
        )
    if panel.sweeps:
        axes.legend(fontsize=7, frameon=False, loc="best")
    named = {(spot.across[0], spot.up[0]) for spot in panel.spots}
    beside = [] if numbered else swept  # numbers of models would stand among a parameter's
    values = [spot for spot in beside if (spot.across[0], spot.up[0]) not in named]
    shown = [spot for spot in (*panel.spots, *values) if spot.label]
    drawings = [[(spot.across[0], spot.up[0]) for spot in spots] for spots in panel.sweeps.values()]
    for spot in [*panel.spots, *(spot for spot in swept if spot.role == "method")]:
        (x, wide), (y, tall) = spot.across, spot.up
        drawings += [[(x - wide, y), (x + wide, y)], [(x, y - tall), (x, y + tall)]]
    points = [(spot.across[0], spot.up[0]) for spot in shown]
    numbers = {label: str(number) for number, label in enumerate(looks, 1)}
    texts = [numbers[spot.label] if numbered else spot.label for spot in shown]
    labels.place(axes, points, texts, drawings)


def _sweep(name: str, spots: Sequence[Spot]) -> str:
    """The name of a sweep with the values from which and to which it goes."""
    told = [spot.label for spot in spots if spot.label]
    return f"{name}, {told[0]} to {told[-1]}" if told else name


def _scale(axes: Axes, panel: Panel, spots: Sequence[Spot]) -> None:
    """Limits with room for labels, before these are placed."""
    for which, values in (
        ("x", [spot.across for spot in spots]),
        ("y", [spot.up for spot in spots]),
    ):
        low, high = min(value for value, _ in values), max(value for value, _ in values)
        if not panel.share and low > 0 and high > _LOGARITHMIC * low:
            axes.set(**{f"{which}scale": "log"})
            limits = (low / (high / low) ** 0.15, high * (high / low) ** 0.15)
        else:
            ends = (
                [value - half for value, half in values],
                [value + half for value, half in values],
            )
            low, high = min(ends[0]), max(ends[1])
            room = 0.15 * (high - low) or 0.15 * abs(high) or 0.1
            limits = (low - room, high + room)
        axes.set(**{f"{which}lim": limits})
