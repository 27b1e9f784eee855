"""Runs as TensorBoard reads them: a folder of event files each.

Losses are under "Scalars", a row's cells as a session under "HParams" (its address are the
hyperparameters), and which number has which address and record under "Text".
"""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from hmu.errors import InputError
from hmu.io import files
from hmu.tracking.runs import Run


def write(runs: Iterable[Run], to: Path) -> tuple[int, int]:
    """Write each run into its folder below ``to``; how many were written, and how many were there
    already. A run that has changed takes the place of what was there; nothing else is removed.

    Raises InputError where TensorBoard is not installed, and, before it removes anything, for a
    folder of a run's name that has other files than those of events.
    """
    try:
        import torch.utils.tensorboard  # noqa: F401 - says so itself where it is missing
    except ImportError as error:
        raise InputError(
            "TensorBoard is not installed: `pip install tensorboard`, then run this again."
        ) from error
    written = kept = 0
    for run in runs:
        folder = to / run.name
        suffix = f".{run.digest()[:16]}"
        if any(folder.glob(f"events.*{suffix}")):
            kept += 1
            continue
        if other := next((x for x in _inside(folder) if not x.name.startswith("events.")), None):
            raise InputError(
                f"{other} was not written for TensorBoard: name a folder of its own with --to."
            )
        temporary = files.staged(folder)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        _events(run, temporary, suffix)
        shutil.rmtree(folder, ignore_errors=True)
        files.rename({temporary: folder})
        written += 1
    return written, kept


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _events(run: Run, folder: Path, suffix: str) -> None:
    from torch.utils.tensorboard import SummaryWriter  # seconds, and an extra

    with SummaryWriter(str(folder), filename_suffix=suffix) as writer:
        for name, points in run.series.items():
            for step, value in points.items():
                writer.add_scalar(tag(name), value, step, walltime=run.time)
        writer.add_text("behind the numbers", _text(run), walltime=run.time)
        if run.values:
            numbers = {tag(each.name): each.value for each in run.values}
            writer.add_hparams(dict(run.address), numbers, run_name=".")


def tag(name: str) -> str:
    """A name with the marks that TensorBoard's tags may have: ``r@1`` becomes ``r_1``."""
    return re.sub(r"[^-/\w.]", "_", name)


def _text(run: Run) -> str:
    """A Markdown table of the addresses and records of a run's values, and the records of its
    series."""
    lines = [f"Records: {', '.join(run.records)}", ""] if run.records else []
    if run.values:
        keys = list(run.values[0].address)
        lines += ["| " + " | ".join(["column", "value", *keys, "record"]) + " |"]
        lines += ["|" + "---|" * (len(keys) + 3)]
        for each in run.values:
            told = [each.name, each.value, *each.address.values(), each.record]
            lines.append("| " + " | ".join("" if one is None else str(one) for one in told) + " |")
    return "\n".join(lines)
