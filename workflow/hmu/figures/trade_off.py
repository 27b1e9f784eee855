"""Forget against retain: what each method of a table forgets, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hmu.figures import labels, style
from hmu.io.inert import drawn

_SIDE = 4.4  # inches of a panel
_LOGARITHMIC = 10.0
"""A scale is logarithmic where the largest value is so many times the smallest; R@1's is never."""


@dataclass(frozen=True)
class Spot:
    """A model: its value and ± on the forget set (``across``) and on the retain set (``up``).

    ``role``: "original" forgot nothing, "reference" was retrained without the concept, a "control"
    is broken on purpose; any other is a "method". An empty ``label`` is none.
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


def draw(title: str, rows: Sequence[Sequence[Panel]], path: Path) -> None:
    """Write rows of panels as SVG. Every method has a marker of its own, and its name beside it."""
    columns = max(len(row) for row in rows)
    width, height = _SIDE * columns, _SIDE * len(rows) + 0.3
    figure = Figure(figsize=(width, height))
    figure.suptitle(
        drawn(title), fontsize=10, x=0.12 / width, y=1 - 0.08 / height, ha="left", va="top"
    )
    grid = figure.subplots(len(rows), columns, squeeze=False)
    figure.subplots_adjust(
        left=0.65 / width,
        right=1 - 0.12 / width,
        bottom=0.55 / height,
        top=1 - 0.65 / height,
        wspace=0.24,
        hspace=0.28,
    )
    for panels, line in zip(rows, grid, strict=True):
        for axes, panel in zip(line, panels, strict=False):
            _draw_panel(axes, panel)
        for axes in line[len(panels) :]:
            axes.set_axis_off()
    style.save(figure, path)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    axes.set_title(drawn(panel.title), fontsize=9, loc="left")
    axes.set_xlabel(drawn(panel.across), fontsize=8)
    axes.set_ylabel(drawn(panel.up), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    swept = [spot for spots in panel.sweeps.values() for spot in spots]
    _scale(axes, panel, [*panel.spots, *swept])
    methods = [spot for spot in panel.spots if spot.role == "method"]
    looks = {spot.label: style.mark(number) for number, spot in enumerate(methods)}
    colours = {spot.method: looks[spot.label]["color"] for spot in methods[::-1]}
    for number, (name, spots) in enumerate(panel.sweeps.items()):
        axes.plot(
            [spot.across[0] for spot in spots],
            [spot.up[0] for spot in spots],
            linestyle=style.LINES[number % len(style.LINES)],
            color=colours.get(spots[0].method, style.GREY),
            linewidth=1.0,
            marker=".",
            markersize=5,
            label=drawn(name),
            zorder=1,
        )
    for spot in panel.spots:
        look: dict[str, Any] = {
            "color": style.BLACK,
            "marker": "*" if spot.role == "reference" else "o",
        }
        if spot.role == "method":
            look = looks[spot.label]
        elif spot.role == "control":
            look = {"color": style.GREY, "marker": "x"}
        elif spot.role == "reference":
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
            **look,
        )
    if panel.sweeps:
        axes.legend(fontsize=7, frameon=False, loc="best")
    named = {(spot.across[0], spot.up[0]) for spot in panel.spots}
    values = [spot for spot in swept if (spot.across[0], spot.up[0]) not in named]
    shown = [spot for spot in (*panel.spots, *values) if spot.label]
    lines = [[(spot.across[0], spot.up[0]) for spot in spots] for spots in panel.sweeps.values()]
    for spot in panel.spots:
        (x, wide), (y, tall) = spot.across, spot.up
        lines += [[(x - wide, y), (x + wide, y)], [(x, y - tall), (x, y + tall)]]
    points = [(spot.across[0], spot.up[0]) for spot in shown]
    labels.place(axes, points, [spot.label for spot in shown], lines)


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
