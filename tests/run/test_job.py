"""Jobs: whole outputs or none, messages for people, and code as an input."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hmu.errors import InputError
from hmu.provenance.code import PACKAGE, Code
from hmu.run.job import Job
from support.toy import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def test_a_job_writes_its_outputs_files_and_directories(toy: Toy) -> None:
    toy.make()
    results = toy.root / "results"
    assert (results / "counts" / "b.csv").read_text(encoding="utf-8") == "4"
    assert json.loads((results / "cells/main/sum.json").read_text(encoding="utf-8")) == 3 + 4 + 3
    assert toy.half_written() == []
    assert not (results / ".scratch").exists()


def test_a_job_can_be_told_on_standard_input(toy: Toy) -> None:
    outputs = {"counts": "results/counts", "summary": "results/summary.txt"}
    job = {"step": "count", "inputs": {"raw": "raw"}, "outputs": outputs}
    done = subprocess.run(
        [sys.executable, "-m", "hmu.cli", "step", "--log", "results/logs/c.log", "-"],
        input=json.dumps(job),
        text=True,
        cwd=toy.root,
        env=toy.environment(),
    )
    assert done.returncode == 0
    assert (toy.root / "results/summary.txt").exists()


@pytest.mark.parametrize(
    ("how", "status", "directory"),
    [
        ("input", 2, False),
        ("input", 2, True),
        ("crash", 1, False),
        ("crash", 1, True),
        ("nothing", 1, False),
    ],
)
def test_a_failed_job_leaves_nothing(toy: Toy, how: str, status: int, directory: bool) -> None:
    settings = {"how": how, "directory": directory}
    done = toy.step("fail", {}, {"out": "results/out"}, "results/logs/f.log", settings=settings)
    assert done.returncode == status
    assert list(toy.files()) == ["logs/f.log"]
    assert toy.half_written() == []


def test_an_input_error_is_one_message(toy: Toy) -> None:
    (toy.root / "raw" / "b.txt").write_text(" \n", encoding="utf-8")
    done = toy.count()
    assert done.returncode == 2
    assert done.stderr == "hmu: raw/b.txt is empty: write a caption in it.\n"
    assert done.stdout == ""


def test_a_crash_says_where_its_traceback_is(toy: Toy) -> None:
    job = {"step": "fail", "inputs": {}, "outputs": {"out": "results/out"}}
    words = ["step", json.dumps({**job, "settings": {"how": "crash"}}), "--log", "results/f.log"]
    done = toy.hmu(*words)
    assert done.stderr.count("\n") == 1
    assert "ZeroDivisionError: by nought" in done.stderr
    assert "results/f.log" in done.stderr
    log = (toy.root / "results/f.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "by nought" in log
    assert "Traceback" in toy.hmu(*words, HMU_DEBUG="1").stderr


def test_a_missing_input_is_named(toy: Toy) -> None:
    done = toy.total()
    assert done.returncode == 2
    assert "results/counts is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_job_may_be_said_in_parts(toy: Toy) -> None:
    told, named = {"step": "threads", "seed": 3}, {"inputs": {}, "outputs": {"out": "results/out"}}
    done = subprocess.run(
        [sys.executable, "-m", "hmu.cli", "step", "--rule", "count_them", "--threads", "5", "-"],
        input=f"{json.dumps(told)}\n{json.dumps(named, indent=1)}\n",
        text=True,
        cwd=toy.root,
        env=toy.environment(),
    )
    assert done.returncode == 0
    assert (toy.root / "results/out").read_text(encoding="utf-8") == "5"
    record = toy.record("out")
    said = ("rule", "step", "threads", "seed")
    assert [record[name] for name in said] == ["count_them", "threads", 5, 3]


def test_a_rule_runs_its_job_without_a_command_line(toy: Toy) -> None:
    """All that `hmu step` has options for is in the job, but for the file that it prints to."""
    job = {"step": "threads", "inputs": {}, "outputs": {"out": "results/out"}}
    done = subprocess.run(
        [sys.executable, "-m", "hmu.run", "results/logs/t.log"],
        input=json.dumps({**job, "rule": "count_them", "threads": 5}),
        text=True,
        capture_output=True,
        cwd=toy.root,
        env=toy.environment(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    record = toy.record("out")
    assert (record["rule"], record["threads"]) == ("count_them", 5)
    done = subprocess.run(
        [sys.executable, "-m", "hmu.run", "results/logs/t.log"],
        input="{}",
        text=True,
        capture_output=True,
        cwd=toy.root,
        env=toy.environment(),
    )
    assert done.returncode == 2
    assert "not a job description" in done.stderr
    assert (toy.root / "results/logs/t.log").read_text(encoding="utf-8") == done.stderr


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]{}", "{} 1", "[]", "{}"),
        '{"step": "x", "inputs": {}, "outputs": {}}',
        '{"step": "x", "inputs": {}, "outputs": {"o": "o"}, "more": 1}',
    ],
)
def test_what_is_not_a_job_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="hmu step --help"):
        Job.parse(text)


def test_an_unknown_step_is_one_message(toy: Toy) -> None:
    done = toy.step("nonesuch", {}, {"out": "results/out"})
    assert done.returncode == 2
    assert "'nonesuch'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_output_outside_the_results_is_refused_before_the_work(toy: Toy) -> None:
    """Its record could not be written, after all the work was done."""
    done = toy.step("fail", {}, {"out": "elsewhere/out"}, settings={"how": "fine"})
    assert done.returncode == 2
    assert "elsewhere/out is not inside results" in done.stderr
    assert not (toy.root / "elsewhere").exists()


@pytest.mark.parametrize("directory", [False, True])
def test_an_older_output_stays_until_the_new_one_is_whole(toy: Toy, directory: bool) -> None:
    settings = {"how": "fine", "directory": directory}
    outputs = {"out": "results/out"}
    assert toy.step("fail", {}, outputs, settings=settings).returncode == 0
    before = toy.files()
    settings["how"] = "crash"
    assert toy.step("fail", {}, outputs, settings=settings).returncode == 1
    assert toy.files() == before
    settings["how"] = "fine"
    (toy.root / "results" / "stale").touch()
    assert toy.step("fail", {}, outputs, settings=settings).returncode == 0
    assert toy.files().keys() == {*before, "stale"}


@pytest.mark.parametrize("directory", [False, True])
def test_what_a_killed_job_left_is_cleaned_up_by_the_next(toy: Toy, directory: bool) -> None:
    settings = {"how": "kill", "directory": directory}
    done = toy.step("fail", {}, {"out": "results/out"}, settings=settings)
    assert done.returncode == -signal.SIGKILL
    assert len(toy.half_written()) == 1
    settings["how"] = "fine"
    assert toy.step("fail", {}, {"out": "results/out"}, settings=settings).returncode == 0
    assert toy.half_written() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_is_told_to_end_cleans_up(toy: Toy, number: signal.Signals) -> None:
    settings = {"how": "wait", "directory": True}
    job = {"step": "fail", "inputs": {}, "outputs": {"out": "results/out"}, "settings": settings}
    command = [sys.executable, "-m", "hmu.cli", "step", json.dumps(job)]
    with subprocess.Popen(
        command, cwd=toy.root, env=toy.environment(), stderr=subprocess.PIPE
    ) as process:
        for _ in range(200):
            if (toy.root / "results/waiting").exists():
                break
            time.sleep(0.05)
        assert len(toy.half_written()) == 1
        process.send_signal(number)
        assert process.communicate(timeout=30)[1] == b""
        assert process.returncode == 128 + number
    assert list(toy.files()) == ["waiting"]
    assert toy.half_written() == []


def test_an_interrupted_step_finds_its_scratch_directory_again(toy: Toy) -> None:
    outputs = {"out": "results/out"}
    assert toy.step("resume", {}, outputs).returncode == 1
    other = toy.step("resume", {}, outputs, seed=1)
    assert other.returncode == 1, "another seed must not resume from the first one's state"
    assert toy.step("resume", {}, outputs).returncode == 0
    assert toy.record("out")["resumed"], "its seconds are those of the last run alone"
    assert (toy.root / "results/out").read_text(encoding="utf-8") == "epoch 3"
    assert len(list((toy.root / "results/.scratch").iterdir())) == 1  # only the other seed's


def test_scratch_is_not_shared_by_versions_of_an_input(toy: Toy) -> None:
    assert toy.step("resume", {"raw": "raw"}, {"out": "results/out"}).returncode == 1
    (toy.root / "raw" / "a.txt").write_text("changed", encoding="utf-8")
    assert toy.step("resume", {"raw": "raw"}, {"out": "results/out"}).returncode == 1


def test_what_a_step_prints_is_in_the_log_too(toy: Toy) -> None:
    toy.count()
    inputs, outputs = {"counts": "results/counts"}, {"total": "results/t"}
    job = {"step": "total", "inputs": inputs, "outputs": outputs}
    done = toy.hmu("step", json.dumps(job), "--log", "results/logs/deep/total.log")
    assert done.stdout == "adding up\n"
    log = (toy.root / "results/logs/deep/total.log").read_text(encoding="utf-8")
    assert log == "adding up\n"


def test_threads_are_limited_before_libraries_load(toy: Toy) -> None:
    assert toy.step("threads", {}, {"out": "results/out"}, threads=3).returncode == 0
    assert (toy.root / "results/out").read_text(encoding="utf-8") == "3"


def test_a_plugin_that_the_rule_does_not_declare_is_refused(toy: Toy) -> None:
    toy.count()
    toy.total()
    job = {"settings": {"method": "sum"}}
    inputs, outputs = {"totals": ["results/totals/all.json"]}, {"cell": "results/cell.json"}
    done = toy.step("add", inputs, outputs, plugins=["hmu.methods.most"], **job)
    assert done.returncode == 1
    assert "hmu.methods.sum" in done.stderr
    assert not (toy.root / "results/cell.json").exists()


def test_the_command_line_explains_itself(toy: Toy) -> None:
    done = toy.hmu("--help")
    assert done.returncode == 0
    assert {"step", "lineage", "verify"} <= set(done.stdout.split())
    assert "threads" in toy.hmu("step", "--help").stdout
    assert toy.hmu("--version").stdout.startswith("hmu ")
    assert toy.hmu("frobnicate").returncode == 2


def write(root: Path, modules: dict[str, str]) -> Path:
    package = root / "hmu"
    for name, text in {"__init__": "", **modules}.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


def names(package: Path, *modules: str) -> set[str]:
    return {str(path.relative_to(package)) for path in Code(package).closure(*modules)}


def test_the_closure_follows_every_form_of_import(tmp_path: Path) -> None:
    package = write(
        tmp_path,
        {
            "a": "import hmu.b\nimport numpy\n",
            "b": "def f():\n    from hmu import c\n",
            "c": "from hmu.deep.d import thing\n",
            "deep/__init__": "",
            "deep/d": "from . import e\nthing = 1\n",
            "deep/e": "from ..g import x\nif False:\n    import hmu.h as other\n",
            "g": "x = 1",
            "h": "",
            "unrelated": "",
            "deep/unrelated": "",
        },
    )
    found = names(package, "hmu.a")
    assert found == {
        *("__init__.py", "a.py", "b.py", "c.py", "g.py", "h.py"),
        *("deep/__init__.py", "deep/d.py", "deep/e.py"),
    }


def test_the_closure_stands_circles_and_finds_data_beside_a_module(tmp_path: Path) -> None:
    package = write(tmp_path, {"a": "import hmu.b\nWORDS = 'words.txt'\n", "b": "import hmu.a\n"})
    (package / "words.txt").write_text("kick", encoding="utf-8")
    assert names(package, "hmu.b") == {"__init__.py", "a.py", "b.py", "words.txt"}
    with pytest.raises(ValueError, match=r"hmu\.none"):
        Code(package).closure("hmu.none")


def test_the_digest_changes_exactly_with_what_can_be_reached(tmp_path: Path) -> None:
    def digest(number: int, **changes: str) -> str:
        modules = {"a": "import hmu.b\n", "b": "x = 1\n", "c": "y = 1\n"} | changes
        return Code(write(tmp_path / str(number), modules)).digest("hmu.a")

    first = digest(0)
    assert digest(1) == first
    assert digest(2, c="y = 2\n") == first
    assert digest(3, b="x = 2\n") != first
    assert digest(4, a="import hmu.b\nimport hmu.c\n") != first


def test_steps_do_not_depend_on_the_machinery_that_runs_them() -> None:
    """But for those that add up the times of records, and show what numbers are from."""
    machinery = {"lineage", "runner", "cli", "commands", "verify", "trace", "machine"}
    for step in sorted((PACKAGE / "steps").glob("[!_]*.py")):
        reached = {path.stem for path in Code().closure(f"hmu.steps.{step.stem}")}
        allowed = {"lineage", "trace"} if step.stem in ("cost", "report") else set()
        assert reached & machinery <= allowed, step.stem


def test_planning_and_the_command_line_do_not_load_torch() -> None:
    script = (
        "import hmu.cli, hmu.commands.lineage, hmu.commands.step, sys;"
        " print('torch' in sys.modules)"
    )
    path = str(PACKAGE.parent)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False"
