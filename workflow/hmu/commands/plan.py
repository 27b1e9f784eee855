"""`hmu plan`: what a run would do, and what it would take."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu import paths
from hmu.errors import InputError
from hmu.io.amounts import duration, size
from hmu.run import forecast
from hmu.run.forecast import Line


def plan_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target",
        nargs="*",
        metavar="TARGET",
        help="what to make, as for snakemake: results/tables, a file, a rule; all by default",
    )
    parser.add_argument(
        "--configfile",
        nargs="+",
        default=[],
        metavar="FILE",
        help="as for snakemake; without it, config.yaml",
    )
    parser.add_argument(
        "--recorded",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="the results/ of another run, for times and sizes that are not known here; repeatable",
    )


def plan(arguments: Namespace) -> int:
    """Show, for any target, how many jobs of each rule would run, their time, GPU hours and disk,
    and how many are reused because their results are up to date.

    Times are those that the same job took when it last ran, or the mean of its rule's, and so are
    the sizes; both as recorded in results/ or in --recorded. Time is that of all jobs one after
    another: on several cores a run takes less. Of rules that never ran nothing is known, and that
    is said. Nothing is made or changed.
    """
    words = [*arguments.target]
    if arguments.configfile:
        words += ["--configfile", *arguments.configfile]
    jobs = forecast.planned(_snakemake("--dry-run", *words))
    again = forecast.reused(_snakemake("--dag", *words))
    known = forecast.Recorded.of(*[Path(paths.RESULTS), *arguments.recorded])
    lines = [each for each in forecast.forecast(jobs, again, known) if each.jobs]
    for row in rows(lines, sum(again.values())):
        print(row)
    return 0


def _snakemake(option: str, *words: str) -> str:
    """What Snakemake prints. Raises InputError with what it says when it refuses."""
    command = [sys.executable, "-m", "snakemake", *words, option, "--nocolor", "--cores", "1"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise InputError(f"Snakemake cannot plan this:\n{_refusal(done.stdout, done.stderr)}")
    return done.stdout + done.stderr


def _refusal(out: str, error: str) -> str:
    """Why, without what Snakemake says of every run. Of a dry run it says that on ``out``."""
    _, _, why = out.partition("Building DAG of jobs...\n")
    told = [line for line in error.splitlines() if not line.startswith("Using workflow specific")]
    return "\n".join([*told, *why.splitlines()]) or out


def rows(lines: list[Line], again: int) -> list[str]:
    """What is printed: the table, without columns that say nothing, and what it leaves unsaid."""
    total = Line("in all")
    for line in lines:
        for name in ("jobs", "seconds", "gpu_seconds", "bytes", "unknown"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
    if not lines:
        return [f"Nothing to be done: the results of {again} jobs are up to date."]
    table = [("rule", "jobs", "time", "GPU hours", "disk"), *map(_row, [*lines, total])]
    columns = [each for each in zip(*table, strict=True) if {*each[1:]} - {"", "–"}]
    widths = [max(map(len, column)) for column in columns]
    said = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in zip(*columns, strict=True)
    ]
    said.append(
        f"Reused, because it is up to date: the results of {again} jobs."
        if again
        else "Nothing is there yet that could be reused."
    )
    another = "`--recorded FOLDER` takes the times of another run, from its results/."
    if total.unknown == total.jobs:
        said.append(f"How long they take is not known: none of these rules has run here. {another}")
    elif total.unknown:
        said.append(
            f"Of {total.unknown} jobs no time is known, and none is in the sums: their rules have "
            f"not run here. {another}"
        )
    if total.unknown < total.jobs:
        said.append("Time is that of one job after another, as such jobs took when they last ran.")
    return said


def _row(line: Line) -> tuple[str, str, str, str, str]:
    time = "–" if line.unknown == line.jobs else duration(line.seconds)
    hours = f"{line.gpu_seconds / 3600:.2f}" if line.gpu_seconds else ""
    return line.rule, str(line.jobs), time, hours, size(round(line.bytes)) if line.bytes else ""
