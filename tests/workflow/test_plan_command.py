"""`hmu plan`: what a run would do and take, as the run itself has it."""

import re
from collections import Counter

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
    assert "GPU hours" in done.stdout
    assert "no time is known" not in done.stdout
    assert int(re.findall(r"results of (\d+) jobs", done.stdout)[0]) > 50


def test_what_snakemake_refuses_is_said_once(project: Project) -> None:
    done = project.hmu("plan", "results/nothing-such", "--configfile", CONFIG)
    assert done.returncode == 2
    assert done.stderr.startswith("hmu: Snakemake cannot plan this:")
    assert "Traceback" not in done.stderr
