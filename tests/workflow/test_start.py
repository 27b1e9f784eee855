"""What Snakemake is told and says before a job runs: by whom it is used, where it lies, on what."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from hmu.run import environment
from support.project import (
    CONFIG,
    Project,
    copy_repository,
    duplicate,
    jobs,
    shown,
    take_tables,
)

IMPORTING = """
configfile: "mine.yaml"

module unlearning:
    snakefile: "../hmu/Snakefile"
    config: config["unlearning"]

use rule * from unlearning as unlearning_*

rule mine:
    default_target: True
    input: "results/tables"
    output: "mine.txt"
    shell: "touch {output}"
"""


@pytest.fixture(scope="module")
def clean(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The repository without results. Leave it as it is."""
    copied = tmp_path_factory.mktemp("start") / "hmu"
    copy_repository(root, copied)
    return Project(copied)


@pytest.fixture
def user(clean: Project) -> Project:
    """A project beside it whose workflow imports it as a module under a prefix."""
    folder = clean.root.parent / "user"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    own = yaml.safe_load((clean.root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({"mine": 1, "unlearning": own}, sort_keys=False)
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    (folder / "Snakefile").write_text(IMPORTING, encoding="utf-8")
    return Project(folder)


def as_user(project: Project, *words: str) -> str:
    """What Snakemake prints in a project that has no package of its own; it must succeed."""
    done = project.run("snakemake", "--cores", "1", *words, PYTHONPATH="")
    assert done.returncode == 0, shown(done)
    return shown(done)


def test_a_workflow_that_imports_this_one_plans_its_tables(clean: Project, user: Project) -> None:
    said = as_user(user, "--dry-run")
    theirs = [each.removeprefix("unlearning_") for each in jobs(said)]
    ours = clean.planned("results/tables")
    assert sorted(theirs) == sorted([*ours, "mine"])


def test_a_workflow_that_imports_this_one_runs_its_package(user: Project) -> None:
    as_user(user, "results/data/demo/raw")
    assert (user.root / "results/data/demo/raw/texts").is_dir()
    assert (user.root / "results/lineage/data/demo/raw.json").is_file()


def test_a_module_may_put_its_results_elsewhere(user: Project) -> None:
    """Under a `prefix`: what the pipeline makes; what is the user's own stays where it is."""
    (user.root / "mine/joints").mkdir(parents=True)
    own = {"source": "joints", "raw": "mine", "demo": None}
    config = yaml.safe_load((user.root / "mine.yaml").read_text(encoding="utf-8"))
    config["unlearning"]["datasets"]["own"] = own
    config["unlearning"]["tables"]["other"] = {
        "layout": "main",
        "dataset": "own",
        "concept": "violence",
    }
    (user.root / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    text = IMPORTING.replace("    config:", '    prefix: "far"\n    config:')
    text = text.replace('"results/tables"', '"far/results/tables"')
    (user.root / "Snakefile").write_text(text, encoding="utf-8")
    said = as_user(user, "--dry-run")
    assert re.search(r"(?m)^ *input: mine(,|$)", said)
    inputs = re.findall(r"input: (.*far/results/cells/.*/workflow/tables/main\.yaml.*)", said)
    assert inputs
    for name in ", ".join(inputs).split(", "):
        assert name.startswith(("far/results/", "../hmu/workflow/")), name
    as_user(user, "far/results/data/demo/raw")
    assert (user.root / "far/results/lineage/data/demo/raw.json").is_file()
    assert not (user.root / "results").exists()


def test_a_module_without_a_configuration_is_the_demo(clean: Project, user: Project) -> None:
    short = IMPORTING.replace('    config: config["unlearning"]\n', "")
    (user.root / "Snakefile").write_text(short, encoding="utf-8")
    done = clean.run("snakemake", "--dry-run", "results/tables")
    assert done.returncode == 0, shown(done)
    theirs = [each.removeprefix("unlearning_") for each in jobs(as_user(user, "--dry-run"))]
    assert sorted(theirs) == sorted([*jobs(shown(done)), "mine"])


def test_a_folder_with_braces_is_answered(root: Path, tmp_path: Path) -> None:
    project = Project(tmp_path / "of {a}")
    copy_repository(root, project.root)
    done = project.snakemake("--dry-run")
    assert done.returncode != 0
    assert "has braces in its name, which Snakemake takes for wildcards: move" in shown(done)
    assert "Error" not in shown(done)


def test_raw_data_in_a_folder_with_braces_are_answered(clean: Project, tmp_path: Path) -> None:
    config = yaml.safe_load((clean.root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    raw = tmp_path / "take{1}"
    raw.mkdir()
    config["datasets"]["demo"] = {"source": "humanml3d", "raw": str(raw)}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    words = ("--configfile", str(tmp_path / "mine.yaml"), "--cores", "1")
    done = clean.run("snakemake", "--dry-run", *words)
    assert done.returncode != 0
    assert f"datasets.demo.raw: {raw} has braces in its name" in shown(done)
    assert "Error" not in shown(done)


def test_motions_made_elsewhere_in_a_folder_with_braces_are_answered(
    clean: Project, tmp_path: Path
) -> None:
    config = yaml.safe_load((clean.root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    config["backbones"]["theirs"] = {"kind": "generations", "motions": "a{b}"}
    config["variants"] = {"original": {"method": "original"}}
    table = {**config["tables"]["demo-violence"], "backbone": "theirs"}
    take_tables(config, {"theirs": table})
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    words = ("--configfile", str(tmp_path / "mine.yaml"), "--cores", "1")
    done = clean.run("snakemake", "--dry-run", *words)
    assert done.returncode != 0
    assert "backbones.theirs.motions: a{b} has braces in its name" in shown(done)
    assert "Error" not in shown(done)


def test_a_configuration_that_is_no_yaml_is_answered_with_its_line(
    clean: Project, tmp_path: Path
) -> None:
    """The file config.yaml, which a workflow's folder may hold."""
    (tmp_path / "config.yaml").write_text("seed: 1\ndevice: [cpu\ntables:\n", encoding="utf-8")
    words = ("snakemake", "--dry-run", "--cores", "1")
    words += ("--snakefile", str(clean.root / "Snakefile"))
    done = Project(tmp_path).run(*words, PATH=clean.environment()["PATH"])
    assert done.returncode != 0
    assert "config.yaml" in shown(done)
    assert "line 3" in shown(done)
    assert "Error" not in shown(done)
    (tmp_path / "config.yaml").write_text("- seed: 1\n", encoding="utf-8")
    done = Project(tmp_path).run(*words, PATH=clean.environment()["PATH"])
    assert done.returncode != 0
    assert "config.yaml is not a mapping of keys to values" in shown(done)
    assert "Error" not in shown(done)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read (No such file or directory): name another file"),
        ("seed: 1\ndevice: [cpu\ntables:\n", "line 3"),
        ("[" * 5000, "is not valid YAML"),
        ("# Mine\n- seed: 1\n", "line 2: a list stands where keys with their values should"),
        ("\n\nconfig.yaml\n", "line 3: a single value stands where keys with their values should"),
        ("# seed: 1\n", "says nothing: write a configuration in it, or name another file"),
        (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12\n",
            "is a Git LFS pointer, not the file itself: run `git lfs pull` where it comes from",
        ),
    ],
)
def test_what_comes_after_configfile_is_answered_before_snakemake_reads_it(
    clean: Project, tmp_path: Path, text: str | None, said: str
) -> None:
    """By the profile in the repository, since Snakemake opens the file before it reads any rule."""
    path = tmp_path / "mine.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    done = clean.run("snakemake", "--dry-run", "results/tables", "--configfile", str(path))
    assert done.returncode != 0
    lines = [line for line in shown(done).splitlines() if not line.startswith("Using workflow")]
    assert lines[0].startswith(str(path))
    assert said in shown(done)
    assert "Error" not in shown(done)
    assert "Traceback" not in shown(done)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "metrics/mine.py",
            "def compute(:\n",
            "workflow/hmu/metrics/mine.py, line 1 is not Python (",
        ),
        (
            "backbones/momask/sections.py",
            "x = (\n",
            "momask/sections.py, line 1 is not Python ('('",
        ),
        (
            "metrics/mine.py",
            'NAMES = ("mine",)\nREADS = {"each": "generatd/embedding"}\nSETTINGS = ("nonsense",)\n',
            "workflow/hmu/metrics/mine.py: READS of 'each' is of 'generatd'; did you mean",
        ),
    ],
)
def test_a_plugin_that_is_at_fault_is_answered_before_anything_is_planned(
    clean: Project, tmp_path: Path, name: str, text: str, said: str
) -> None:
    project = duplicate(clean, tmp_path / "project")
    (project.root / "workflow/hmu" / name).write_text(text, encoding="utf-8")
    done = project.snakemake("--dry-run", "results/tables")
    assert done.returncode != 0
    assert said in shown(done)
    assert ("SETTINGS has 'nonsense'; write one of: " in shown(done)) == ("nonsense" in text)
    assert "Error" not in shown(done)
    assert "Traceback" not in shown(done)


# Where nothing may be written


def test_without_the_profile_snakemake_answers_as_the_readme_says(
    clean: Project, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [1\nb: 2\n", encoding="utf-8")
    words = ("--dry-run", "results/tables", "--workflow-profile", "none", "--configfile")
    done = clean.run("snakemake", *words, str(tmp_path / "none.yaml"))
    assert done.returncode != 0
    assert "Traceback" in shown(done)
    assert "No such file or directory" in shown(done)
    done = clean.run("snakemake", *words, str(broken))
    assert done.returncode != 0
    assert "Config file is not valid JSON or YAML" in shown(done)
    assert "line" not in shown(done).partition("Config file")[2]
    assert "`--workflow-profile none`" in (clean.root / "README.md").read_text(encoding="utf-8")


def bound(project: Project, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to which the rights of files say no, also where root runs the tests."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root needs setpriv (util-linux) to be kept from what it may not write")
    without = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    return project.run(*(without if os.geteuid() == 0 else ()), *words)


def test_results_that_may_only_be_read_are_planned_and_a_folder_is_answered(
    clean: Project, tmp_path: Path
) -> None:
    project = duplicate(clean, tmp_path / "project")
    results = project.root / "results"
    results.mkdir(exist_ok=True)
    words = ("snakemake", "--dry-run", "concepts", "--configfile", CONFIG, "--cores", "1")
    results.chmod(0o555)
    planned = bound(project, *words)
    assert planned.returncode == 0, shown(planned)
    assert "concept demo/violence" in jobs(shown(planned))
    shutil.rmtree(project.root / ".snakemake")
    project.root.chmod(0o555)
    try:
        refused = bound(project, *words)
    finally:
        for folder in (project.root, results):
            folder.chmod(0o755)
    assert refused.returncode != 0
    assert ".snakemake may not be written here" in shown(refused)
    assert "Traceback" not in shown(refused)


# What runs where


@pytest.mark.parametrize(("device", "asked"), [("cpu", False), ("cuda", True), ("auto", True)])
def test_gpus_are_asked_for_unless_the_device_is_the_processor(
    clean: Project, device: str, asked: bool
) -> None:
    done = clean.snakemake("--dry-run", "results/tables", "--config", f"device={device}")
    assert done.returncode == 0, shown(done)
    assert ("gpu=1" in shown(done)) == asked


@pytest.mark.parametrize(
    ("device", "programs", "expected"),
    [
        ("cpu", ["nvidia-smi", "srun"], "cpu"),
        ("cuda", [], "gpu"),
        ("auto", [], "cpu"),
        ("auto", ["nvidia-smi"], "gpu"),
        ("auto", ["srun"], "gpu"),
    ],
)
def test_the_environment_follows_the_device_and_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, programs: list[str], expected: str
) -> None:
    """With a folder of programs in the place of the system's: a driver, a cluster, or neither."""
    for name in programs:
        (tmp_path / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.name(device) == expected


def asked(text: str) -> dict[str, tuple[int, int]]:
    """Megabytes and minutes of the rules of a dry run; of a rule, the most of any job."""
    found: dict[str, tuple[int, int]] = {}
    rule = re.compile(r"(?m)^ *(?:local)?rule (\w+):$(?s:.*?)resources: (.+)$")
    for name, resources in rule.findall(text):
        told = dict(each.split("=", 1) for each in resources.split(", "))
        amounts = (int(told.get("mem_mb", 0)), int(told.get("runtime", 0)))
        found[name] = max(found.get(name, amounts), amounts)
    return found


def test_time_follows_the_epochs_and_ends_where_the_site_says(clean: Project) -> None:
    own = yaml.safe_load((clean.root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    own["variants"]["finetuned"]["epochs"] = 500
    path = clean.root.parent / "long.yaml"
    path.write_text(yaml.safe_dump(own), encoding="utf-8")
    words = ("snakemake", "--dry-run", "results/tables", "--configfile", str(path), "--cores", "1")
    free = asked(shown(clean.run(*words)))
    assert free["unlearn_by_training"][1] > 2 * free["part"][1], "two transformers, 500 epochs"
    bound = asked(shown(clean.run(*words, "--config", "longest_job=1440")))
    assert bound["unlearn_by_training"] == (free["unlearn_by_training"][0], 1440)
    assert bound["part"][1] == 1440
    assert bound["ingest"] == free["ingest"]


# What is said at the end


def test_a_job_that_fails_is_tried_with_more_and_its_line_is_the_last_word(
    clean: Project, tmp_path: Path
) -> None:
    own = yaml.safe_load((clean.root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    own["datasets"]["demo"] = {"source": "humanml3d", "raw": str(tmp_path / "raw")}
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/index.csv").touch()
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    options = ("--configfile", str(tmp_path / "mine.yaml"), "--cores", "1", "--retries", "1")
    target = "results/data/demo/joints/data.npy"
    done = clean.run("snakemake", target, *options)
    assert done.returncode != 0
    for name in ("mem_mb", "runtime"):
        first, second = map(int, re.findall(rf"\b{name}=(\d+)", shown(done)))
        assert second == 2 * first
    again = clean.run("snakemake", target, *options, "--config", "longest_job=120")
    found = re.findall(r"\bruntime=(\d+)", shown(again))
    assert found == ["120"] * 3, "it goes on where it stopped, and 240 minutes are two such jobs"
    log = "results/logs/ingest/demo.log"
    message = (clean.root / log).read_text(encoding="utf-8").strip().removeprefix("hmu: ")
    summary = shown(done).partition("What failed:\n")[2]
    assert summary.startswith(f"{message}\n  ({log})\n")
    assert len(summary.splitlines()) < 8
