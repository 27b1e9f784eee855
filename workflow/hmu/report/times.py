"""What the jobs of a run took, for the page's section on time."""

from collections.abc import Iterable, Mapping
from typing import Any

from hmu.io.amounts import duration, energy

_COUNTERS = {"rapl": "Energy, processors (RAPL)", "nvml": "Energy, GPU (NVML)"}
"""The heading of each kind of counter of energy."""


def section(jobs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``times``: a row for the jobs of each rule on each device, those that took longest first;
    ``counters``: the headings of what was read of energy.

    A job says its rule, device, seconds, and energy (joules by kind of counter). A row's ``energy``
    is a text for each heading, empty where none of its jobs has it.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for job in jobs:
        groups.setdefault((job["rule"], job["device"]), []).append(job)
    read = {kind for each in groups.values() for job in each for kind in job["energy"]}
    kinds = [kind for kind in _COUNTERS if kind in read]
    rows = [
        {
            "rule": rule,
            "device": device,
            "jobs": len(each),
            "seconds": sum(job["seconds"] for job in each),
            "energy": [_energy(each, kind) for kind in kinds],
        }
        for (rule, device), each in groups.items()
    ]
    rows.sort(key=lambda row: (-row["seconds"], row["rule"], row["device"]))
    times = [{**row, "text": duration(row["seconds"])} for row in rows]
    return {"times": times, "counters": [_COUNTERS[kind] for kind in kinds]}


def _energy(jobs: list[Mapping[str, Any]], kind: str) -> str:
    """What they took together, and of how many of them it is, if not of all."""
    read = [job["energy"][kind] for job in jobs if kind in job["energy"]]
    if not read:
        return ""
    of = "" if len(read) == len(jobs) else f" ({len(read)} of {len(jobs)} jobs)"
    return energy(sum(read)) + of
