"""Every block of commands in the README, run in order as it is typed, after a finished run.

What needs the network, a cluster or more than a test's time is named below, with the test that
runs it.
"""

import re
from pathlib import Path

import pytest
import yaml

from hmu.config import load, paper_comparable, validate
from hmu.tables import binding
from support.project import CONFIG, Project, shown

ELSEWHERE = {
    "make demo": "the fixture `finished` runs the workflow",
    "make test": "this is it",
    "workflow/config/small.yaml": "tests/workflow/test_long_runs.py",
    "snakemake --profile slurm": "tests/workflow/test_long_runs.py",
    "snakemake results/exports/humanml3d/": "tests/official/test_in_the_workflow.py",
    "hmu import checkpoints/t2m": "tests/official/test_unlearned.py",
    "hmu data fetch data": "tests/raw_data/test_data_fetch.py",
}
"""What a block is known by that is run elsewhere, and where."""


def blocks(root: Path, language: str) -> list[str]:
    """The blocks of a language in the README, in order."""
    text = (root / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def elsewhere(block: str) -> bool:
    return any(command in block for command in ELSEWHERE)


def test_what_is_run_elsewhere_is_in_the_readme(root: Path) -> None:
    text = "".join(blocks(root, "bash"))
    assert all(command in text for command in ELSEWHERE)
    named = [where for where in ELSEWHERE.values() if where.startswith("tests/")]
    assert all((root / where).is_file() for where in named)


def test_the_papers_configuration_has_all_of_its_tables(root: Path) -> None:
    config = load(root / "workflow/config/paper.yaml")
    shown = {name: entry["layout"] for name, entry in config["tables"].items()}
    assert shown == {f"paper-{number}": f"table-{number}" for number in range(1, 17)}


@pytest.mark.long(2)
def test_the_commands_do_as_they_are_typed(project: Project) -> None:
    """The reduced configuration stands where the demo's is, and has its addresses."""
    config = project.root / "config.yaml"
    config.write_text((project.root / CONFIG).read_text(encoding="utf-8"), encoding="utf-8")
    (project.root / "prompts.txt").write_text("a person kicks\na person walks#48\n")
    for words in ("init --quiet", "config user.email a@b.org", "config user.name Someone"):
        assert project.run("git", *words.split()).returncode == 0
    for words in (("add", "--all"), ("commit", "--quiet", "--message", "A clone")):
        assert project.run("git", *words).returncode == 0
    typed = [block for block in blocks(project.root, "bash") if not elsewhere(block)]
    assert len(typed) > 3
    for block in typed:
        done = project.run("bash", "-e", "-o", "pipefail", "-c", block)
        assert done.returncode == 0, f"{block}\n{shown(done)[-3000:]}"
    made = {path.suffix for path in (project.root / "generated").rglob("*")}
    assert {".npy", ".bvh", ".gif"} <= made
    pulled = Project(project.root.parent / "elsewhere")
    done = pulled.run("snakemake", "--dry-run")
    assert "Nothing to be done" in shown(done), shown(done)[-3000:]
    done = pulled.hmu("verify", "results/tables")
    assert done.returncode == 0, shown(done)
    assert not project.run("git", "status", "--porcelain", "--untracked-files=no").stdout


def test_the_example_method_passes_the_checks_and_gets_into_the_table(project: Project) -> None:
    (block,) = (each for each in blocks(project.root, "python") if "def unlearn" in each)
    path = "workflow/hmu/methods/forget_everything.py"
    assert f"`{path}`" in (project.root / "README.md").read_text(encoding="utf-8")
    (project.root / path).write_text(block, encoding="utf-8")
    for check in (["format", "--check"], ["check"]):
        done = project.run("ruff", *check, path)
        assert done.returncode == 0, shown(done)
    entry = yaml.safe_load("nothing-left: {method: forget_everything}")
    project.configure(lambda config: config["variants"].update(entry))
    cell = "results/cells/demo-violence/nothing-left/forget-fid.json"
    assert "unlearn demo/momask/violence/nothing-left" in project.made(cell)
    assert project.json(cell)["value"] > 0


def test_cells_are_read_to_plot_them(finished: Project) -> None:
    (block,) = (each for each in blocks(finished.root, "python") if "cells.parquet" in each)
    done = finished.run("python", "-c", block)
    assert done.returncode == 0, shown(done)
    rows = (finished.root / "results/cells/demo-violence").iterdir()
    assert {path.name for path in rows} - {"real"} <= set(done.stdout.split())


def test_the_released_models_stand_beside_the_papers_configuration(root: Path) -> None:
    (block,) = (each for each in blocks(root, "yaml") if "momask-official" in each)
    config = yaml.safe_load((root / "workflow/config/paper.yaml").read_text(encoding="utf-8"))
    for section, entries in yaml.safe_load(block).items():
        config[section].update(entries)
    whole = validate(config, "paper.yaml")
    found = binding.addresses(whole, "official")
    rows = {each.row: each.backbone for each in found}
    assert rows == {name: name for name in ("momask-official", "momask", "bamm-official", "bamm")}
    assert len(found) == 4 * 8
    assert all(each.paper is not None for each in found)
    assert {(each.dataset, each.backbone) for each in found} <= paper_comparable(whole)
