"""Student's t distribution, as far as intervals need it.

By its finite sums for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4): to
import scipy's takes longer than to make a cell.
"""

import math

_LEVEL = 0.95


def half_width(values: int) -> float:
    """Half the width of the 95% interval of the mean of so many values, two or more, in standard
    errors: unbiased standard deviation / √values."""
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _between(middle, values - 1) < _LEVEL else (low, middle)
    return math.tan(low) * math.sqrt(values - 1)


def _between(angle: float, freedom: int) -> float:
    """The probability of less than t on either side, where ``angle`` is atan(t / √freedom)."""
    odd = freedom % 2
    cosine, total = math.cos(angle), 0.0
    term = cosine if odd else 1.0
    for power in range(odd, freedom - 1, 2):
        total += term
        term *= cosine * cosine * (power + 1) / (power + 2)
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total
