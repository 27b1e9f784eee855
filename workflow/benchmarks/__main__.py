"""Run the benchmarks and print a table: ``python -m benchmarks --help``."""

import argparse
import os
import pkgutil
import sys
from pathlib import Path

from benchmarks import cases
from hmu.run import threads


def names() -> list[str]:
    """Every benchmark: the modules of :mod:`benchmarks.cases`. That of evaluations, which takes
    half an hour of one core, is the last: whoever stops it has seen the others."""
    found = (each.name for each in pkgutil.iter_modules(cases.__path__))
    return sorted(found, key=lambda name: (name == "evaluation", name))


def main() -> int:
    """Parse the command line, measure, print. Returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which ones (all): {', '.join(names())}")
    parser.add_argument(
        "--reference",
        type=Path,
        default=os.environ.get("HMU_REFERENCE") or None,
        help="folder with checkouts of the official code, owner+name or owner/name each",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to try everything")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each case, at most")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count() or 1, help="threads of both sides (all)"
    )
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="seconds that this process and those it starts compute, for a machine that others use",
    )
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; known: {', '.join(names())}")
    if arguments.reference is not None and not arguments.reference.is_dir():
        parser.error(f"{arguments.reference} is no folder: give the one that holds the checkouts")
    if min(arguments.rounds, arguments.threads) < 1:
        parser.error("--rounds and --threads must be at least 1")
    # Before numpy and scipy are loaded, which keep the threads that they find then.
    threads.limit(arguments.threads)
    from benchmarks import table
    from hmu.errors import InputError
    from hmu.run import device

    try:
        where = device.choose(arguments.device)
    except InputError as error:
        parser.error(str(error))
    return table.run(arguments.names or names(), arguments, where)


if __name__ == "__main__":
    sys.exit(main())
