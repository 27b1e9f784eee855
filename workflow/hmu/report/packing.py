"""Motions and data as scripts that a page loads from the disk, where browsers refuse to fetch."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from hmu.motion.plausibility import jerk as jerks

_MILLIMETRES = 1000
_FURTHEST = np.iinfo(np.int16).max


def joints_in_text(joints: np.ndarray) -> str:
    """Positions (frames, 22, 3) in metres as base64 of int16 millimetres, little-endian.

    What is farther from the origin than 32 m stays there.
    """
    rounded = np.rint(np.asarray(joints, dtype=np.float64) * _MILLIMETRES)
    whole = np.clip(rounded, -_FURTHEST, _FURTHEST).astype("<i2")
    return base64.b64encode(whole.tobytes()).decode("ascii")


def jerk(joints: np.ndarray) -> list[int]:
    """The jerk of each frame of (frames, 22, 3), m/s³, as `hmu.motion.plausibility.jerk` has it:
    between the four frames that it is taken of, and at the ends as beside them."""
    curve = jerks.curve(joints) * jerks.PER_SECOND
    if not len(curve):
        return [0] * len(joints)
    return [round(value) for value in np.pad(curve, (1, 2), mode="edge").tolist()]


def write(path: Path, name: str, value: Any) -> None:
    """A script that hands ``value`` over as the part ``name`` of the report's data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    path.write_text(f"report.receive({json.dumps(name)}, {text});\n", encoding="ascii")
