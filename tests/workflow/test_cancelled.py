"""What somebody cancels is not sent again. Programs stand in the place of Slurm's, which take every
job and say how it ended; a real Slurm does the same in test_slurm.py, but keeps no accounts."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hmu.run import cancelled

TARGET = "results/data/demo/raw"


def put(folder: Path, **programs: str) -> None:
    """Programs of these names, as shell scripts that run in ``folder``."""
    folder.mkdir(exist_ok=True)
    for name, body in programs.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\ncd '{folder}'\n{body}\n", encoding="utf-8")
        program.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs are found before all others."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return tmp_path / "bin"


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """The workflow in a folder of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Snakefile", "workflow", "slurm", "profiles", "envs"):
        (folder / name).symlink_to(root / name)
    (folder / "config.yaml").symlink_to(root / "tests" / "tiny.yaml")
    return folder


def test_a_run_sends_what_was_cancelled_once_and_says_so_at_its_end(
    project: Path, programs: Path
) -> None:
    """On a cluster with accounts, which say by whom."""
    put(
        programs,
        sbatch="echo job >> sent; wc -l < sent",
        sacct="touch sent; seq $(wc -l < sent) | sed 's/$/|CANCELLED by 1000/'",
        sacctmgr="",
        scontrol="",
        sinfo="echo all*",
        squeue="exit 1",
    )
    options = ("--retries", "1", "--slurm-init-seconds-before-status-checks", "1")
    snakemake = str(Path(sys.executable).parent / "snakemake")
    done = subprocess.run(
        [snakemake, "--profile", "slurm", *options, "--", TARGET],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert (programs / "sent").read_text(encoding="utf-8") == "job\n"
    assert (
        "What failed:\nSlurm job 1 was cancelled, and is not sent again in this run: start"
        f" snakemake again to run it.\n  ({TARGET})\n"
    ) in done.stderr


class Job:
    """As Snakemake's own, which is tried once more as long as `tried_again` is true."""

    restart_times = 2
    name = "made"
    output = ("made.txt",)

    def __init__(self) -> None:
        self._attempt = 1

    @property
    def attempt(self) -> int:
        return self._attempt

    def tried_again(self) -> bool:
        return self.restart_times > self.attempt - 1


class Plugin:
    """An executor to which jobs have failed or run, whatever Slurm says."""

    def __init__(self, program: str, failed: set[str]) -> None:
        self.workflow = SimpleNamespace(executor_settings=SimpleNamespace(status_command=program))
        self.run_uuid = "run"
        self.failed = failed
        self.reported: dict[str, str] = {}

    async def check_active_jobs(self, active_jobs: list[Any]) -> AsyncIterator[Any]:
        for job in active_jobs:
            if job.external_jobid in self.failed:
                self.report_job_error(job, msg="failed", aux_logs=["job.log"])
            else:
                yield job

    def report_job_error(self, job_info: Any, msg: str | None = None, **more: Any) -> None:
        self.reported[job_info.external_jobid] = f"{msg}{' again' * job_info.job.tried_again()}"


async def running(plugin: Any, jobs: list[Any]) -> list[str]:
    return [job.external_jobid async for job in plugin.check_active_jobs(jobs)]


@pytest.mark.parametrize(("program", "by"), [("sacct", " by 1000"), ("squeue", "")])
def test_cancelled_jobs_alone_are_given_up_whatever_the_plugin_takes_them_for(
    programs: Path, program: str, by: str
) -> None:
    states = "TIMEOUT OUT_OF_MEMORY NODE_FAIL PREEMPTED FAILED RUNNING COMPLETING PENDING".split()
    states += [f"CANCELLED{by}"] * 2
    lines = "\\n".join(f"{number}|{state}" for number, state in enumerate(states))
    put(programs, **{program: f"echo '{lines}'"})
    plugin = cancelled.heeding(Plugin)(program, failed={*"01234", "8"})
    jobs = [SimpleNamespace(external_jobid=str(number), job=Job()) for number in range(len(states))]

    assert asyncio.run(running(plugin, jobs)) == ["5", "6", "7"]
    of = {number: plugin.reported.pop(number).strip() for number in ("8", "9")}
    assert plugin.reported == dict.fromkeys("01234", "failed again")
    for number, said in of.items():
        assert said == (
            f"Slurm job {number} was cancelled, and is not sent again in this run: start snakemake"
            " again to run it."
        )


def test_the_first_look_may_come_before_the_run_has_its_name(programs: Path) -> None:
    """The plugin's thread, which would end for ever, does not wait for the executor to be whole."""
    put(programs, squeue="touch asked")
    plugin = cancelled.heeding(Plugin)("squeue", failed=set())
    del plugin.run_uuid
    assert asyncio.run(running(plugin, [])) == []
    assert not (programs / "asked").exists()


def test_what_slurm_refused_has_failed(programs: Path) -> None:
    put(programs, squeue="echo '|CANCELLED'")
    plugin = cancelled.heeding(Plugin)("squeue", failed=set())
    plugin.report_job_error(SimpleNamespace(external_jobid=None, job=Job()), "refused")
    assert plugin.reported == {None: "refused again"}


def test_an_executor_is_made_to_heed_once() -> None:
    executor = cancelled.heeding(Plugin)
    assert cancelled.heeding(executor) is executor
    assert executor is not Plugin


@pytest.mark.parametrize("body", ["exit 1", "echo '1|CANCELLED'; exec sleep 60", "echo '|'; echo"])
def test_a_slurm_that_does_not_answer_says_nothing_of_any_job(
    programs: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(cancelled, "_PATIENCE", 0.5)
    put(programs, sacct=body, squeue=body)
    assert cancelled.among("sacct", "run", ["1", "2"]) == set()
    assert cancelled.among("squeue", "run", ["1", "2"]) == set()
    monkeypatch.setenv("PATH", str(programs / "none"))
    assert cancelled.among("sacct", "run", ["1", "2"]) == set()


@pytest.mark.parametrize("program", ["sacct", "squeue"])
def test_only_jobs_that_were_asked_after_are_named(programs: Path, program: str) -> None:
    put(
        programs, **{program: "echo '1|CANCELLED\\n2|COMPLETED\\n4_1|CANCELLED by 0\\n5|CANCELLED'"}
    )
    assert cancelled.among(program, "run", ["1", "2", "3", "4_1"]) == {"1", "4_1"}
