"""The jobs behind every cell, once each, for the page to draw a cell's tree from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.provenance import trace
from hmu.provenance.lineage import Record

_LETTERS = 12  # of a hash: enough to tell one file from another


def graph(folder: Path, cells: Iterable[str]) -> dict[str, Any]:
    """``jobs`` by number, ``cells`` (each with its job's number) and ``raw`` files, of the cells
    that lie in ``folder``; nothing where no record is there, or one is damaged.

    A job says its outputs with the beginnings of their hashes, rule, seed, code, device, machine,
    start, seconds, energy (joules by kind of counter), settings, and the numbers of the jobs, or
    names of the raw files, that it read.
    """
    try:
        way = trace.back(folder)
    except InputError:
        return {"jobs": [], "cells": {}, "raw": {}}
    wanted = _behind(way, [cell for cell in cells if cell in way.records])
    numbers: dict[str, int] = {}
    for name in way.order():
        if name in wanted:
            numbers.setdefault(way.records[name].seal, len(numbers))
    jobs = way.jobs()
    raw: dict[str, str] = {}
    listed = []
    for seal in numbers:
        job, read = jobs[seal], list[int | str]()
        for name, content in job.inputs.items():
            made_by = way.sources[name]
            read += [numbers[way.records[each].seal] for each in made_by] or [name]
            if not made_by:
                raw[name] = content.sha256[:_LETTERS]
        listed.append({**_told(job), "read": list(dict.fromkeys(read))})
    found = {cell: numbers[way.records[cell].seal] for cell in cells if cell in wanted}
    return {"jobs": listed, "cells": found, "raw": raw}


def _behind(way: trace.Trace, cells: Iterable[str]) -> set[str]:
    """The outputs that cells were made from, with the cells."""
    found: set[str] = set()
    waiting = list(cells)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [each for read in way.records[name].inputs for each in way.sources[read]]
    return found


def _told(job: Record) -> dict[str, Any]:
    value: Mapping[str, Any] = job.value
    return {
        "outputs": {name: each.sha256[:_LETTERS] for name, each in job.outputs.items()},
        "code": value["code"]["digest"][:_LETTERS],
        "commit": (value["git"] or {}).get("commit", "")[:_LETTERS],
        **{key: value[key] for key in ("rule", "seed", "device", "seconds", "settings")},
        "machine": _machine(value["machine"]),
        "started": value["started"][:16].replace("T", " "),
        "energy": job.energy,
    }


def _machine(told: Mapping[str, Any]) -> str:
    """``Linux 6.1, x86_64, 2 cores``."""
    system = f"{told['system']} {told['release']}"
    return f"{system}, {told['architecture']}, {told['cores']} cores"
