"""Measure cases one after the other, and print them as a table."""

import importlib
import sys
from argparse import Namespace
from collections.abc import Sequence

import torch

from benchmarks.timing import Bench, Result, Skip, measure, peak
from hmu.provenance import machine


def run(names: Sequence[str], arguments: Namespace, device: torch.device) -> int:
    """Measure the benchmarks of these names as the ``arguments`` of the command line say.

    Returns 1 when a target is missed.
    """
    torch.set_num_threads(arguments.threads)
    bench = Bench(
        arguments.reference, arguments.quick, device, arguments.rounds, arguments.processor_time
    )
    most = peak(bench)
    results, skipped = [], []
    for name in names:
        try:
            for case in importlib.import_module(f"benchmarks.cases.{name}").cases(bench):
                print(f"{name}: {case.name} ...", file=sys.stderr, flush=True)
                results.append(measure(case, bench, most))
                print(_row(results[-1], bench.quick), file=sys.stderr, flush=True)
        except Skip as reason:
            skipped.append(f"{name}: {reason}")
    _print(results, skipped, bench, most)
    return 1 if any(result.verdict(bench.quick) == "MISSED" for result in results) else 0


_HEADER = (
    *("benchmark", "ours s", "official s", "ratio", "target", "", "of peak", "load"),
    *("rounds", "size"),
)


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
        f"{100 * result.share:.0f}%" if result.share else "-",
        f"{result.load:.1f}",
        str(result.rounds),
        "; ".join(part for part in (case.size, case.note) if part),
    )
    return _line(cells)


def _line(cells: tuple[str, ...]) -> str:
    name, ours, official, ratio, target, verdict, share, load, rounds, size = cells
    return (
        f"{name:34} {ours:>9} {official:>10} {ratio:>7} {target:>7} {verdict:8} {share:>7} "
        f"{load:>5} {rounds:>6}  {size}"
    )


def _print(results: list[Result], skipped: list[str], bench: Bench, most: float) -> None:
    """The table: medians of seconds, and of the ratios of official to ours, round by round."""
    where = machine.device() if bench.device.type == "cpu" else torch.cuda.get_device_name()
    print(f"\n{where}, {torch.get_num_threads()} thread(s), torch {torch.__version__}, float32")
    print(
        f"Matrix products reach {most / 1e9:,.0f} GFLOP/s here; “of peak” is the share of it at "
        "which ours computes its matrix products and convolutions, all else counted as time. “Load”"
        " is the machine's in the last minute, this process included."
    )
    if bench.processor:
        print(
            "Seconds that this process and those it starts compute (--processor-time), not those "
            "that pass."
        )
    if bench.quick:
        print("Small sizes (--quick): targets are not judged.")
    print(_line(_HEADER))
    for result in results:
        print(_row(result, bench.quick))
    for line in skipped:
        print(f"skipped {line}")
