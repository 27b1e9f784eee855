"""Jerk where codes that an edit replaced meet codes that it left alone.

An edit of a codebook makes some tokens of a motion mean something else. Where one of these stands
beside an untouched one, the motion may jump. The convolutions of a decoder carry a replaced token
far beyond its own frames, so the whole clip is looked at as well. Jerk as FlowMDM has it
(:mod:`hmu.motion.plausibility.jerk`), and in the place of its mean jerk of real motions that of the
same codes before the edit.
"""

import math

import numpy as np

from hmu.motion.plausibility.jerk import PER_SECOND, curve

NAMED = (
    "boundaries",
    "peak",
    "peak_before",
    "area",
    "clip_peak",
    "clip_peak_before",
    "clip_area",
)
"""The measures, in the order of a row."""

NONE = -1.0
"""What stands in a row, where no measure is negative, for one that a motion does not have."""


def row(
    joints: np.ndarray, unedited: np.ndarray, replaced: np.ndarray, frames_per_token: int
) -> np.ndarray:
    """Float32 (len(NAMED),) of one motion.

    ``joints`` and ``unedited`` are (F, 22, 3) in metres, at 20 frames a second; ``replaced`` is
    bool (tokens, quantizers). A token is replaced where any of its codes is. Peaks are the largest
    jerk, in m/s³, in the windows of all boundaries and in the whole clip, of both decodings; areas
    are sums of the distances between the two curves, in metres a frame cubed, for each boundary and
    in the whole clip.
    """
    after, before = curve(joints), curve(unedited)
    tokens = np.asarray(replaced.any(axis=1))
    inside = near(tokens, frames_per_token, len(after))
    boundaries = int((tokens[1:] != tokens[:-1]).sum())
    apart = np.abs(after - before)
    values = (
        float(boundaries),
        _peak(after[inside]),
        _peak(before[inside]),
        float(apart[inside].sum() / boundaries) if inside.any() else math.nan,
        _peak(after),
        _peak(before),
        float(apart.sum()) if len(apart) else math.nan,
    )
    return np.array([NONE if math.isnan(each) else each for each in values], dtype=np.float32)


def near(tokens: np.ndarray, frames_per_token: int, steps: int) -> np.ndarray:
    """Which ``steps`` of a curve of jerk lie in the window of a boundary, bool (steps,).

    A boundary lies between two tokens of which one is replaced, bool (tokens,). Its window are
    these two tokens. Step i, of the frames i to i + 3, lies where their middle does.
    """
    found = np.zeros(steps, dtype=bool)
    middles = np.arange(steps) + 2  # where two of the four frames have ended
    for token in np.flatnonzero(tokens[1:] != tokens[:-1]) + 1:
        boundary = token * frames_per_token
        found |= (boundary - frames_per_token <= middles) & (middles < boundary + frames_per_token)
    return found


def column(rows: np.ndarray, name: str) -> np.ndarray:
    """Float64 (n,) of one measure of motions (n, len(NAMED)); NaN where there is none."""
    values = rows[:, NAMED.index(name)].astype(np.float64)
    return np.where(values < 0, np.nan, values)


def _peak(jerk: np.ndarray) -> float:
    return float(jerk.max() * PER_SECOND) if len(jerk) else math.nan
