"""Motions and data as scripts that a page loads from the disk, where browsers refuse to fetch."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from hmu.io import inert
from hmu.motion.plausibility import jerk as jerks

_MILLIMETRES = 1000


def steps(joints: np.ndarray) -> list[int]:
    """Positions (frames, 22, 3) in metres as whole millimetres, one coordinate after the other:
    of each its first value, and then how far it goes from frame to frame.

    Such small numbers take half the room of positions when they are compressed.
    """
    whole = np.rint(np.asarray(joints, dtype=np.float64) * _MILLIMETRES).astype(np.int64)
    return [int(step) for step in np.diff(whole, axis=0, prepend=0).reshape(len(whole), -1).T.flat]


def jerk(joints: np.ndarray) -> list[int]:
    """The jerk of each frame of (frames, 22, 3), m/s³, as `hmu.motion.plausibility.jerk` has it:
    between the four frames that it is taken of, and at the ends as beside them."""
    curve = jerks.curve(joints) * jerks.PER_SECOND
    if not len(curve):
        return [0] * len(joints)
    return [round(value) for value in np.pad(curve, (1, 2), mode="edge").tolist()]


def write(path: Path, name: str, value: Any) -> None:
    """A script that hands ``value`` over as the part ``name`` of the report's data: its JSON,
    compressed (gzip), in base64. Controls in its texts become escapes, as on all of the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(inert.visible_data(value), separators=(",", ":"), allow_nan=False)
    packed = base64.b64encode(gzip.compress(text.encode("ascii"), mtime=0)).decode("ascii")
    path.write_text(f'report.receive({json.dumps(name)}, "{packed}");\n', encoding="ascii")
