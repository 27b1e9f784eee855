"""A Slurm job that somebody cancelled is not sent again in the run that sent it.

To Snakemake's Slurm plugin a cancelled job is one that failed, and Snakemake sends it again. Where
`sacct` says by whom ("CANCELLED by 1000"), the plugin takes it for one that still runs, and waits
for ever (2.4 to 2.8). So the plugin's executor asks Slurm once more, by what stands here, of each
job that it calls failed or running. What Slurm ended itself (TIMEOUT, OUT_OF_MEMORY, PREEMPTED,
NODE_FAIL) is the plugin's, as ever.
"""

import subprocess
from collections.abc import AsyncIterator, Sequence
from typing import Any

NOTED: list[str] = []
"""What was said of each cancelled job, to be said again at the end of the run."""

_PATIENCE = 60.0
"""Seconds to wait for Slurm's answer."""


def heeding(executor: type) -> type:
    """The class of the plugin's executor, made to heed what was cancelled; itself if it does."""
    if issubclass(executor, _Heeding):
        return executor
    return type(executor.__name__, (_Heeding, executor), {})


def among(program: str, run: str, numbers: Sequence[str]) -> set[str]:
    """Those of the Slurm jobs ``numbers``, each of the name ``run``, that were cancelled.

    ``program`` is ``sacct`` or ``squeue``, whichever answers on this cluster. None where it does
    not, or where Slurm has forgotten the jobs.
    """
    asked = {*numbers}
    command = [program, "--noheader", "--name", run]
    if program == "sacct":
        command += ["--allocations", "--clusters", "all", "--jobs", ",".join(sorted(asked))]
        command += ["--parsable2", "--format", "JobID,State"]
    else:
        command += ["--array", "--states", "all", "--format", "%i|%T"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return set()
    states = (line.partition("|") for line in done.stdout.splitlines())
    return asked & {number for number, _, state in states if state.startswith("CANCELLED")}


class _Heeding:
    """Stands before the plugin's executor among the bases of a class: `super` is that one."""

    run_uuid: str
    workflow: Any

    async def check_active_jobs(self, active_jobs: list[Any]) -> AsyncIterator[Any]:
        """Report which jobs have ended, and yield those that run."""
        checked = super().check_active_jobs(active_jobs)  # type: ignore[misc]
        running = [job async for job in checked]
        cancelled = self._cancelled(running)
        for job in running:
            if job.external_jobid in cancelled:
                super().report_job_error(job, msg=_given_up(job))  # type: ignore[misc]
            else:
                yield job

    def report_job_error(self, job_info: Any, msg: str | None = None, **more: Any) -> None:
        """Report a job that has failed."""
        if self._cancelled([job_info]):
            msg = _given_up(job_info)
        super().report_job_error(job_info, msg=msg, **more)  # type: ignore[misc]

    def _cancelled(self, jobs: list[Any]) -> set[str]:
        sent = [job.external_jobid for job in jobs if job.external_jobid]
        if not sent:  # as when the thread that looks begins, before the run has its name
            return set()
        return among(self.workflow.executor_settings.status_command, self.run_uuid, sent)


def _given_up(job_info: Any) -> str:
    """Let Snakemake take this attempt of a job for its last one. Returns what to say of it."""
    job = job_info.job
    # Set by its property, `attempt` would have the job ask for memory and time anew, and give back
    # more of them than it took.
    job._attempt = job.restart_times + 1
    said = (
        f"Slurm job {job_info.external_jobid} was cancelled, and is not sent again in this run:"
        " start snakemake again to run it."
    )
    NOTED.append(f"{said}\n  ({[*job.output, job.name][0]})")
    return f"{said} "
