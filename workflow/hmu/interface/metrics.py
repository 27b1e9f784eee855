"""What a metric gives."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np


class Measured(NamedTuple):
    """The values of one repeat by name, and, where a value has one for each motion, those.

    ``motions``: float64 (n,) by name, in the order of the plan's positions, NaN where a motion has
    none; (repeats, n) of a metric of all repeats. ``undefined`` says, by name, why a value or that
    of a motion may be NaN, which is a fault of any other: the cell is empty then, or says how many
    motions it stands for. ``against`` is, by name, the number that a value was measured against.
    """

    values: Mapping[str, float]
    motions: Mapping[str, np.ndarray] = MappingProxyType({})
    undefined: Mapping[str, str] = MappingProxyType({})
    against: Mapping[str, float] = MappingProxyType({})
