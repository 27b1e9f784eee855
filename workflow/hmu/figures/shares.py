"""The paper's Figure 2: what a concept takes of its datasets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hmu.io.inert import drawn

# The shares that the paper gives (section 3, Datasets), in percent, by benchmark and concept;
# "" is any of the keywords.
PAPER = {
    ("HumanML3D", "violence"): {"": 7.7, "kick": 3.4, "punch": 1.7},
    ("Motion-X", "violence"): {"": 14.9, "kick": 4.9},
}
_FORGET, _RETAIN, _PAPER = "#c8442b", "#dcdcdc", "#1d1d1d"
_ROW = 0.27  # inches


@dataclass(frozen=True)
class Panel:
    """A dataset in the figure: its heading, its table of shares, and the paper's shares in %."""

    title: str
    shares: Any
    paper: dict[str, float]


def draw(concept: str, panels: Sequence[Panel], path: Path) -> None:
    """Write the figure as SVG: datasets side by side, to one scale.

    Above, the share of the concept in all clips; below, the share of each keyword, most frequent
    first. Ticks mark the paper's values.
    """
    tables = [_whole(panel.shares) for panel in panels]
    rows = max(len(each) - 1 for each in tables)
    given = [value for panel in panels for word, value in panel.paper.items() if word]
    widest = max(*given, *(100 * float(each["share"].iloc[1:].max()) for each in tables), 0.1)
    figure = Figure(figsize=(4.6 * len(panels), 1.5 + _ROW * rows), layout="constrained")
    grid = figure.subplots(
        2, len(panels), squeeze=False, height_ratios=[1, 0.9 * rows + 0.6], sharex="row"
    )
    for column, (panel, each) in enumerate(zip(panels, tables, strict=True)):
        _draw_whole(grid[0, column], concept, panel, each)
        _draw_keywords(grid[1, column], panel, each, rows)
    grid[1, 0].set_xlim(0, 1.32 * widest)
    if any(panel.paper for panel in panels):
        grid[1, -1].legend(loc="lower right", frameon=False, fontsize=8, handlelength=0.6)
    # A fixed salt and no date: the same shares give the same file.
    with matplotlib.rc_context({"svg.hashsalt": concept}):
        figure.savefig(path, format="svg", metadata={"Date": None})


def _whole(shares: Any) -> Any:
    """The rows over all splits: the concept, then its keywords, most frequent first."""
    rows = shares[shares["split"] == "all"]
    first = rows["keyword"] != ""
    return rows.assign(first=first).sort_values(
        ["first", "clips", "keyword"], ascending=[True, False, True], ignore_index=True
    )


def _draw_whole(axes: Axes, concept: str, panel: Panel, shares: Any) -> None:
    share, count, of = (shares[name].iloc[0] for name in ("share", "clips", "of"))
    axes.barh([0], [100], color=_RETAIN, height=0.8)
    axes.barh([0], [100 * share], color=_FORGET, height=0.8)
    if "" in panel.paper:
        axes.plot([panel.paper[""]] * 2, [-0.55, 0.55], color=_PAPER, linewidth=1.6)
    axes.set_title(drawn(panel.title), fontsize=11, fontweight="bold", loc="left", pad=20)
    text = f"{concept}: {100 * share:.1f}% of {of:,} clips ({count:,})"
    axes.text(0, 1.08, text, fontsize=9, transform=axes.transAxes, va="bottom")
    axes.set_xlim(0, 100)
    axes.axis("off")


def _draw_keywords(axes: Axes, panel: Panel, shares: Any, rows: int) -> None:
    keywords = shares.iloc[1:]
    places = np.arange(len(keywords))
    axes.barh(places, 100 * keywords["share"], color=_FORGET, height=0.68)
    for place, row in zip(places, keywords.itertuples(), strict=True):
        right = max(100 * row.share, panel.paper.get(row.keyword, 0.0))
        axes.annotate(
            f"{100 * row.share:.1f}%  ({row.clips:,})",
            (right, place),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
            va="center",
        )
    marked = [number for number, word in enumerate(keywords["keyword"]) if word in panel.paper]
    axes.plot(
        [panel.paper[keywords["keyword"].iloc[number]] for number in marked],
        marked,
        linestyle="none",
        marker="|",
        markersize=13,
        markeredgewidth=1.6,
        color=_PAPER,
        label="the paper",
    )
    axes.set_yticks(places, keywords["keyword"].map(drawn), fontsize=9)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_xlabel("clips with the keyword, %", fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
