"""Results that are quick to make are made again from their record, and compared.

A record's plain hash can be computed by anybody: it shows damage, not forgery. A number that does
not follow from the metrics shows when it is computed again.
"""

import contextlib
import importlib
import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hmu import registry
from hmu.io import files
from hmu.provenance import hashes
from hmu.provenance.code import Code
from hmu.provenance.lineage import Lineage, Record
from hmu.provenance.trace import Trace
from hmu.run import naming
from hmu.run.job import Job


def differences(trace: Trace) -> Iterator[str]:
    """Outputs of steps with the literal ``MADE_AGAIN = True`` that are others when the step makes
    them now of the same inputs, one line each.

    A job is left alone where its code has changed since, or where an input is not what it was:
    `hmu.provenance.verify` says so.
    """
    now, steps = Code(), registry.names("steps")
    with TemporaryDirectory(prefix=files.staged(Path("again")).name) as folder:
        for record in trace.jobs().values():
            known = record.step in steps
            quick = known and registry.literals("steps", record.step).get("MADE_AGAIN")
            if quick and _same_code(record, now):
                yield from _compared(record, trace.lineage, Path(folder))


def _same_code(record: Record, now: Code) -> bool:
    try:
        ran = now.files(f"hmu.steps.{record.step}", *record.value["plugins"])
    except OSError:
        return False
    return {name: each.behaviour for name, each in ran.items()} == {
        name: behaviour for name, (_, behaviour) in record.code.items()
    }


def _compared(record: Record, lineage: Lineage, folder: Path) -> Iterator[str]:
    """``folder`` is for all jobs in turn, and has the name of what needs not reach the disk."""
    job = _job(record, folder)
    # Where the records' paths begin: pages show them as they were given.
    with contextlib.chdir(lineage.root):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                importlib.import_module(f"hmu.steps.{record.step}").run(job)
        except Exception as error:
            summary = str(error).splitlines()[0] if str(error) else type(error).__name__
            yield f"not made by this: {next(iter(record.outputs))}, made again, fails: {summary}"
            return
        for name, path in record.job["outputs"].items():
            made, recorded = job.outputs[name], record.outputs[path]
            if not made.exists() or hashes.content(made).sha256 != recorded.sha256:
                yield f"not made by this: {path} is another when it is made again from its inputs"
            naming.remove(made)


def _job(record: Record, folder: Path) -> Job:
    """The job of a record, with all its outputs in ``folder``."""
    said = record.job
    inputs: dict[str, Path | list[Path]] = {
        name: [Path(each) for each in paths] if isinstance(paths, list) else Path(paths)
        for name, paths in said["inputs"].items()
    }
    outputs = {
        name: folder / str(number) / Path(path).name
        for number, (name, path) in enumerate(said["outputs"].items())
    }
    for path in outputs.values():
        path.parent.mkdir(exist_ok=True)
        naming.remove(path)
    return Job(
        step=record.step,
        inputs=inputs,
        outputs=outputs,
        settings=record.value["settings"],
        seed=record.value["seed"],
        threads=record.value["threads"],
        plugins=tuple(record.value["plugins"]),
        only={name: tuple(each) for name, each in said["only"].items()},
        scratch=folder / "scratch",
        kept=folder / "kept",
    )
