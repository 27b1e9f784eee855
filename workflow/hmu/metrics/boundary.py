"""Jerk where replaced codes meet untouched ones, after an edit of the codebook and before it.

Definition: :mod:`hmu.motion.boundary`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.metrics._movement import mean_of
from hmu.motion import boundary

NAMES = (
    "boundaries",
    "boundary_peak",
    "boundary_peak_before",
    "boundary_area",
    "clip_peak",
    "clip_peak_before",
    "clip_area",
)
READS = {"edit": "generated/boundary"}
SETTINGS = ()
REAL = False
SAYS = {
    "boundaries": "Boundaries are the places of a motion where a replaced token stands beside an "
    "untouched one; only edits of the codebook have them (ours).",
    "boundary_peak": "Boundary peak is the largest jerk of a motion within a token of such a "
    "place, in m/s³; only edits of the codebook have it (ours, of FlowMDM's jerk).",
    "boundary_peak_before": "Boundary peak before is the same of the same codes at the same "
    "places, decoded with the codebook before the edit (ours).",
    "boundary_area": "Boundary area is the area between the curves of jerk after an edit of the "
    "codebook and before it, within a token of each place where a replaced token stands beside an "
    "untouched one, for each such place, in metres a frame cubed (ours, after FlowMDM's AUJ).",
    "clip_peak": "Clip peak is the largest jerk of the whole motion, in m/s³ (ours, of FlowMDM's "
    "jerk).",
    "clip_peak_before": "Clip peak before is the same before the edit (ours).",
    "clip_area": "Clip area is the area between the curves of jerk after an edit and before it, "
    "over the whole motion (ours, after FlowMDM's AUJ).",
}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """Means over the motions that have a boundary; of clips, over those of four frames and more."""
    del settings
    values = {
        name: boundary.column(inputs["edit"], own)
        for name, own in zip(NAMES, boundary.NAMED, strict=True)
    }
    return mean_of(
        values, why="no replaced token stands beside an untouched one, or has too few frames"
    )
