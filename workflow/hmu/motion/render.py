"""Film strips: skeletons side by side along time, for a person to look at."""

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from hmu.errors import InputError
from hmu.io import files, pictures
from hmu.io.inert import drawn
from hmu.motion.skeleton import CHAINS, FPS, JOINTS, LEFT_HIP, RIGHT_HIP

RIGHT_COLOUR, LEFT_COLOUR, TRUNK_COLOUR = "#c8442b", "#1f6fb4", "#3c3c3c"
MARKED_COLOUR = "#e69f00"
COLOURS = (RIGHT_COLOUR, LEFT_COLOUR, TRUNK_COLOUR, RIGHT_COLOUR, LEFT_COLOUR)
"""One for each of `skeleton.CHAINS`."""
_VIEW = np.deg2rad(40)
_SPACING = 1.45
_FIELD, _STRIP, _LINE = 0.98, 1.9, 0.35  # inches: of a skeleton, of a strip, of a line of text
_SMALL = 0.17  # of a line of small text
_RIBBON, _RIBBON_HEIGHT, _BELOW, _DIGITS = 0.35, 0.32, -0.85, 2.0
_TOP = 2.5  # metres of a row
_LABEL, _NOTE = 2.46, 2.24  # where these end
_LETTERS = 14  # of a heading, above a skeleton
HEAD = 15
_FOOT_JOINTS = (7, 8, 10, 11)


def film_strip(
    joints: np.ndarray, path: Path, title: str, frames: int = 8, fps: float = FPS
) -> None:
    """Draw one motion as a strip of ``frames`` skeletons; write ``path`` (.png or .svg).

    ``joints`` (F, 22, 3) are metres, y up. Left limbs are blue, right ones red. The last field of
    the strip is the way of the pelvis seen from above. Raises InputError for another shape, for
    values that are not finite, and for another suffix.
    """
    compare([("", joints)], path, title, frames, fps)


def compare(
    rows: Sequence[tuple[str, np.ndarray]],
    path: Path,
    title: str,
    frames: int = 8,
    fps: float = FPS,
    together: Sequence[int] = (),
) -> None:
    """Draw labelled motions one below the other, all to the same scale; write .png or .svg.

    Every motion is seen half from its front as it stands in its first frame and is spread over its
    own duration. ``together`` is as in ``grid``. Raises as ``film_strip`` does.
    """
    columns = [("", [Strip(label, joints) for label, joints in rows])]
    grid(columns, path, title, frames, fps, together)


@dataclass(frozen=True)
class Strip:
    """A motion, ``joints`` (F, 22, 3), with a label; and the first-layer codes of the ``tokens``
    that it was decoded from, which are drawn below it along the same time, those at ``marked``
    places in colour. A ``note`` stands small below the label."""

    label: str
    joints: np.ndarray
    tokens: Sequence[int] = ()
    marked: Collection[int] = ()
    note: str = ""


def grid(
    columns: Sequence[tuple[str, Sequence[Strip]]],
    path: Path,
    title: str,
    frames: int = 8,
    fps: float = FPS,
    together: Sequence[int] = (),
    about: str = "",
) -> None:
    """Draw columns of labelled motions, each under a heading; otherwise as ``compare``.

    The last rows of all columns are level, so that one may lack the first. What is to be said
    ``about`` all stands small below the title. The file says that it may be cut between rows
    (`hmu.io.pictures`); where ``together`` says how many from the top belong together, only below
    those.
    """
    if path.suffix not in (".png", ".svg"):
        raise InputError(f"{path}: a film strip is written as .png or .svg; choose one of them.")
    strips = [strip for _, rows in columns for strip in rows]
    for strip in strips:
        check(path, strip.label or title, strip.joints)
    told = textwrap.wrap(about, _LETTERS * frames * len(columns))
    above = _LINE * (2 if any(heading for heading, _ in columns) else 1) + _SMALL * len(told)
    most = max(len(rows) for _, rows in columns)
    each = _STRIP + (_RIBBON if any(len(strip.tokens) for strip in strips) else 0.0)
    width, height = _FIELD * (frames + 1.1), above + each * most
    figure = Figure(figsize=(width * len(columns), height), dpi=100, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    figure.suptitle(drawn(title), fontsize=11, x=0.01, y=1 - 0.06 / height, ha="left", va="top")
    under = 1 - 0.75 * _LINE / height
    figure.text(0.01, under, "\n".join(map(drawn, told)), va="top", fontsize=8, color=TRUNK_COLOUR)
    share, slot = 1 / len(columns), each / height
    for place, (heading, rows) in enumerate(columns):
        left, top = place * share, 1 - above / height
        text = drawn(_shortened(heading, frames))
        figure.text(left + 0.01 * share, top, text, va="bottom", fontsize=9, fontweight="bold")
        for number, strip in enumerate(rows, start=most - len(rows)):
            axes = figure.add_axes((left, top - (number + 1) * slot, share, slot))
            joints = np.asarray(strip.joints, dtype=np.float64)
            draw_row(axes, strip.label, joints, frames, fps)
            note = drawn(_shortened(strip.note, frames))
            axes.text(-0.75, _NOTE, note, fontsize=7, va="top", ha="left", color=TRUNK_COLOUR)
            if each > _STRIP:
                axes.set_ylim(bottom=_BELOW)
                _draw_tokens(axes, strip, frames)
    below = np.cumsum(together or [1] * most)[:-1]
    metadata = pictures.metadata(path.suffix, (above + each * below) / height)
    # A fixed salt and no date: the same motion gives the same file.
    with matplotlib.rc_context({"svg.hashsalt": "hmu"}), files.atomic(path) as temporary:
        canvas.print_figure(temporary, format=path.suffix[1:], metadata=metadata)


def _shortened(text: str, frames: int) -> str:
    """As much of a heading or a note as fits above so many fields."""
    return textwrap.shorten(text, _LETTERS * frames, placeholder=" …")


def check(path: Path, name: str, joints: np.ndarray) -> None:
    """Raise InputError when ``joints`` is no motion that ``path`` could show."""
    if joints.ndim != 3 or joints.shape[1:] != (JOINTS, 3) or len(joints) == 0:
        raise InputError(
            f"{path}: the motion {name!r} has shape {joints.shape}; "
            f"a picture needs (frames, {JOINTS}, 3)."
        )
    if not np.isfinite(joints).all():
        raise InputError(f"{path}: the motion {name!r} holds NaN or infinite values.")


def placed(joints: np.ndarray) -> np.ndarray:
    """The motion (F, 22, 3) as pictures show it: standing on y = 0 and seen half from its front.

    Its first frame is turned to face the viewer (z+), and then to the right by the viewing angle.
    """
    across = joints[0, LEFT_HIP] - joints[0, RIGHT_HIP]
    angle = np.arctan2(across[2], across[0]) + _VIEW
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    ground = float(np.quantile(joints[:, _FOOT_JOINTS, 1].min(axis=1), 0.05)) - 0.02
    turned: np.ndarray = joints @ matrix.T - [0, ground, 0]
    return turned


def draw_row(
    axes: Axes, label: str, joints: np.ndarray, frames: int, fps: float = FPS, route: bool = True
) -> None:
    """Draw a motion (F, 22, 3) into axes as a row of ``frames`` skeletons; with ``route`` the way
    of the pelvis stands behind them."""
    turned = placed(joints)
    axes.plot([-0.7, (frames - 0.3) * _SPACING], [0, 0], color="#999999", linewidth=0.8, zorder=0)
    for place, index in enumerate(np.linspace(0, len(joints) - 1, frames).round().astype(int)):
        _draw_skeleton(axes, turned[index], place * _SPACING)
        axes.text(
            place * _SPACING, -0.12, f"{index / fps:.1f} s", fontsize=7, ha="center", va="top"
        )
    if route:
        _draw_route(axes, joints, frames * _SPACING + 0.15)
    axes.text(-0.75, _LABEL, drawn(label), fontsize=9, va="top", ha="left")
    axes.set_xlim(-0.8, (frames + (0.75 if route else -0.4)) * _SPACING)
    axes.set_ylim(-0.35, _TOP)
    axes.set_aspect("equal")
    axes.axis("off")


def proportion(frames: int) -> float:
    """The width of a row of skeletons without a route, as a multiple of its height."""
    return ((frames - 0.4) * _SPACING + 0.8) / (_TOP + 0.35)


def _draw_tokens(axes: Axes, strip: Strip, frames: int) -> None:
    """The codes as a ribbon below the skeletons, from the first of these to the last."""
    width = (frames - 1) * _SPACING / max(len(strip.tokens), 1)
    size = min(7.0, 72 * _FIELD * width / _SPACING / _DIGITS)
    for place, code in enumerate(strip.tokens):
        marked = place in strip.marked
        axes.add_patch(
            Rectangle(
                (place * width, _BELOW + 0.05),
                width,
                _RIBBON_HEIGHT,
                facecolor=MARKED_COLOUR if marked else "white",
                edgecolor=TRUNK_COLOUR if marked else "#999999",
                linewidth=1.2 if marked else 0.5,
                zorder=3 if marked else 2,
            )
        )
        axes.text(
            (place + 0.5) * width,
            _BELOW + 0.05 + _RIBBON_HEIGHT / 2,
            str(code),
            fontsize=size,
            fontweight="bold" if marked else "normal",
            ha="center",
            va="center",
            zorder=4,
        )


def _draw_skeleton(axes: Axes, joints: np.ndarray, x: float) -> None:
    """One skeleton, its pelvis at ``x``, what is nearer to the viewer drawn later."""
    flat = joints[:, :2] + [x - joints[0, 0], 0]
    for chain, colour in zip(CHAINS, COLOURS, strict=True):
        points = list(chain)
        depth = float(joints[points, 2].mean() - joints[0, 2])
        axes.plot(
            *flat[points].T,
            color=colour,
            linewidth=2.2,
            solid_capstyle="round",
            solid_joinstyle="round",
            zorder=2 + depth,
        )
    axes.add_patch(Circle(tuple(flat[HEAD] + [0, 0.06]), 0.10, color=TRUNK_COLOUR, zorder=2))


def _draw_route(axes: Axes, joints: np.ndarray, x: float) -> None:
    """The pelvis's way from above, shrunk into one field: a dot where it starts, up is ahead."""
    across = joints[0, LEFT_HIP] - joints[0, RIGHT_HIP]
    angle = np.arctan2(across[2], across[0])
    cosine, sine = np.cos(angle), np.sin(angle)
    way = joints[:, 0, [0, 2]] - joints[0, 0, [0, 2]]
    left = way[:, 0] * cosine + way[:, 1] * sine
    ahead = -way[:, 0] * sine + way[:, 1] * cosine
    extent = max(float(np.ptp(left)), float(np.ptp(ahead)), 1.0)
    scale = 1.1 / extent
    points = np.stack([-left, ahead], axis=1)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    points = (points - middle) * scale + [x, 0.95]
    axes.plot(*points.T, color="#777777", linewidth=1.2)
    axes.plot(*points[0], marker="o", color="#777777", markersize=3.5)
    axes.plot(*points[-1], marker="x", color="#777777", markersize=4.5)
    axes.text(x, -0.12, f"path, {extent:.1f} m", fontsize=7, ha="center", va="top")
