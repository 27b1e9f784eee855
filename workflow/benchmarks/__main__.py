"""Run the benchmarks and print a table: ``python -m benchmarks --help``."""

import argparse
import importlib
import os
import pkgutil
import sys
from pathlib import Path

import torch

from benchmarks import cases
from benchmarks.timing import Bench, Result, Skip, measure
from hmu.errors import InputError
from hmu.provenance import machine
from hmu.run import device


def names() -> list[str]:
    """Every benchmark: the modules of :mod:`benchmarks.cases`."""
    return sorted(each.name for each in pkgutil.iter_modules(cases.__path__))


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
        "--threads", type=int, default=torch.get_num_threads(), help="threads of both sides (all)"
    )
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="seconds that this process computes, for a machine that others use",
    )
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(names()))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; known: {', '.join(names())}")
    if arguments.reference is not None and not arguments.reference.is_dir():
        parser.error(f"{arguments.reference} is no folder: give the one that holds the checkouts")
    if min(arguments.rounds, arguments.threads) < 1:
        parser.error("--rounds and --threads must be at least 1")
    torch.set_num_threads(arguments.threads)
    try:
        where = device.choose(arguments.device)
    except InputError as error:
        parser.error(str(error))
    bench = Bench(
        arguments.reference, arguments.quick, where, arguments.rounds, arguments.processor_time
    )
    results, skipped = [], []
    for name in arguments.names or names():
        try:
            for case in importlib.import_module(f"benchmarks.cases.{name}").cases(bench):
                print(f"{name}: {case.name} ...", file=sys.stderr, flush=True)
                results.append(measure(case, bench))
                print(_row(results[-1], bench.quick), file=sys.stderr, flush=True)
        except Skip as reason:
            skipped.append(f"{name}: {reason}")
    _print(results, skipped, bench)
    return 1 if any(result.verdict(bench.quick) == "MISSED" for result in results) else 0


_HEADER = ("benchmark", "ours s", "official s", "ratio", "target", "", "rounds", "size")


def _row(result: Result, quick: bool) -> str:
    case = result.case
    wanted = [f"{case.ratio:g}x"] if case.ratio is not None else []
    wanted += [f"{case.seconds:g} s"] if case.seconds is not None else []
    cells = (
        case.name,
        f"{result.ours:.3g}",
        "-" if result.official is None else f"{result.official:.3g}",
        "-" if result.ratio is None else f"{result.ratio:.2f}",
        ", ".join(wanted) or "-",
        result.verdict(quick),
        str(result.rounds),
        "; ".join(part for part in (case.size, case.note) if part),
    )
    return _line(cells)


def _line(cells: tuple[str, ...]) -> str:
    name, ours, official, ratio, target, verdict, rounds, size = cells
    return (
        f"{name:34} {ours:>9} {official:>10} {ratio:>7} {target:>7} {verdict:8} {rounds:>6}  {size}"
    )


def _print(results: list[Result], skipped: list[str], bench: Bench) -> None:
    """The table: medians of seconds, and of the ratios of official to ours, round by round."""
    where = machine.device() if bench.device.type == "cpu" else torch.cuda.get_device_name()
    print(f"\n{where}, {torch.get_num_threads()} thread(s), torch {torch.__version__}, float32")
    if bench.processor:
        print("Seconds of this process on the processor (--processor-time), not seconds that pass.")
    if bench.quick:
        print("Small sizes (--quick): targets are not judged.")
    print(_line(_HEADER))
    for result in results:
        print(_row(result, bench.quick))
    for line in skipped:
        print(f"skipped {line}")


if __name__ == "__main__":
    sys.exit(main())
