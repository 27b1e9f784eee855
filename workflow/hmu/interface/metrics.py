"""What a metric gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Measured:
    """The values of one repeat by name, and, where a value has one for each motion, those.

    ``motions``: float64 (n,) by name, in the order of the plan's positions.
    """

    values: Mapping[str, float]
    motions: Mapping[str, np.ndarray] = field(default_factory=dict)
