"""Runs a job: outputs appear whole or not at all, and with them the record of how."""

import hashlib
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from functools import cache
from io import TextIOBase
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, TextIO

import hmu
from hmu import registry
from hmu.errors import InputError
from hmu.provenance import checkout, code, hashes, machine
from hmu.provenance.code import Code
from hmu.provenance.hashes import Content, Reading
from hmu.provenance.lineage import FORMAT, Lineage, seal
from hmu.run import energy, lock, naming, parent, threads
from hmu.run.job import Job


def execute(text: str, log: Path | None = None, *, by_hand: bool = False, **more: Any) -> int:
    """Run the job that JSON ``text`` and ``more`` describe; copy what it prints to ``log``.

    ``by_hand``: no run of the workflow has said of its records what :func:`warn` says.
    Returns the exit status: 0 done; 2 the input is at fault (one message); 1 anything else (one
    line; the traceback is in the log, or on standard error without a log or with HMU_DEBUG=1).
    """
    with _tee(log) as record:
        step = "?"
        try:
            job = Job.parse(text, **more)
            step = job.step
            if by_hand:
                warn(job.results)
            with _terminable():
                perform(job)
        except InputError as error:
            print(f"hmu: {error}", file=sys.stderr)
            return 2
        except Exception as error:
            import traceback  # a job that succeeds does without

            shown = record is None or os.environ.get("HMU_DEBUG") == "1"
            traceback.print_exc(file=sys.stderr if shown else record)
            where = "" if shown else f"; the traceback is in {log}"
            summary = f"{type(error).__name__}: {error}".splitlines()[0]
            print(f"hmu: step {step} failed with {summary}{where}", file=sys.stderr)
            return 1
    return 0


@cache
def warn(results: Path) -> None:
    """Say, once in a process, if the records that it writes will name no commit of the code."""
    if refused := checkout.refusal(code.PACKAGE, results / ".cache" / "commits"):
        print(refused, file=sys.stderr)


def perform(job: Job) -> None:
    """Run the step with its outputs under temporary names, then name them and write the record.

    Raises InputError for an unknown step, a missing input or an output outside the results.
    Whatever the step raises passes through; no output then exists under its final name, or an older
    one stays as it was.
    """
    registry.source("steps", job.step)
    reading = read(job)
    lineage = Lineage(job.results)
    for path in job.outputs.values():
        if not lineage.is_ours(lineage.name(path)):
            raise InputError(f"The output {path} is not inside {job.results}: write it there.")
    threads.limit(job.threads)
    parent.end_together()
    with lock.alone(job.outputs.values(), job.results, f"step {job.step}") as held:
        _perform(job, reading, lineage, held)


def _perform(job: Job, reading: Reading, lineage: Lineage, held: lock.Held) -> None:
    cache = job.results / ".cache" / "hashes"
    sources = Code(notes=job.results / ".cache" / "code.json")
    sources.digest(*modules(job))  # as they are before the step loads them
    before = set(sys.modules)
    with energy.Meter(energy.POWERCAP, gpu=job.settings.get("device", "cpu") != "cpu") as meter:
        started, clock = datetime.now(UTC), time.perf_counter()
        step = importlib.import_module(f"hmu.steps.{job.step}")
        staged = {name: naming.prepare(path) for name, path in job.outputs.items()}
        place = job.results / ".scratch" / _key(job, step, reading.contents, sources)
        scratch = naming.adopt(place)
        resumed = scratch.exists()
        kept = _kept(job, step, reading.contents, sources)
        try:
            step.run(job._replace(outputs=staged, scratch=scratch, kept=kept))
            seconds, joules = time.perf_counter() - clock, meter.joules()
            _hold(job, staged, sys.modules.keys() - before, sources)
            outputs = {job.outputs[name]: hashes.content(staged[name]) for name in staged}
            if touched := reading.touched():
                naming.remove(place)  # it may stem from what the record would not name
                raise InputError(_unproved(job, touched))
            record = _record(job, lineage, reading.contents, outputs, sources, started, seconds)
            record["energy"] = joules
            record["resumed"] = resumed  # then time and energy are those of the last run alone
            sealed = seal(record)

            def begin() -> None:
                held.check()
                for path in job.outputs.values():
                    lineage.forget(lineage.name(path))

            naming.swap({staged[name]: path for name, path in job.outputs.items()}, begin)
            lineage.write(sealed, [lineage.name(path) for path in outputs])
        finally:
            for path in staged.values():
                naming.remove(path)
    for path, found in outputs.items():
        hashes.remember(path, found, cache)
    naming.remove(place)
    for old in kept.parent.glob("*"):
        if old != kept:
            naming.remove(old)


def _unproved(job: Job, touched: list[str]) -> str:
    more = f" and {len(touched) - 3} more" if len(touched) > 3 else ""
    return (
        f"{', '.join(touched[:3])}{more} changed while step {job.step} read it, so nobody can say"
        " what the output was made from: leave inputs alone while jobs run, and start again."
    )


def read(job: Job) -> Reading:
    """What the inputs of a job hold, by path, as its record says it.

    Raises InputError for a missing input.
    """
    for path in job.all_inputs():
        if not path.exists():
            raise InputError(f"{path} is missing: run the step that makes it, or correct the path.")
    only = {job.input(name): patterns for name, patterns in job.only.items()}
    return Reading.of(job.all_inputs(), only, job.results / ".cache" / "hashes")


def _hold(job: Job, staged: Mapping[str, Path], loaded: Set[str], sources: Code) -> None:
    """Hold a step that ran to what its job declares: its outputs and its modules."""
    absent = [name for name, path in staged.items() if not path.exists()]
    if absent:
        raise RuntimeError(f"step {job.step} did not write its outputs {', '.join(absent)}")
    declared = {str(path) for path in sources.closure(*modules(job))}
    ours = {name: sys.modules[name] for name in loaded if _is_ours(name)}
    undeclared = [name for name, module in ours.items() if _source(module) not in declared]
    if undeclared:
        # Otherwise a change of that module would not make the workflow run this job again.
        raise RuntimeError(
            f"step {job.step} loaded {', '.join(sorted(undeclared))} by name:"
            " its rule must list it among the job's plugins"
        )


def modules(job: Job) -> tuple[str, ...]:
    """The modules that a job runs: its step and its plugins."""
    return (f"hmu.steps.{job.step}", *job.plugins)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == hmu.__name__


def _source(module: ModuleType) -> str:
    return str(Path(module.__file__ or "").resolve())


def _record(
    job: Job,
    lineage: Lineage,
    inputs: Mapping[Path, Content],
    outputs: dict[Path, Content],
    sources: Code,
    started: datetime,
    seconds: float,
) -> dict[str, Any]:
    peak = machine.peak_memory()  # before git runs as a child
    ran = sources.files(*modules(job))
    notes = job.results / ".cache" / "commits"
    return {
        "format": FORMAT,
        "step": job.step,
        "rule": job.rule or job.step,
        "inputs": [lineage.slim(lineage.name(path), found) for path, found in inputs.items()],
        "outputs": [
            {"path": lineage.name(path), **found.as_json()} for path, found in outputs.items()
        ],
        "job": {
            "inputs": {name: _named(lineage, each) for name, each in job.inputs.items()},
            "outputs": {name: lineage.name(each) for name, each in job.outputs.items()},
            "only": dict(job.only),
        },
        "settings": dict(job.settings),
        "seed": job.seed,
        "threads": job.threads,
        "plugins": list(job.plugins),
        "code": {
            "digest": code.combine(ran),
            "files": {
                name: {"sha256": each.sha256, "behaviour": each.behaviour}
                for name, each in ran.items()
            },
        },
        "version": getattr(hmu, "__version__", None),
        "git": checkout.state(sources.package, sources.closure(*modules(job)), notes),
        "packages": machine.packages(),
        "device": machine.device(),
        "machine": machine.describe(),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="microseconds"),
        "seconds": round(seconds, 3),
        "peak_memory": peak,
    }


def _named(lineage: Lineage, path: Path | list[Path]) -> str | list[str]:
    return [lineage.name(each) for each in path] if isinstance(path, list) else lineage.name(path)


def _key(job: Job, step: ModuleType, inputs: Mapping[Path, Content], sources: Code) -> str:
    """Names the job and all it depends on, so that scratch data never serves another.

    Threads are part of it: how many share the arithmetic of a training changes its last bits. The
    ``RESUMES_ACROSS`` of a step names what its scratch data is free of: settings, threads.
    """
    free = getattr(step, "RESUMES_ACROSS", ())
    what = {
        "step": job.step,
        "outputs": [path.as_posix() for path in job.outputs.values()],
        "inputs": [[path.as_posix(), found.sha256] for path, found in inputs.items()],
        "settings": {name: value for name, value in job.settings.items() if name not in free},
        "seed": job.seed,
        "threads": None if "threads" in free else job.threads,
        "code": sources.digest(*modules(job)),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode("utf-8")).hexdigest()[:32]


def _kept(job: Job, step: ModuleType, inputs: Mapping[Path, Content], sources: Code) -> Path:
    """The directory of :mod:`hmu.run.kept`: that of the outputs, for all that they depend on but
    what ``KEEPS_ACROSS`` of the step names."""
    across = getattr(step, "KEEPS_ACROSS", ())
    asked = {path for name in across if name in job.inputs for path in job.input_list(name)}
    rest = {path: found for path, found in inputs.items() if path not in asked}
    outputs = "\n".join(path.as_posix() for path in job.outputs.values())
    place = hashlib.sha256(outputs.encode("utf-8")).hexdigest()[:32]
    return job.results / ".cache" / "kept" / place / _key(job, step, rest, sources)


class _Tee(TextIOBase):
    """Text that goes to two streams, flushed at once so that a crash loses nothing."""

    def __init__(self, first: TextIO, second: TextIO) -> None:
        self.first, self.second = first, second

    def write(self, text: str) -> int:
        for stream in (self.first, self.second):
            stream.write(text)
            stream.flush()
        return len(text)

    def isatty(self) -> bool:
        return self.first.isatty()

    def fileno(self) -> int:
        return self.first.fileno()

    def writable(self) -> bool:
        return True


@contextmanager
def _tee(log: Path | None) -> Iterator[TextIO | None]:
    """Copy standard output and error to ``log`` meanwhile; yields the open log."""
    if log is None:
        yield None
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        out, err = _Tee(sys.stdout, stream), _Tee(sys.stderr, stream)
        with redirect_stdout(out), redirect_stderr(err):
            yield stream


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM (a cluster's way to end a job) and Ctrl-C into an exit that cleans up."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGINT)
    try:
        before = [signal.signal(number, leave) for number in numbers]
    except ValueError:  # not in the main thread: the caller minds its own signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
