"""What a metric gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Measured:
    """The values of one repeat by name, and, where a value has one for each motion, those.

    ``motions``: float64 (n,) by name, in the order of the plan's positions, NaN where a motion has
    none; (repeats, n) of a metric of all repeats. ``undefined`` says, by name, why a value or that
    of a motion may be NaN, which is a fault of any other: the cell is empty then, or says how many
    motions it stands for.
    """

    values: Mapping[str, float]
    motions: Mapping[str, np.ndarray] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
