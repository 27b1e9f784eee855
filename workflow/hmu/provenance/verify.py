"""Whether every file behind a result is still what the records say it was."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from hmu.io import files
from hmu.io.amounts import size
from hmu.provenance import checkout, hashes
from hmu.provenance.code import Code
from hmu.provenance.hashes import Content, Now
from hmu.provenance.lineage import Record
from hmu.provenance.needs import unlike_its_step
from hmu.provenance.trace import Trace


@dataclass
class Findings:
    """``problems`` are what is wrong with files, ``changed_code`` is what a new run would do
    otherwise, ``notes`` what an auditor may like to know; one line each."""

    problems: list[str] = field(default_factory=list)
    changed_code: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    jobs: int = 0
    files: int = 0
    bytes: int = 0
    trusted: int = 0
    root: str = ""

    def summary(self) -> str:
        """One line with the counts."""
        seen = f"{self.files} files ({size(self.bytes)}) of {self.jobs} jobs"
        if self.trusted:
            seen += f" ({self.trusted} unchanged since they were last read; --full reads all)"
        if self.problems:
            return f"WRONG: {len(self.problems)} problems; {seen} looked at"
        return f"OK: {seen} are what their records say; all records together {self.root}"


def verify(trace: Trace, full: bool = False) -> Findings:
    """Hash every file on a trace, back to the raw data, and compare with the records.

    Files of which the file system says that nobody wrote to them since they were last read are
    trusted and counted, unless ``full``; `hmu.provenance.hashes` has what it says them by.
    """
    now = Code()
    findings = Findings(jobs=len(trace.jobs()), root=_root(trace))
    findings.problems += trace.lineage.damage.values()
    claims = list(_claims(trace))
    disk = _Disk(trace, [name for name, _, _ in claims], full)
    findings.files, findings.bytes = len(disk.sha256), disk.bytes
    findings.trusted = disk.trusted
    findings.problems += disk.unreadable
    for name, expected, consumer in claims:
        findings.problems += disk.differences(name, expected, consumer)
    for record in trace.jobs().values():
        findings.problems += _other_versions(trace, record)
        findings.problems += unlike_its_step(record, now)
    findings.changed_code, findings.notes, lost = _changed_code(trace, now)
    findings.problems = list(dict.fromkeys([*findings.problems, *lost]))
    return findings


def _root(trace: Trace) -> str:
    """One hash over all records of the trace, which whoever publishes it can be held to."""
    lines = sorted(f"{record.seal}  {name}\n" for name, record in trace.records.items())
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _claims(trace: Trace) -> Iterator[tuple[str, Content, str | None]]:
    """What should be on disk: each output by its own record; each raw input by each reader's."""
    for name, record in trace.records.items():
        yield name, record.outputs[name], None
    for record in trace.jobs().values():
        for name, content in record.inputs.items():
            if not trace.sources[name]:
                yield name, content, record.made()


class _Disk:
    """The hashes of the files that the claims are about, each read once, several at a time.

    ``trusted`` counts those that were not read now.
    """

    def __init__(self, trace: Trace, names: list[str], full: bool) -> None:
        self.trace = trace
        self.unreadable: list[str] = []
        cache = trace.lineage.results / ".cache" / "hashes"
        self.now: dict[str, Now] = {}
        for name in dict.fromkeys(names):
            path = trace.lineage.path(name)
            if path.exists():
                self.now[name] = Now.of(path, cache)
        trusted: dict[Path, str] = {}
        sizes: dict[Path, int] = {}
        for now in self.now.values():
            sizes |= {path: now.stamps[inside][2] for inside, path in now.paths.items()}
            if not full:
                trusted |= {now.paths[inside]: sha for inside, sha in now.trusted.items()}
        read = self._read(sorted(sizes.keys() - trusted.keys()))
        for name, now in self.now.items():
            if own := {inside: read[path] for inside, path in now.paths.items() if path in read}:
                now.remember(trace.lineage.path(name), own, cache)
        self.sha256 = {**trusted, **read}
        self.trusted, self.bytes = len(trusted), sum(sizes.values())

    def _read(self, paths: list[Path]) -> dict[Path, str]:
        read: dict[Path, str] = {}
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for path, found in zip(paths, pool.map(_hash, paths), strict=True):
                if isinstance(found, OSError):
                    self.unreadable.append(f"unreadable: {path}: {found.strerror}")
                else:
                    read[path] = found
        return read

    def differences(self, name: str, expected: Content, consumer: str | None) -> Iterator[str]:
        """How the disk differs from a claim, one line a file."""
        by = f" (as {consumer} read it)" if consumer else ""
        lineage = self.trace.lineage
        ours = consumer is not None and lineage.is_ours(name)
        if ours and lineage.address(name) not in lineage.damage:
            yield f"no record: {name}, which {consumer} was made from"
        found = self.now[name].paths if name in self.now else None
        if found is None:
            if expected.files != {}:  # DVC keeps no directory without files
                yield f"missing: {name}{by}"
            return
        wanted = expected.files if expected.files is not None else {"": (expected.sha256, 0)}
        if ("" in wanted) != ("" in found):
            yield f"changed: {name} is not a {'file' if '' in wanted else 'directory'} any more{by}"
            return
        for inside, (sha, _) in wanted.items():
            full = f"{name}/{inside}" if inside else name
            if inside not in found:
                yield f"missing: {full}{by}"
            elif (now := self.sha256.get(found[inside], sha)) != sha:
                yield f"changed: {full}: sha256 {now[:12]} now, {sha[:12]} in the record{by}"
        for inside in found.keys() - wanted.keys():
            if expected.only and not hashes.fits(inside, expected.only):
                continue  # a file that nobody reads
            yield f"added: {name}/{inside} is not in the record{by}"


def _hash(path: Path) -> str | OSError:
    try:
        return files.sha256(path)
    except OSError as error:
        return error


def _other_versions(trace: Trace, record: Record) -> Iterator[str]:
    """Inputs that their own producers have since made otherwise."""
    for name, read in record.inputs.items():
        for producer in trace.sources[name]:
            made = trace.records[producer].outputs[producer]
            for inside, before, after in _pairs(name, read, producer, made):
                if before != after:
                    yield (
                        f"outdated: {record.made()} was made from another version of {inside}"
                        f" (sha256 {before[:12]}, now {after[:12]} by its own record)"
                    )


def _pairs(
    name: str, read: Content, producer: str, made: Content
) -> Iterator[tuple[str, str, str]]:
    """(file, hash when read, hash when made) where an input and an output overlap."""
    if name == producer:
        yield name, read.sha256, made.sha256
    elif PurePosixPath(name).is_relative_to(producer):
        inside = PurePosixPath(name).relative_to(producer).as_posix()
        yield name, read.sha256, (made.files or {}).get(inside, ("", 0))[0]
    else:
        below = PurePosixPath(producer).relative_to(name).as_posix()
        listing = read.files or {}
        if made.files is None:
            yield producer, listing.get(below, ("absent", 0))[0], made.sha256
        for inside, (sha, _) in (made.files or {}).items():
            yield f"{producer}/{inside}", listing.get(f"{below}/{inside}", ("absent", 0))[0], sha


def _changed_code(trace: Trace, now: Code) -> tuple[list[str], list[str], list[str]]:
    """Source files that do not do what they did in the recorded jobs, those that only read
    otherwise, and of the first those that nobody can read any more; one line each."""
    root = now.package.parent
    users: Counter[tuple[str, str, str]] = Counter()
    for record in trace.jobs().values():
        for name, (sha256, behaviour) in record.code.items():
            users[name, sha256, behaviour] += 1
    changed, reworded, other = [], [], []
    for (name, sha256, behaviour), count in sorted(users.items()):
        try:
            source = now.source(root / name)
        except (OSError, SyntaxError) as error:
            gone = isinstance(error, FileNotFoundError)
            state = "has gone" if gone else f"cannot be read ({error})"
            changed.append(f"code: {name} {state} since {count} of the jobs ran")
            other.append((name, sha256, count))
            continue
        if source.behaviour != behaviour:
            changed.append(
                f"code: {name} behaves otherwise than when {count} of the jobs ran:"
                " a run now would make them again"
            )
            other.append((name, sha256, count))
        elif source.sha256 != sha256:
            reworded.append(f"prose: {name} has other comments or wording, and does the same")
    lost, unasked = _lost(now, other)
    return changed, list(dict.fromkeys([*reworded, *unasked])), lost


def _lost(now: Code, other: list[tuple[str, str, int]]) -> tuple[list[str], list[str]]:
    """Which of the ``other`` sources (name, SHA-256, jobs that ran it) no commit has, and a note
    where git does not tell; one line each."""
    package = now.package
    known = {name: checkout.versions(package, name.partition("/")[2]) for name, _, _ in other}
    lost = [
        f"code: {name} as {count} of the jobs ran it is in no commit: nobody can read it"
        for name, sha256, count in other
        if (versions := known[name]) is not None and sha256 not in versions
    ]
    if None not in known.values():
        return lost, []
    why = checkout.silence(package) or "git does not tell"
    return lost, [f"code: nobody looked whether a commit has what these jobs ran, since {why}"]
