"""All measures of a motion in one row of numbers, which metrics take apart again.

No measure is ever negative, and descriptions must be finite: -1 stands where there is none.
"""

from collections.abc import Mapping

import numpy as np

from hmu.motion.plausibility.jerk import STEPS

NAMED = (
    "skating",
    "skating_kimodo",
    "contact",
    "floating",
    "penetration",
    "pfc",
    "peak_jerk",
    "dynamic",
)
"""The measures of one number, in their order; behind them stands the curve of jerk."""

WIDTH = len(NAMED) + STEPS
NONE = -1.0


def pack(named: Mapping[str, float], curve: np.ndarray) -> np.ndarray:
    """Float32 (WIDTH,) of the measures NAMED and a curve (STEPS,); NaN where there is none."""
    values = np.concatenate([[named[name] for name in NAMED], curve])
    return np.where(np.isnan(values), NONE, values).astype(np.float32)


def column(rows: np.ndarray, name: str) -> np.ndarray:
    """Float64 (n,) of one measure of motions (n, WIDTH); NaN where there is none."""
    return _with_nan(rows[:, NAMED.index(name)])


def curves(rows: np.ndarray) -> np.ndarray:
    """Float64 (n, STEPS) of motions (n, WIDTH); NaN after the end of a short one."""
    return _with_nan(rows[:, len(NAMED) :])


def _with_nan(values: np.ndarray) -> np.ndarray:
    return np.where(values < 0, np.nan, values.astype(np.float64))
