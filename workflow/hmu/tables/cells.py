"""The number of a cell, from the repeats of its metric."""

import math
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files
from hmu.tables.student import half_width

COSTS = ("seconds",)
"""In place of a metric: what a variant's model took to make, for which no set is asked
(`hmu.tables.cost`)."""

PROTOCOL = 1.96
"""The benchmark's factor of its ±: 1.96 · population standard deviation / √repeats."""


def summarise(path: Path, name: str) -> dict[str, Any]:
    """Mean, spread, values in the repeats, and n of one value of a metric file.

    ``interval`` is the ± of the benchmark, 1.96 · population standard deviation / √repeats (the
    reference's ``get_metric_statistics``). ``t_interval`` is half the width of Student's 95%
    interval of the mean over the repeats, None for one repeat. n is that of the first repeat: all
    repeats have the same. ``undefined``, where motions have no such value, says of how many, in all
    repeats, and why; where a whole repeat has none, the cell has no value either. ``against``,
    where the metric says it, is what the value was measured against, the mean over the repeats.
    What is measured of all repeats at once is one value, without a spread. Raises InputError when
    the file does not hold the value.
    """
    entries = _entries(path, name)
    counts = {"repeats": _repeats(entries), "n": entries[0]["n"]}
    counts |= {**_undefined(entries), **_against(entries)}
    values = _values(entries)
    if values is None:
        return {**dict.fromkeys(("value", "interval", "t_interval", "values")), **counts}
    if "repeats" in entries[0]:
        spread = dict.fromkeys(("interval", "t_interval"))
        return {"value": values[0], **spread, "values": values, **counts}
    mean = math.fsum(values) / len(values)
    interval = PROTOCOL * math.sqrt(
        math.fsum((value - mean) ** 2 for value in values) / len(values) / len(values)
    )
    wider = student_to_protocol(len(values))
    return {
        "value": mean,
        "interval": interval,
        "t_interval": None if wider is None else wider * interval,
        "values": values,
        **counts,
    }


def cost(path: Path) -> dict[str, Any]:
    """The cell of a cost: seconds as the value, None where they are not known; of no repeats."""
    found = files.read_json(path)
    spread = dict.fromkeys(("interval", "t_interval", "repeats", "values", "n"))
    return {"value": found["seconds"], **spread, "unit": "seconds", "cost": found}


def in_repeats(path: Path, name: str) -> list[float] | None:
    """One value of a metric file in each repeat, or the one of all repeats; None where it is
    undefined in one of them.

    Raises InputError when the file has none for another reason.
    """
    return _values(_entries(path, name))


def _entries(path: Path, name: str) -> list[dict[str, Any]]:
    """What the file says of the value in each repeat, which is at least one."""
    mine = [each for each in files.read_json(path) if each["name"] == name]
    if not mine or any(each["value"] is None and "why" not in each for each in mine):
        raise InputError(f"{path} has no finite value of {name!r} for each repeat: make it again.")
    return mine


def _values(entries: list[dict[str, Any]]) -> list[float] | None:
    values = [each["value"] for each in entries]
    return None if None in values else values


def _undefined(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """How many of the motions of all repeats have no such value, and why; nothing if all have."""
    lacking = [each for each in entries if "why" in each]
    if not lacking:
        return {}
    said = {
        "motions": sum(each["lacking"] for each in lacking),
        "of": sum(each["n"] * each.get("repeats", 1) for each in entries),
        "why": lacking[0]["why"],
    }
    return {"undefined": said}


def _against(entries: list[dict[str, Any]]) -> dict[str, float]:
    """What the value was measured against, of those repeats that say it."""
    said = [each["against"] for each in entries if "against" in each]
    return {"against": math.fsum(said) / len(said)} if said else {}


def repeats(path: Path, name: str) -> int:
    """How many repeats the value of a metric file is of. Raises InputError as `in_repeats` does."""
    return _repeats(_entries(path, name))


def _repeats(entries: list[dict[str, Any]]) -> int:
    """As many as there are entries, or those that one entry says that it is of."""
    found: int = entries[0].get("repeats", len(entries))
    return found


def student_to_protocol(repeats: int) -> float | None:
    """How many times as wide as the benchmark's ± Student's 95% interval is; None for one repeat,
    of which nobody knows the spread."""
    if repeats < 2:
        return None
    return half_width(repeats) * math.sqrt(repeats / (repeats - 1)) / PROTOCOL
