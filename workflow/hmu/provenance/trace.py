"""What a result was made from, back to the raw files: as a tree to read, and as data."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io.amounts import duration, energy, size
from hmu.provenance.lineage import Lineage, Record

_SETTINGS_WIDTH = 100
_GENERATIONS = 100
_WHOLE = {"rapl": "whole processors (RAPL)", "nvml": "whole GPU (NVML)"}
"""Whose energy a counter holds, by its kind."""


@dataclass
class Trace:
    """The records on the trace, by output name, and which input of a job comes from where."""

    lineage: Lineage
    roots: list[str]
    records: dict[str, Record] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)

    def order(self) -> list[str]:
        """The outputs, each after those that it was made from.

        Raises InputError where records say that something was made from itself, or from more
        generations than any workflow has.
        """
        made_from = {
            name: {each for read in record.inputs for each in self.sources[read]}
            for name, record in self.records.items()
        }
        try:
            order = list(TopologicalSorter(made_from).static_order())
        except CycleError as error:
            circle = " <- ".join(reversed(error.args[1]))
            raise InputError(f"Records say that a result was made from itself: {circle}.") from None
        depth: dict[str, int] = {}
        for name in order:
            depth[name] = 1 + max((depth[each] for each in made_from.get(name, ())), default=0)
            if depth[name] > _GENERATIONS:
                raise InputError(f"Records say that {name} comes after {depth[name]} generations.")
        return order

    def jobs(self) -> dict[str, Record]:
        """Each job once, by its seal."""
        return {record.seal: record for record in self.records.values()}


def back(path: Path, tolerant: bool = False) -> Trace:
    """Follow the records from ``path`` (an output, a file in one, or a directory of them).

    ``sources`` maps each input to the outputs with records that it is, is in, or
    contains; to nothing when it is raw. Raises InputError when ``path`` has no record, for records
    in a circle, and for a damaged record unless ``tolerant`` (see :class:`Lineage`).
    """
    lineage = Lineage.around(path, tolerant)
    name = lineage.name(path)
    trace = Trace(lineage, lineage.producers(name))
    if not trace.roots and not lineage.damage:
        missing = "" if path.exists() else " and does not exist"
        raise InputError(
            f"{name} has no record in {lineage.name(lineage.folder)}{missing}:"
            f" make it with `snakemake {name}`."
        )
    waiting = list(trace.roots)
    while waiting:
        output = waiting.pop()
        record = lineage.record(output)
        if output in trace.records or record is None:
            continue
        trace.records[output] = record
        for each in record.inputs:
            if each not in trace.sources:
                trace.sources[each] = lineage.producers(each)
                waiting.extend(trace.sources[each])
    trace.order()
    return trace


def as_json(trace: Trace) -> dict[str, Any]:
    """Nodes (every output and raw input on the trace) and edges (input, output, hash)."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, str]] = []
    raw: dict[str, dict[str, Any]] = {}
    for name, record in sorted(trace.records.items()):
        value = {key: each for key, each in record.value.items() if key not in _LISTS}
        found = record.outputs[name]
        nodes.append({"path": name, "kind": "output", **found.as_json(), "job": value})
        for source, content in record.inputs.items():
            producers = trace.sources[source]
            if not producers:
                raw[source] = {"path": source, "kind": "raw", **content.as_json()}
            edges += [
                {"from": producer, "to": name, "read": source, "sha256": content.sha256}
                for producer in producers or [source]
            ]
    return {"roots": trace.roots, "nodes": nodes + sorted(raw.values(), key=_path), "edges": edges}


_LISTS = ("inputs", "outputs")


def _path(node: dict[str, Any]) -> str:
    return str(node["path"])


def as_text(trace: Trace) -> str:
    """The tree, outputs of one job together; what comes again is named by its number."""
    return "\n".join(_Tree(trace).lines())


class _Tree:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.jobs = trace.jobs()
        self.top = self._grouped(trace.roots)
        self.again = self._repeated()
        self.numbers: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        for key, names in self.top.items():
            yield from self._node(key, names, "", "")

    def _grouped(self, outputs: list[str]) -> dict[str, list[str]]:
        """Output names by the job that made them; the key of a raw file is its own name."""
        groups: dict[str, list[str]] = {}
        for name in outputs:
            record = self.trace.records.get(name)
            groups.setdefault(record.seal if record else name, []).append(name)
        return groups

    def _children(self, key: str) -> dict[str, list[str]]:
        record = self.jobs.get(key)
        if record is None:
            return {}
        read = [name for each in record.inputs for name in self.trace.sources[each] or [each]]
        return self._grouped(list(dict.fromkeys(read)))

    def _repeated(self) -> set[str]:
        """Keys that more than one job reads."""
        seen: set[str] = set()
        again: set[str] = set()
        for job in self.jobs:
            for key in self._children(job):
                (again if key in seen else seen).add(key)
        return again

    def _node(self, key: str, names: list[str], first: str, rest: str) -> Iterator[str]:
        label = _braces(names)
        if key in self.numbers:
            yield f"{first}{label}  → [{self.numbers[key]}]"
            return
        mark = ""
        if key in self.again:
            self.numbers[key] = len(self.numbers) + 1
            mark = f"[{self.numbers[key]}] "
        record = self.jobs.get(key)
        children = self._children(key)
        yield f"{first}{mark}{label}"
        for detail in _details(record) if record else [self._raw(key)]:
            yield f"{rest}{'│  ' if children else '   '}{detail}"
        for position, (child, inputs) in enumerate(children.items(), 1):
            last = position == len(children)
            edge, onward = ("└─ ", "   ") if last else ("├─ ", "│  ")
            yield from self._node(child, inputs, rest + edge, rest + onward)

    def _raw(self, name: str) -> str:
        content = next(r.inputs[name] for r in self.jobs.values() if name in r.inputs)
        count = f"{len(content.files)} files, " if content.files is not None else ""
        kind = "no record" if self.trace.lineage.is_ours(name) else "raw"
        return f"{kind} · {count}{size(content.bytes)} · sha256 {content.sha256[:12]}"


def _details(record: Record) -> Iterator[str]:
    value, read = record.value, record.energy
    parts = [
        value["rule"] if value["rule"] == value["step"] else f"{value['rule']} ({value['step']})",
        f"seed {value['seed']}",
        f"code {value['code']['digest'][:12]}",
        value["device"],
        duration(value["seconds"]),
        *(f"{of} {energy(read[kind])}" for kind, of in _WHOLE.items() if kind in read),
        value["started"][:16].replace("T", " ") + " UTC",
    ]
    yield " · ".join(parts)
    settings = ", ".join(f"{name}={each}" for name, each in _flat("", value["settings"]))
    if settings:
        cut = len(settings) > _SETTINGS_WIDTH
        yield settings[: _SETTINGS_WIDTH - 1] + "…" if cut else settings


def _flat(prefix: str, settings: Any) -> Iterator[tuple[str, Any]]:
    """Settings as ``outer.inner=value``, in order."""
    for name, each in settings.items():
        if isinstance(each, dict):
            yield from _flat(f"{prefix}{name}.", each)
        else:
            yield f"{prefix}{name}", each


def _braces(names: list[str]) -> str:
    """Several names in the shell's trace: ``text/{captions,splits}.parquet``."""
    if len(names) == 1:
        return names[0]
    folder = posixpath.commonpath([posixpath.dirname(name) for name in names])
    short = [posixpath.relpath(name, folder or ".") for name in names]
    endings = {posixpath.splitext(name)[1] for name in short}
    ending = endings.pop() if len(endings) == 1 else ""
    inner = ",".join(name.removesuffix(ending) for name in short)
    return posixpath.join(folder, f"{{{inner}}}{ending}")
