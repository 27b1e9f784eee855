"""Labels beside points of a chart, such that none lies on another or on a point."""

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from hmu.io.inert import drawn

_MARKER = 9.0  # side of the square that a marker takes, in points
_DIRECTIONS = 16
_DISTANCES = (6.0, 10.0, 16.0, 24.0, 34.0, 46.0, 60.0, 78.0, 100.0, 130.0)
_FAR = 20.0  # a label farther away than this, in points, has a line to its point
_LEADER = {"arrowstyle": "-", "color": "#8a8a8a", "linewidth": 0.6}
_STROKE, _STEP = 3.0, 4.0  # points: the side of the squares that a line is made of, and their step

Line = Sequence[tuple[float, float]]


def place(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    lines: Sequence[Line] = (),
    size: float = 8.0,
) -> None:
    """Write a text beside each of the ``points``, in the order given.

    Each goes to the nearest place, of many around its point, where it lies on no other label, point
    or line, nor on the legend, and inside of the axes; where all are taken, to the one where it
    overlaps least. Call when limits and place of the axes are final.
    """
    figure = axes.figure.figure
    assert figure is not None
    dots = figure.dpi / 72  # of a point
    renderer = FigureCanvasAgg(figure).get_renderer()
    spots = axes.transData.transform(np.reshape(points, (-1, 2)))
    taken = [*_squares(spots, _MARKER * dots)]
    for line in lines:
        taken += [*_squares(_along(axes, line, _STEP * dots), _STROKE * dots)]
    if (legend := axes.get_legend()) is not None:
        taken.append(legend.get_window_extent(renderer).extents)
    frame, whole = np.array([axes.get_window_extent(renderer).extents]), figure.bbox
    for (x, y), text in zip(spots, texts, strict=True):
        trial = axes.text(0, 0, drawn(text), fontsize=size)
        extent = trial.get_window_extent(renderer)
        trial.remove()
        boxes = _around(x, y, extent.width, extent.height, dots)
        outside = extent.width * extent.height - _shared(boxes, frame)[:, 0]
        best = int((_shared(boxes, np.array(taken)).sum(1) + 10 * outside).round(3).argmin())
        box, distance = boxes[best], _DISTANCES[best // _DIRECTIONS]
        middle = (box[:2] + box[2:]) / 2
        taken.append(box)
        if distance > _FAR:
            leader = np.linspace((x, y), middle, int(distance / _STEP))
            taken += [*_squares(leader, _STROKE * dots)]
        axes.annotate(
            drawn(text),
            (x / whole.width, y / whole.height),
            xytext=(middle[0] / whole.width, middle[1] / whole.height),
            # Not pixels, whose size is another where SVG is written.
            xycoords="figure fraction",
            textcoords="figure fraction",
            ha="center",
            va="center",
            fontsize=size,
            arrowprops=_LEADER if distance > _FAR else None,
        )


def _along(axes: Axes, line: Line, step: float) -> np.ndarray:
    """Pixels (n, 2) along a line through points of the axes, no farther apart than ``step``.

    What is outside of the axes, as an end of a wide interval may be, is brought in.
    """
    limits = np.sort([axes.get_xlim(), axes.get_ylim()])
    spots = axes.transData.transform(np.clip(line, *limits.T))
    pieces = [
        np.linspace(start, end, int(np.hypot(*(end - start)) / step) + 2)
        for start, end in itertools.pairwise(spots)
    ]
    return np.concatenate([spots, *pieces])


def _squares(middles: np.ndarray, side: float) -> np.ndarray:
    return np.hstack([middles - side / 2, middles + side / 2])


def _around(x: float, y: float, width: float, height: float, dots: float) -> np.ndarray:
    """Places of a text around a point, the nearest first: boxes (n, 4)."""
    angles = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    distances = np.array(_DISTANCES)[:, None] * dots
    across = (x + np.cos(angles) * (distances + width / 2)).ravel()
    up = (y + np.sin(angles) * (distances + height / 2)).ravel()
    sides = [across - width / 2, up - height / 2, across + width / 2, up + height / 2]
    return np.stack(sides, axis=1)


def _shared(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The areas (n, m) that boxes (n, 4), left, bottom, right and top, share with others (m, 4)."""
    one, other = ones[:, None], others[None]
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    area: np.ndarray = sides.clip(min=0).prod(axis=-1)
    return area
