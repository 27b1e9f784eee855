"""The strongest codes of a concept as small pictures: alone, and where they occur most."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hmu.io import pictures
from hmu.io.codes import CodeTable
from hmu.motion import extremities, render

_ALONE, _FRAMES = 2, 4  # skeletons of a code alone, and of a context
_STRIP, _LINE = 1.35, 0.22  # inches


@dataclass(frozen=True)
class Context:
    """Where a code stands: the codes ``before`` and ``after`` a run of it, None at the ends of a
    motion; how often that is so; and the first such: its row of codes, and tokens from ``start`` to
    ``end``."""

    before: int | None
    after: int | None
    times: int
    row: int
    start: int
    end: int


def contexts(table: CodeTable, rows: Iterable[int], code: int, count: int) -> list[Context]:
    """The ``count`` contexts in which a code of the first layer occurs most in these rows of a
    table; of equally frequent ones those that come first."""
    found: dict[tuple[int | None, int | None], list[tuple[int, int, int]]] = {}
    for row in rows:
        own = table.codes[row][:, 0]
        for start, end in _runs(own == code):
            before = int(own[start - 1]) if start else None
            after = int(own[end]) if end < len(own) else None
            found.setdefault((before, after), []).append((row, start, end))
    ordered = sorted(found.items(), key=lambda each: -len(each[1]))
    return [Context(*around, len(where), *where[0]) for around, where in ordered[:count]]


def _runs(there: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where True begins and ends, (L,) bool."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


@dataclass(frozen=True)
class Row:
    """A code: what to say of it, the joints (F, 22, 3) of it alone, and of each context."""

    label: str
    alone: np.ndarray
    contexts: Sequence[tuple[str, np.ndarray]]

    @classmethod
    def of(
        cls,
        found: Any,
        motions: tuple[int, int],
        alone: np.ndarray,
        contexts: Sequence[tuple[Context, np.ndarray]],
    ) -> "Row":
        """Of a row of statistics, and the numbers of forget and of retain motions."""
        label = (
            f"code {found.code}: in {found.forget} of {motions[0]} forget motions, in "
            f"{found.retain} of {motions[1]} others"
        )
        return cls(label, alone, [(_said(found.code, each, own), own) for each, own in contexts])


def _said(code: int, context: Context, joints: np.ndarray) -> str:
    """A context in codes, | for an end of the motion, how often it is there, and what it shows."""
    before, after = ("|" if each is None else each for each in (context.before, context.after))
    run = f"{code}×{context.end - context.start}"
    return f"{before} [{run}] {after}, {context.times} times: {moving(joints)}"


def moving(joints: np.ndarray) -> str:
    """The hand or foot that is fastest in a motion (F, 22, 3), and how fast."""
    movement = extremities.fastest(joints)
    return f"{movement.name} {movement.speed:.1f} m/s"


def draw(rows: Sequence[Row], path: Path, title: str) -> None:
    """Write a PNG with a row for each code, between which it may be cut."""
    columns = max(len(row.contexts) for row in rows)
    widths = [_STRIP * render.proportion(each) for each in (_ALONE, *[_FRAMES] * columns)]
    width, height = sum(widths), 0.35 + (_STRIP + _LINE) * len(rows)
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10, x=0.01, y=1 - 0.05 / height, ha="left", va="top")
    top = height - 0.35
    for row in rows:
        figure.text(0.01, (top - 0.02) / height, row.label, fontsize=8, fontweight="bold", va="top")
        left = 0.0
        shown = [(f"alone: {moving(row.alone)}", row.alone, _ALONE)]
        shown += [(text, joints, _FRAMES) for text, joints in row.contexts]
        for (text, joints, frames), wide in zip(shown, widths, strict=False):
            place = (left / width, (top - _LINE - _STRIP) / height, wide / width, _STRIP / height)
            axes = figure.add_axes(place)
            render.draw_row(axes, "", joints, frames, route=False)
            axes.text(0.02, 1.0, text, fontsize=6.5, transform=axes.transAxes, va="top")
            left += wide
        top -= _STRIP + _LINE
    cuts = [(0.35 + (_STRIP + _LINE) * number) / height for number in range(1, len(rows))]
    canvas.print_figure(path, format="png", metadata=pictures.metadata(".png", cuts))
