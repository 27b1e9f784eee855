"""DVC: what is pushed here and pulled there is the same, and nothing is to be done there."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest
import yaml

from support.toy import DVC, Toy

CELL = "results/cells/main/sum.json"
# Not in every run, and DVC wants what it versions to be there (see dvc.yaml).
AS_ASKED = ("results/exports", "results/official", "results/wanted")


def there(root: Path) -> Toy:
    """The project as it stands in ``root``."""
    toy = Toy.__new__(Toy)
    toy.root, toy.package = root, root / "source" / "hmu"
    return toy


def check(toy: Toy, *words: str) -> str:
    """Run a command that must succeed; its output."""
    done = toy.run(*words)
    assert done.returncode == 0, " ".join(words) + "\n" + done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pushed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with DVC whose results were made by `dvc repro` and pushed to a folder."""
    toy = Toy(tmp_path_factory.mktemp("dvc") / "here")
    toy.add_workflow()
    check(toy, "git", "init", "--quiet")
    check(toy, "git", "config", "user.email", "someone@example.org")
    check(toy, "git", "config", "user.name", "Someone")
    check(toy, "dvc", "init", "--quiet")
    for name in (".dvc/config", ".dvcignore", ".gitignore"):  # the repository's own
        shutil.copy(root / name, toy.root / name)
    (toy.root / "dvc.yaml").write_text(DVC, encoding="utf-8")
    check(toy, "dvc", "remote", "add", "--default", "store", "../store")
    check(toy, "dvc", "repro")
    check(toy, "git", "add", "--all")
    check(toy, "git", "commit", "--quiet", "--message", "results")
    check(toy, "dvc", "push")
    assert not check(toy, "git", "status", "--porcelain")
    return toy.root


@pytest.fixture(scope="module")
def clone(pushed: Path) -> Path:
    """A fresh clone beside it, pulled."""
    check(there(pushed), "git", "clone", "--quiet", str(pushed), "../there")
    toy = there(pushed.with_name("there"))
    check(toy, "dvc", "pull")
    return toy.root


@pytest.fixture
def pulled(clone: Path, tmp_path: Path) -> Toy:
    """The clone as it was just after the pull, for one test."""
    shutil.copytree(clone, tmp_path / "there")
    return there(tmp_path / "there")


def test_the_same_files_are_there(pushed: Path, pulled: Toy) -> None:
    def results(toy: Toy) -> dict[str, bytes]:
        left = ("logs/", "benchmarks/", ".")
        return {
            name: data
            for name, data in toy.files().items()
            if not name.startswith(left)
            and not name.endswith((".snakemake_timestamp", ".gitignore"))
        }

    assert results(pulled) == results(there(pushed))
    assert CELL.removeprefix("results/") in results(pulled)


def test_nothing_is_to_be_done_and_all_is_verified(pulled: Toy) -> None:
    assert pulled.planned() == []
    assert pulled.planned(CELL) == []
    done = pulled.hmu("verify", CELL)
    assert done.returncode == 0, done.stdout
    assert "OK: " in done.stdout
    assert "up to date" in check(pulled, "dvc", "status")


def test_the_order_in_which_files_were_written_does_not_matter(pulled: Toy) -> None:
    outputs = [path for path in (pulled.root / "results").rglob("*") if path.is_file()]
    for number, path in enumerate(sorted(outputs, reverse=True)):
        moment = time.time() - 1000 + number
        os.utime(path, (moment, moment))
    assert pulled.planned() == []


def test_only_what_a_changed_setting_concerns_is_to_be_done_there(pulled: Toy) -> None:
    (pulled.root / "config.yaml").write_text("weight: {p: 1, q: 3}\n", encoding="utf-8")
    assert pulled.planned() == [CELL, "results/totals/q.json"]


def test_only_what_a_changed_module_concerns_is_to_be_done_there(pulled: Toy) -> None:
    path = pulled.package / "methods" / "sum.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"# Only prose.\n{before}", encoding="utf-8")
    assert pulled.planned() == []
    path.write_text(before.replace("sum(values)", "sum(values, 0)"), encoding="utf-8")
    assert pulled.planned() == [CELL]
    (pulled.package / "methods" / "most.py").write_text("OTHER = 1\n", encoding="utf-8")
    assert pulled.planned() == [CELL]


def test_a_file_that_is_not_what_was_recorded_is_not_taken_for_it(pulled: Toy) -> None:
    (pulled.root / "results/totals/p.json").write_text("99", encoding="utf-8")
    assert pulled.planned() == [CELL], "a changed input is newer than what was made from it"
    done = pulled.hmu("verify", CELL)
    assert done.returncode == 1
    assert "changed: results/totals/p.json" in done.stdout


def test_what_was_out_of_date_stays_so(pulled: Toy) -> None:
    """Times are put back as they were, not simply in order."""
    (pulled.root / "results/raw/a.txt").write_text("kick and more", encoding="utf-8")
    check(pulled, "snakemake", "--cores", "1", "--", "results/counts")
    before = pulled.planned()
    assert CELL in before
    shutil.rmtree(pulled.root / "results/.cache")
    for each in (pulled.root / "results").rglob("*"):
        if each.is_file():
            each.touch()
    assert pulled.planned() == before


def test_every_place_that_rules_write_to_is_versioned(root: Path) -> None:
    said = (root / "workflow/hmu/paths.py").read_text("utf-8")
    written = {f"results/{name}" for name in re.findall(r"\{RESULTS\}/(\w+)", said)}
    written -= {"results/logs", "results/benchmarks", *AS_ASKED}
    stages = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    outs: dict[str, object] = {}
    for stage in stages.values():
        for out in stage["outs"]:
            outs.update(out)
    recorded = {name for name in outs if name.startswith("results/lineage/")}
    versioned = {name for name in outs if name.startswith("results/")} - recorded
    assert versioned == written
    assert {f"results/{Path(name).stem}" for name in recorded} == versioned
    assert ".snakemake/metadata" in outs
    assert all(options == {"persist": True} for options in outs.values())


def test_what_dvc_runs_may_have_a_configuration_added_to_it(root: Path, tmp_path: Path) -> None:
    """That of faithfulness adds to the demo's: nothing but the two together is a run."""
    said = (root / "dvc.yaml").read_text(encoding="utf-8")
    addition = "workflow/config/faithfulness.yaml"
    assert (root / addition).is_file()
    for name in ("config.yaml", "Snakefile", "workflow"):
        (tmp_path / name).touch()
    toy = there(tmp_path)
    check(toy, "git", "init", "--quiet")
    check(toy, "dvc", "init", "--quiet")
    for added in ("", addition):
        text = said.replace('addition: ""', f'addition: "{added}"')
        assert (text != said) == bool(added)
        (tmp_path / "dvc.yaml").write_text(text, encoding="utf-8")
        printed = check(toy, "dvc", "repro", "--dry").splitlines()
        (command,) = [line for line in printed if "snakemake" in line]
        assert command.rstrip().endswith(f"--configfile config.yaml {added}".rstrip())
