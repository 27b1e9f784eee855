"""The state of a run, as it is told of jobs that begin and end."""

from pathlib import Path

import pytest

from hmu.run.forecast import Planned, Recorded
from hmu.run.watch import Watch

KNOWN = Recorded(seconds={"benchmarks/part/a.tsv": 100.0}, of_rule={"part": 60.0, "cell": 1.0})
A = Planned("part", "results/benchmarks/part/a.tsv")


def watch(**counts: int) -> Watch:
    return Watch(counts, KNOWN, now=0.0)


def test_what_is_left_follows_the_pace_of_the_run() -> None:
    run = watch(part=2, cell=40)
    run.started(1, A, "part a", 0.0)
    run.started(2, Planned("part"), "part b", 0.0)
    run.finished(1, 50.0)  # in half the time that it took before
    left = run.left(50.0)
    # Behind are 100 s and 50 of 60 s, in 50 s; ahead are 10 s and 40 cells of a second.
    assert left.seconds == pytest.approx((10 + 40) * 50 / 150)
    assert left.unknown == 0


def test_a_job_alone_is_not_made_faster_by_those_that_ran_side_by_side() -> None:
    run = watch(part=4)
    for job in range(4):
        run.started(job, Planned("part"), f"part {job}", 0.0 if job else 50.0)
    for job in range(1, 4):
        run.finished(job, 55.0)
    assert run.left(55.0).seconds == pytest.approx(55.0)


def test_of_rules_that_never_ran_nothing_is_known_until_they_have() -> None:
    run = watch(new=3)
    run.started(1, Planned("new"), "new 1", 0.0)
    assert run.left(10.0).seconds is None
    assert "time left not known yet: 2 jobs of rules that have not run here before" in run.line(
        10.0
    )
    run.finished(1, 20.0)
    left = run.left(20.0)
    assert (left.seconds, left.unknown) == (pytest.approx(40.0), 0)
    assert run.line(20.0) == "1 of 3 jobs done, about 40 s left"


def test_a_job_that_takes_longer_than_before_does_not_turn_time_back() -> None:
    run = watch(cell=2)
    run.started(1, Planned("cell"), "cell a", 0.0)
    assert run.left(30.0).seconds == pytest.approx(30.0)
    assert "running: cell a (30 s of 1 s)" in run.line(30.0)


def test_a_job_that_failed_is_said_and_counts_again_when_it_begins_again() -> None:
    run = watch(part=2)
    run.started(1, A, "part a", 0.0)
    run.stopped(1)
    assert run.line(10.0).startswith("0 of 2 jobs done, 1 failed")
    run.started(1, A, "part a", 10.0)
    run.finished(1, 110.0)
    assert "failed" not in run.line(110.0)
    assert run.left(110.0).seconds == pytest.approx(60.0 * 110 / 100)


def test_the_jobs_that_have_run_longest_are_named() -> None:
    run = watch(part=5)
    for job in range(5):
        run.started(job, Planned("part"), f"part {job}", 10.0 - job)
    said = run.line(40.0)
    assert [f"part {job} (" in said for job in range(5)] == [False, False, True, True, True]
    assert said.endswith("and 2 more")


def test_at_the_end_nothing_is_left() -> None:
    run = watch(cell=1)
    run.started(7, Planned("cell"), "cell", 0.0)
    run.finished(7, 300.0)
    run.finished(8, 300.0)  # of the rule `all`, which makes nothing
    assert run.line(300.0) == "1 of 1 jobs done"
    assert run.last_line(300.0) == "1 of 1 jobs done, in 5 min"


def test_jobs_of_which_nothing_is_known_are_not_in_the_time_left() -> None:
    run = watch(part=1, new=1)
    run.started(1, A, "part a", 0.0)
    said = run.line(50.0)
    assert "about 50 s left, without a job of rules that have not run here before; running" in said


def test_times_are_read_without_the_records(tmp_path: Path) -> None:
    benchmark = tmp_path / "benchmarks/part/a.tsv"
    benchmark.parent.mkdir(parents=True)
    benchmark.write_text("s\n12\n")
    (tmp_path / "lineage").mkdir()
    record = '{"rule": "part", "seal": "a", "outputs": [{"bytes": 1}]}'
    (tmp_path / "lineage/a.json").write_text(record)
    assert Recorded.of(tmp_path).bytes == {"part": 1}
    known = Recorded.of(tmp_path, sizes=False)
    assert (known.of_rule, known.bytes) == ({"part": 12}, {})
