"""What replacing the codes of a concept hits."""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure


def draw(statistics: Any, path: Path) -> None:
    """Draw what replacing the top K codes of the first layer hits: tokens of forget and retain.

    ``statistics``: the frame of `hmu.unlearning.code_statistics`. The same gives the same SVG.
    """
    first = statistics[statistics["layer"] == 0].sort_values("rank")
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    for side in ("forget", "retain"):
        axes.plot(range(1, len(first) + 1), 100 * first[f"{side}_tokens"].cumsum(), label=side)
    axes.set(xlabel="codes replaced (K), by score", ylabel="tokens hit, %", xscale="log")
    axes.legend(frameon=False)
    with matplotlib.rc_context({"svg.hashsalt": "statistics"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
