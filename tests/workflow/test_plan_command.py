"""`hmu plan`: what a run would do and take, as the run itself has it."""

import re
from collections import Counter

from hmu.commands import plan
from hmu.run.forecast import Line
from support.project import CONFIG, Project, shown


def test_it_counts_the_jobs_that_would_run_and_knows_what_they_took(project: Project) -> None:
    words = ("plan", "results/tables", "--configfile", CONFIG)
    done = project.hmu(*words)
    assert re.fullmatch(r"Nothing to be done: .* of \d{3} jobs are up to date\.\n", done.stdout)
    project.configure(lambda config: config["variants"]["lcr-4"].update(k=3))
    done = project.hmu(*words)
    assert done.returncode == 0, shown(done)
    rows = re.findall(
        r"^(\w+(?: all)?) +(\d+)  +([\d.]+ (?:s|min \d+ s)) ", done.stdout, re.MULTILINE
    )
    counted = {rule: int(count) for rule, count, _ in rows}
    planned = Counter(job.partition(" ")[0] for job in project.planned("results/tables"))
    assert counted == {**planned, "in all": planned.total()}
    assert re.match(r"rule +jobs +time +disk\n", done.stdout)  # no job asks for a GPU
    assert "is known" not in done.stdout
    assert int(re.findall(r"results of (\d+) jobs", done.stdout)[0]) > 50


def test_what_snakemake_refuses_is_said_once(project: Project) -> None:
    done = project.hmu("plan", "results/nothing-such", "--configfile", CONFIG)
    assert done.returncode == 2
    said = done.stderr.splitlines()
    assert said[0] == "hmu: Snakemake cannot plan this:"
    assert sum("No rule to produce results/nothing-such" in line for line in said) == 1
    assert len(said) == 3


def test_where_nothing_was_recorded_it_says_so_and_shows_no_empty_column() -> None:
    lines = [Line("part", jobs=3, unknown=3), Line("cell", jobs=20, unknown=20)]
    head, *rows, _, _ = plan.rows(lines, 0)
    assert head.split() == ["rule", "jobs"]
    assert [row.split() for row in rows] == [["part", "3"], ["cell", "20"], ["in", "all", "23"]]
    reused, unknown = plan.rows(lines, 0)[-2:]
    assert reused == "Nothing is there yet that could be reused."
    assert unknown.startswith("How long they take is not known: none of these rules has run here.")


def test_what_is_unknown_is_told_apart_from_the_sums() -> None:
    lines = [Line("part", jobs=2, seconds=90, gpu_seconds=7200, bytes=5e6), Line("tmr", 1)]
    lines[1].unknown = 1
    rows = plan.rows(lines, 7)
    assert [row.split() for row in rows[:4]] == [
        ["rule", "jobs", "time", "GPU", "hours", "disk"],
        ["part", "2", "1", "min", "30", "s", "2.00", "5.0", "MB"],
        ["tmr", "1", "–"],
        ["in", "all", "3", "1", "min", "30", "s", "2.00", "5.0", "MB"],
    ]
    assert rows[4] == "Reused, because it is up to date: the results of 7 jobs."
    assert rows[5].startswith("Of 1 jobs no time is known, and none is in the sums:")
    assert all(row == row.rstrip() for row in rows)
