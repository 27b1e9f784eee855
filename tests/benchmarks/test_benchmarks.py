"""The benchmarks say what they skip and why, and judge by the ratio of each round."""

import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
import torch

from benchmarks import official, timing
from benchmarks.__main__ import names
from benchmarks.cases import lcr_edit
from benchmarks.timing import Bench, Case, Result, Skip


def bench(reference: Path | None = None, rounds: int = 3, processor: bool = False) -> Bench:
    return Bench(reference, True, torch.device("cpu"), rounds, processor)


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(
        command, cwd=root / "workflow", capture_output=True, text=True, env={"PATH": ""}
    )


def test_an_empty_reference_skips_with_reasons(root: Path, tmp_path: Path) -> None:
    found = run(root, "momask_generation", "--quick", "--reference", str(tmp_path))
    assert found.returncode == 0, found.stderr
    assert "skipped momask_generation" in found.stdout
    assert "momask-codes" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["walk"], "there is no benchmark walk"),
        (["--reference", "nowhere"], "nowhere is no folder"),
        (["--rounds", "0"], "at least 1"),
    ],
)
def test_bad_arguments_are_refused(root: Path, arguments: list[str], message: str) -> None:
    found = run(root, *arguments)
    assert found.returncode == 2
    assert message in found.stderr


def test_every_case_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(Skip, match="REFERENCE"):
        official.checkout(bench(), "someone", "something")
    (tmp_path / "someone+something").mkdir()
    assert official.checkout(bench(tmp_path), "someone", "something").name == "someone+something"
    assert "momask_generation" in names()


THREADS = """
import os, sys, types

def run(names, arguments, device):
    import numpy as np
    np.ones((800, 800)) @ np.ones((800, 800))
    print(len(os.listdir("/proc/self/task")))

sys.modules["benchmarks.table"] = types.SimpleNamespace(run=run)
from benchmarks import __main__
sys.argv = ["benchmarks", "features", "--threads", "1"]
__main__.main()
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_numpy_has_as_many_threads_as_were_asked_for(root: Path) -> None:
    """It keeps those that it finds when it is loaded, whatever torch is told later."""
    script = [sys.executable, "-c", THREADS]
    found = subprocess.run(script, cwd=root / "workflow", capture_output=True, text=True, env={})
    assert found.stdout == "1\n", found.stderr


def test_matrix_products_are_counted_and_compared_with_the_peak() -> None:
    left, right = torch.rand(64, 32), torch.rand(32, 16)
    case = Case("c", "", lambda: [left @ right for _ in range(3)])
    work = 3 * 2 * 64 * 32 * 16
    assert timing.operations(case.ours) == work
    result = timing.measure(case, bench(), most=1e9)
    assert result.share == pytest.approx(work / result.ours / 1e9)
    assert timing.measure(Case("c", "", lambda: None), bench(), 1e9).share is None
    assert timing.peak(bench()) > 1e6


def test_on_a_busy_machine_what_is_computed_counts_also_in_other_processes() -> None:
    def other() -> None:
        subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)

    busy = timing.measure(Case("c", "", other), bench(rounds=1, processor=True), 1.0)
    idle = timing.measure(Case("c", "", lambda: time.sleep(0.3)), bench(processor=True), 1.0)
    assert busy.ours > 0.1 > idle.ours


@pytest.mark.parametrize("name", names())
def test_every_case_runs_at_a_small_size(name: str) -> None:
    """Our side of each, and the official one where it is at hand."""
    folder = os.environ.get("HMU_REFERENCE")
    try:
        for case in import_module(f"benchmarks.cases.{name}").cases(bench(folder and Path(folder))):
            timing.operations(case.ours)
            if case.official is not None:
                case.official()
    except Skip as reason:
        pytest.skip(str(reason))


def test_both_sides_of_lcr_choose_the_same_codes() -> None:
    folder = os.environ.get("HMU_REFERENCE")
    try:
        for case in lcr_edit.cases(bench(folder and Path(folder))):
            assert case.official is not None
            chosen = case.ours()
            assert chosen == case.official()
            assert all(len(codes) >= 16 for codes in chosen)
    except Skip as reason:
        pytest.skip(str(reason))


def test_official_modules_come_and_go(tmp_path: Path) -> None:
    package = tmp_path / "json"  # a name that Python has loaded already
    package.mkdir()
    (package / "__init__.py").write_text("import missing_thing\nWHERE = 'official'\n")
    with official.importing(tmp_path, {"missing_thing": None}) as load:
        assert load("json").WHERE == "official"
        with pytest.raises(Skip, match="nothing_like_it"):
            load("json.nothing_like_it")
    import json

    assert json.loads("1") == 1
    assert "missing_thing" not in sys.modules


def test_sides_take_turns_and_the_first_round_only_warms_up() -> None:
    calls: list[str] = []
    case = Case("c", "", lambda: calls.append("ours"), lambda: calls.append("official"))
    result = timing.measure(case, bench(rounds=3), 1.0)
    assert calls == ["ours", *["ours", "official"] * 4], "counted, warmed up, and three rounds"
    assert result.rounds == 3


@pytest.mark.parametrize(
    ("ratio", "seconds", "verdict"),
    [(2.0, None, "reached"), (3.1, None, "MISSED"), (None, 0.5, "MISSED"), (2.0, 1.0, "reached"),
     (None, None, "")],
)  # fmt: skip
def test_a_target_is_reached_or_missed(
    ratio: float | None, seconds: float | None, verdict: str
) -> None:
    case = Case("c", "", lambda: None, lambda: None, ratio=ratio, seconds=seconds)
    result = Result(case, 1.0, 3.0, 3.0, 5)
    assert result.verdict(quick=False) == verdict
    assert result.verdict(quick=True) == ""
