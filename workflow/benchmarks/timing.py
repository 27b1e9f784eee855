"""Two sides timed in turns, so that whatever else the machine does burdens both alike."""

import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

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
    """Count the seconds that this process and those it starts compute, not those that pass: on a
    busy machine."""

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
    """Median seconds of both sides of ``case`` and the median of the ratios of the rounds.

    ``share``: of the machine's peak of matrix products, the part at which ours computes its own,
    None where it has none that torch counts. ``load``: the machine's in the last minute.
    """

    case: Case
    ours: float
    official: float | None
    ratio: float | None
    rounds: int
    share: float | None = None
    load: float = 0.0

    def verdict(self, quick: bool) -> str:
        """Whether the target is reached; empty when there is none, or the size is not full."""
        if quick or (self.case.ratio is None and self.case.seconds is None):
            return ""
        fast = self.case.seconds is None or self.ours <= self.case.seconds
        ahead = self.case.ratio is None or self.ratio is None or self.ratio >= self.case.ratio
        return "reached" if fast and ahead else "MISSED"


def measure(case: Case, bench: Bench, most: float) -> Result:
    """Time both sides of ``case`` in turns. The first round warms up unless it is long.

    ``most``: the machine's `peak`.
    """
    work = operations(case.ours)
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
    ratio = statistics.median(their / our for our, their in times) if official else None
    share = work / ours / most if work else None
    theirs = official[0] if official else None
    return Result(case, ours, theirs, ratio, len(times), share, os.getloadavg()[0])


def operations(side: Callable[[], object]) -> int:
    """Floating-point operations of one call's matrix products and convolutions, as torch counts
    them. It counts in the thread that asks only, so the call has no other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with FlopCounterMode(display=False) as counter:
            side()
    finally:
        torch.set_num_threads(threads)
    return int(counter.get_total_flops())


def peak(bench: Bench) -> float:
    """The floating-point operations a second of a large matrix product in float32, the best of a
    few."""
    size = bench.size(2048, 256)
    left, right = torch.rand(2, size, size, device=bench.device)
    times = [_seconds(lambda: left @ right, bench) for _ in range(6)]
    return 2 * size**3 / min(times)


def _seconds(side: Callable[[], object], bench: Bench) -> float:
    """Seconds of one call; a GPU is waited for before and after."""
    clock = _computed if bench.processor else time.perf_counter
    _wait(bench.device)
    begin = clock()
    side()
    _wait(bench.device)
    return clock() - begin


def of_children() -> float:
    """Seconds of a processor that processes had which this one started and which have ended."""
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def _computed() -> float:
    return time.process_time() + of_children()


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
