"""`hmu track`: trainings and cells for TensorBoard."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu import paths
from hmu.errors import InputError
from hmu.tracking import runs, tensorboard


def track_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "results", nargs="?", type=Path, default=Path(paths.RESULTS), metavar="RESULTS"
    )
    parser.add_argument("--to", type=Path, default=Path("tensorboard"), metavar="FOLDER")


def track(arguments: Namespace) -> int:
    """Write what has been trained and measured so far as event files, for TensorBoard.

    Each trained model is a run with its losses by epoch, each row of a table one with its cells,
    their addresses and the records of the jobs that made them. Results are read and not changed.
    What was written before is kept where it is still so, also while Snakemake runs.
    """
    if arguments.to.resolve().is_relative_to(arguments.results.resolve()):
        raise InputError(
            f"{arguments.to} is inside the results: name a folder elsewhere with --to."
        )
    found = list(runs.finished(arguments.results)) if arguments.results.is_dir() else []
    if not found:
        raise InputError(
            f"{arguments.results} has no training and no cell yet: name a folder of results."
        )
    written, kept = tensorboard.write(found, arguments.to)
    print(f"{written} runs written, {kept} as before: tensorboard --logdir {arguments.to}")
    return 0
