"""Means of one measure of the descriptor ``movement`` over the motions that have it."""

from collections.abc import Mapping

import numpy as np

from hmu.interface.metrics import Measured
from hmu.motion.plausibility import row


def mean(name: str, inputs: Mapping[str, np.ndarray], why: str) -> Measured:
    """The measure ``name``; ``why`` says why a motion may have none."""
    return mean_of({name: row.column(inputs["generated"], name)}, why)


def mean_of(values: Mapping[str, np.ndarray], why: str) -> Measured:
    """The means of values of motions (n,) by name, of those that are not NaN; NaN if all are."""
    means = {
        name: float(each[kept].mean()) if (kept := np.isfinite(each)).any() else float("nan")
        for name, each in values.items()
    }
    return Measured(means, values, dict.fromkeys(values, why))
