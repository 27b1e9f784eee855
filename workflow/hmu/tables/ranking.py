"""Which of two values is better, by the arrow of their column."""

from hmu.tables.layouts import Arrow


def loss(value: float, arrow: Arrow, ideal: float | None) -> float | None:
    """How far a value is from the best possible, or None when that cannot be said.

    ``ideal`` is the value of the reference at the same address, to which "→" is to come close.
    """
    if arrow == "→":
        return None if ideal is None else abs(value - ideal)
    return value if arrow == "↓" else -value
