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
    parser.add_argument("target", nargs="*", metavar="TARGET", help="as for snakemake")
    parser.add_argument("--configfile", nargs="+", default=[], metavar="FILE")
    parser.add_argument(
        "--recorded",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="results of another run, for what these do not tell; repeatable",
    )


def plan(arguments: Namespace) -> int:
    """Show, for any target, how many jobs of each rule would run, their time, GPU hours and disk,
    and how many are reused because their results are up to date.

    Times are those that the same job took when it last ran, or the mean of its rule's, and so are
    the sizes; both as recorded in results/ or in --recorded. Time is that of all jobs one after
    another. Of rules that never ran nothing is known, and that is said.
    """
    words = [*arguments.target]
    if arguments.configfile:
        words += ["--configfile", *arguments.configfile]
    jobs = forecast.planned(_snakemake("--dry-run", *words))
    again = forecast.reused(_snakemake("--dag", *words))
    known = forecast.Recorded.of(*[Path(paths.RESULTS), *arguments.recorded])
    lines = [each for each in forecast.forecast(jobs, again, known) if each.jobs]
    for row in _rows(lines, sum(again.values())):
        print(row)
    return 0


def _snakemake(option: str, *words: str) -> str:
    """What Snakemake prints. Raises InputError with what it says when it refuses."""
    command = [sys.executable, "-m", "snakemake", *words, option, "--nocolor", "--cores", "1"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise InputError(f"Snakemake cannot plan this:\n{said}")
    return done.stdout + done.stderr


def _rows(lines: list[Line], again: int) -> list[str]:
    total = Line("in all")
    for line in lines:
        for name in ("jobs", "seconds", "gpu_seconds", "bytes", "unknown"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
    if not lines:
        return [f"Nothing to be done: the results of {again} jobs are up to date."]
    table = [("rule", "jobs", "time", "GPU hours", "disk")]
    table += [_row(line) for line in [*lines, total]]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(text.rjust(w) for text, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in table
    ]
    rows.append(f"Reused, because it is up to date: the results of {again} jobs.")
    if total.unknown:
        rows.append(
            f"Of {total.unknown} jobs no time is known: no job of their rules was recorded here. "
            "Name the results of another run with --recorded."
        )
    return rows


def _row(line: Line) -> tuple[str, str, str, str, str]:
    time = "–" if line.unknown == line.jobs else duration(line.seconds)
    hours = f"{line.gpu_seconds / 3600:.2f}" if line.gpu_seconds else ""
    return line.rule, str(line.jobs), time, hours, size(round(line.bytes)) if line.bytes else ""
