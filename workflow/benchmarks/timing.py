"""Two sides timed in turns, so that whatever else the machine does burdens both alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

_WARM_UP_SECONDS = 15.0
"""A first call that takes longer is measured too: what warming up adds is nothing beside it."""


class Skip(Exception):
    """A benchmark, or its reference, cannot run here; the message says why."""


@dataclass(frozen=True)
class Bench:
    """What a run of the benchmarks was asked for."""

    reference: Path | None
    quick: bool
    device: torch.device
    rounds: int
    processor: bool = False
    """Count the seconds that this process computes, not those that pass: on a busy machine."""

    def size(self, full: int, quick: int) -> int:
        """One of two sizes, as ``--quick`` says."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Case:
    """One row of the table: our call, the official one (None: there is none), and what is wanted.

    ``ratio``: how many times as fast ours should be. ``seconds``: the most that ours may take, at
    full size. ``size`` says how much work it is, ``note`` what to know about it. ``rounds`` limits
    the rounds of a long case.
    """

    name: str
    size: str
    ours: Callable[[], object]
    official: Callable[[], object] | None = None
    ratio: float | None = None
    seconds: float | None = None
    rounds: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Result:
    """Median seconds of both sides of ``case`` and the median of the ratios of the rounds."""

    case: Case
    ours: float
    official: float | None
    ratio: float | None
    rounds: int

    def verdict(self, quick: bool) -> str:
        """Whether the target is reached; empty when there is none, or the size is not full."""
        if quick or (self.case.ratio is None and self.case.seconds is None):
            return ""
        fast = self.case.seconds is None or self.ours <= self.case.seconds
        ahead = self.case.ratio is None or self.ratio is None or self.ratio >= self.case.ratio
        return "reached" if fast and ahead else "MISSED"


def measure(case: Case, bench: Bench) -> Result:
    """Time both sides of ``case`` in turns. The first round warms up unless it is long."""
    sides = [side for side in (case.ours, case.official) if side is not None]
    times: list[list[float]] = []
    wanted = min(bench.rounds, case.rounds or bench.rounds)
    warm = False
    while len(times) < wanted:
        row = [_seconds(side, bench) for side in sides]
        if warm or min(row) > _WARM_UP_SECONDS:
            times.append(row)
        warm = True
    ours, *official = (statistics.median(column) for column in zip(*times, strict=True))
    if not official:
        return Result(case, ours, None, None, len(times))
    ratio = statistics.median(theirs / mine for mine, theirs in times)
    return Result(case, ours, official[0], ratio, len(times))


def _seconds(side: Callable[[], object], bench: Bench) -> float:
    """Seconds of one call; a GPU is waited for before and after."""
    clock = time.process_time if bench.processor else time.perf_counter
    _wait(bench.device)
    begin = clock()
    side()
    _wait(bench.device)
    return clock() - begin


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
