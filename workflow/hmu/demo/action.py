"""One thing that somebody does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing done: what, how (``style``), with which side, how often, and how fast.

    ``side`` is 0 (left), 1 (right) or 2 (both, or of no account); ``pace`` stretches time, so that
    more than 1 is slow; ``seconds`` is the duration of what has no natural end.
    """

    kind: str
    style: str = ""
    side: int = 2
    count: int = 1
    pace: float = 1.0
    seconds: float = 3.0
