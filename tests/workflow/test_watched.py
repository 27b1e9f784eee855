"""Snakemake with `--logger hmu`: what a person sees of a run. It runs jobs of a Snakefile of its
own, since what is tested is what Snakemake tells the plugin."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from snakemake_logger_plugin_hmu import STAGES
from support.project import Project, shown

SNAKEFILE = """
rule all:
    input: expand("results/{n}.txt", n=range(4))
rule made:
    output: "results/{n}.txt"
    benchmark: "results/benchmarks/made/{n}.tsv"
    shell: "echo of {wildcards.n} >&2; touch {output}"
"""


@pytest.fixture
def small(root: Path, tmp_path: Path) -> Project:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "workflow").symlink_to(root / "workflow")
    return Project(tmp_path)


def test_a_run_is_lines_and_not_a_paragraph_a_job(small: Project) -> None:
    done = small.run("snakemake", "--cores", "1", "--logger", "hmu")
    assert done.returncode == 0, shown(done)
    assert re.search(r"^\[\d\d:\d\d:\d\d\] 4 of 4 jobs done, in \d+ s$", done.stderr, re.MULTILINE)
    assert "of 3\n" in done.stderr  # what jobs print
    assert "jobid" not in done.stderr
    assert not {"\r", "\x1b"} & {*done.stderr}
    (log,) = (small.root / ".snakemake/log").iterdir()
    assert "rule made:" in log.read_text()


def test_a_failure_is_said_as_always(small: Project) -> None:
    (small.root / "Snakefile").write_text(SNAKEFILE.replace("touch", "false; touch"))
    done = small.run("snakemake", "--cores", "1", "--logger", "hmu")
    assert done.returncode == 1
    assert "Error in rule made:" in done.stderr
    assert re.search(r"\] 0 of 4 jobs done, 1 failed, in ", done.stderr)


@pytest.mark.parametrize("words", [["--dry-run"], ["--quiet", "all"]])
def test_who_asks_for_something_else_gets_it(small: Project, words: list[str]) -> None:
    done = small.run("snakemake", "--cores", "1", "--logger", "hmu", *words)
    plain = small.run("snakemake", "--cores", "1", "--forceall", *words)
    assert done.returncode == plain.returncode == 0
    assert " of 4 jobs" not in shown(done)
    assert ("rule made:" in shown(done)) == ("rule made:" in shown(plain)) == ("--dry-run" in words)


def test_stages_are_the_rules_that_make_nothing(root: Path) -> None:
    text = (root / "Snakefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^rule (\w+):", text, re.MULTILINE)) == set(STAGES)
    for path in (root / "workflow/rules").glob("*.smk"):
        rules = re.split(r"^rule ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        assert all("    benchmark:" in rule for rule in rules), path


def test_snakemake_finds_the_plugin_without_the_package() -> None:
    """Which of several checkouts' packages a run is by, its Snakefile says, and later."""
    code = "import snakemake_logger_plugin_hmu, sys; print([*filter('hmu'.__eq__, sys.modules)])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
