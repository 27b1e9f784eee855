"""How far a run is: which jobs run, how many are left, and how long they still take.

A job's work is what it took when it last ran, or else the mean of its rule's, as benchmarks have it
(:class:`hmu.run.forecast.Recorded`); of a rule that has no record yet, what it took in this run.
What is left takes as long as the run's pace says: the work that is behind it, by the time that it
took. So the pace knows how many jobs run side by side, and that a machine is busy.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from hmu.io.amounts import roughly
from hmu.run.forecast import Planned, Recorded

_NAMED = 3
"""So many of the jobs that run are named, those that have run longest."""


@dataclass(frozen=True)
class _Running:
    planned: Planned
    name: str
    since: float


@dataclass(frozen=True)
class Left:
    """Seconds that a run still takes, None where nothing tells; and of how many jobs that have not
    begun no time is known, which are not in these seconds."""

    seconds: float | None
    unknown: int


class Watch:
    """The state of a run, told of each job that begins and ends. Times are seconds of any clock."""

    def __init__(self, counts: Mapping[str, int], known: Recorded, now: float) -> None:
        """``counts``: of each rule, the jobs that are to run."""
        self.total = sum(counts.values())
        self.done = 0
        self.failed: set[int] = set()
        self._known = known
        self._begun = now
        self._waiting = Counter(counts)
        self._running: dict[int, _Running] = {}
        self._took: dict[str, list[float]] = {}
        self._work = 0.0

    def started(self, job: int, planned: Planned, name: str, now: float) -> None:
        """A job begins, by the number that Snakemake gives it, or begins again."""
        self.failed.discard(job)
        self._waiting[planned.rule] -= 1
        self._running[job] = _Running(planned, name, now)

    def finished(self, job: int, now: float) -> None:
        """A job has ended well. One that did not begin here counts for nothing."""
        if running := self._running.pop(job, None):
            self.done += 1
            elapsed = now - running.since
            self._took.setdefault(running.planned.rule, []).append(elapsed)
            recorded = self._known.of_job(running.planned)
            self._work += elapsed if recorded is None else recorded

    def stopped(self, job: int) -> None:
        """A job has failed. It may begin again."""
        if running := self._running.pop(job, None):
            self.failed.add(job)
            self._waiting[running.planned.rule] += 1

    def left(self, now: float) -> Left:
        behind, ahead, longest, unknown = self._work, 0.0, 0.0, 0
        for each in self._running.values():
            elapsed = now - each.since
            expected = self._expected(each.planned)
            rest = max(0.0, (expected or 0.0) - elapsed)
            behind += elapsed if expected is None else expected - rest
            ahead += rest
            longest = max(longest, rest)
        for rule, count in self._waiting.items():
            expected = self._expected(Planned(rule))
            if expected is None:
                unknown += max(count, 0)
            else:
                ahead += max(count, 0) * expected
        spent = now - self._begun
        if not ahead:
            return Left(None if unknown or self._running else 0.0, unknown)
        if not behind or not spent:
            return Left(None, unknown)
        return Left(max(ahead * spent / behind, longest), unknown)

    def _expected(self, planned: Planned) -> float | None:
        recorded = self._known.of_job(planned)
        if recorded is None and (took := self._took.get(planned.rule)):
            return fmean(took)
        return recorded

    def line(self, now: float) -> str:
        """``48 of 300 jobs done, about 12 min left; running: part demo momask all masked (20 s of
        2 min)``."""
        said = [f"{self.done} of {self.total} jobs done"]
        if self.failed:
            said.append(f"{len(self.failed)} failed")
        left = self.left(now)
        if left.seconds is not None and self.done < self.total:
            said.append(f"about {roughly(left.seconds)} left")
        if left.unknown:
            jobs = "a job" if left.unknown == 1 else f"{left.unknown} jobs"
            without = "without" if left.seconds is not None else "time left not known yet:"
            said.append(f"{without} {jobs} of rules that have not run here before")
        head = ", ".join(said)
        return f"{head}; running: {self._named(now)}" if self._running else head

    def _named(self, now: float) -> str:
        oldest = sorted(self._running.values(), key=lambda each: each.since)
        names = [self._one(each, now) for each in oldest[:_NAMED]]
        more = len(oldest) - len(names)
        return ", ".join(names) + (f" and {more} more" if more else "")

    def _one(self, running: _Running, now: float) -> str:
        expected = self._expected(running.planned)
        of = "" if expected is None else f" of {roughly(expected)}"
        return f"{running.name} ({roughly(now - running.since)}{of})"

    def last_line(self, now: float) -> str:
        """What is said when the run has ended."""
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"{self.done} of {self.total} jobs done{failed}, in {roughly(now - self._begun)}"
