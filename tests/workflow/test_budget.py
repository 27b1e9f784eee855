"""The demo's ten minutes: each family of rules keeps to its share of them. Of a finished demo, also
what its pages weigh."""

import csv
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.project import Project, copy_repository, shown

SECONDS, CORES = 600, 2
DEMO = os.environ.get("HMU_DEMO")
of_a_demo = pytest.mark.skipif(
    DEMO is None, reason="HMU_DEMO names no checkout with a finished demo"
)


@dataclass(frozen=True)
class Family:
    """A line of the table in CONTRIBUTING.md."""

    name: str
    rules: frozenset[str]
    jobs: int
    seconds: int


@pytest.fixture(scope="module")
def families(root: Path) -> list[Family]:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## The demo's ten minutes")
    lines = re.findall(
        r"^\| (.+?) \| (.+?) \| (\d+) \| (\d+) s \|$", section.partition("\n## ")[0], re.MULTILINE
    )
    return [
        Family(name, frozenset(re.findall(r"`(\w+)`", rules)), int(jobs), int(seconds))
        for name, rules, jobs, seconds in lines
    ]


def test_the_shares_are_of_ten_minutes_and_each_rule_has_one(families: list[Family]) -> None:
    assert len(families) > 5
    assert sum(family.seconds for family in families) <= SECONDS
    rules = [rule for family in families for rule in family.rules]
    assert len(rules) == len(set(rules))


def test_the_demo_has_no_more_jobs_than_were_reckoned_with(
    families: list[Family], root: Path, tmp_path: Path
) -> None:
    copy_repository(root, tmp_path / "demo")
    done = Project(tmp_path / "demo").run("snakemake", "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, shown(done)
    planned = {
        rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)
    }
    del planned["total"], planned["all"]
    assert planned["cell"] > 200
    found = {family.name: 0 for family in families}
    for rule, count in planned.items():
        own = [family.name for family in families if rule in family.rules]
        assert own, f"CONTRIBUTING.md gives the rule {rule} no share of the demo's time"
        found[own[0]] += count
    allowed = {family.name: family.jobs for family in families}
    assert all(found[name] <= allowed[name] for name in found), (found, allowed)


@of_a_demo
def test_a_run_of_the_demo_keeps_to_its_shares(families: list[Family]) -> None:
    folder = Path(str(DEMO)) / "results/benchmarks"
    spent = {family.name: 0.0 for family in families}
    for family in families:
        for rule in family.rules:
            for path in (folder / rule).rglob("*.tsv"):
                with path.open(encoding="utf-8", newline="") as stream:
                    (line,) = csv.DictReader(stream, delimiter="\t")
                spent[family.name] += float(line["s"]) / CORES
    assert all(spent.values()), spent
    over = {
        f.name: (round(spent[f.name]), f.seconds) for f in families if spent[f.name] > f.seconds
    }
    assert not over, f"seconds, and the share: {over}"


@of_a_demo
def test_the_pages_of_a_demo_can_be_sent(tmp_path: Path) -> None:
    report = Path(str(DEMO)) / "results/report"
    assert 1e6 < sum(path.stat().st_size for path in report.rglob("*") if path.is_file()) < 15e6
    page = tmp_path / "report.html"
    command = [sys.executable, "-m", "snakemake", "--report", str(page)]
    done = subprocess.run(command, cwd=str(DEMO), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 1e6 < page.stat().st_size < 20e6
