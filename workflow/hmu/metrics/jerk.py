"""Peak jerk and area under the jerk (FlowMDM), of motions that begin together.

Definition and reference: :mod:`hmu.motion.plausibility.jerk`. FlowMDM's windows are its
transitions; here each motion gives its first two seconds, aligned by their beginning. For the mean
jerk of real motions FlowMDM has a constant, 0.033 on HumanML3D; here it is that of the real motions
of the set.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured
from hmu.motion.plausibility import row

NAMES = ("pj", "auj", "mean_jerk")
READS = {"generated": "generated/movement", "real": "real/movement"}
SETTINGS = ()
REAL = True
SAYS = {
    "pj": "PJ is the largest value of the mean curve of jerk, over the first two seconds of all "
    "motions, in metres a frame cubed (FlowMDM, there over transitions).",
    "auj": "AUJ is the area between that curve and the mean jerk of the real motions (FlowMDM).",
    "mean_jerk": "Mean jerk is the mean of all these curves (FlowMDM: 0.033 for HumanML3D).",
}
AGAINST = {"auj": "the mean jerk of the real motions (FlowMDM: 0.033 for HumanML3D)"}


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """In metres a frame cubed: the maximum of the mean curve, the sum of its distances to the mean
    jerk of the real motions, and its own mean over all frames of the windows."""
    del settings
    curve = mean_curve(row.curves(inputs["generated"]))
    undefined = dict.fromkeys(NAMES, "no motion has four frames")
    if not len(curve):
        return Measured(dict.fromkeys(NAMES, math.nan), undefined=undefined)
    real = _mean(inputs["real"])
    values = {
        "pj": float(curve.max()),
        "auj": float(np.abs(curve - real).sum()),
        "mean_jerk": _mean(inputs["generated"]),
    }
    against = {"auj": real} if math.isfinite(real) else {}
    return Measured(values, undefined=undefined, against=against)


def _mean(rows: np.ndarray) -> float:
    """Mean jerk of motions, over all steps of their windows; NaN where there are none."""
    curves = row.curves(rows)
    there = curves[np.isfinite(curves)]
    return float(there.mean()) if len(there) else math.nan


def mean_curve(curves: np.ndarray) -> np.ndarray:
    """The mean at each step of the motions (n, steps) that last so long, up to the longest one."""
    there = np.isfinite(curves)
    count = there.sum(axis=0)
    lasting = count > 0
    sums = np.where(there, curves, 0.0).sum(axis=0)
    found: np.ndarray = sums[lasting] / count[lasting]
    return found
