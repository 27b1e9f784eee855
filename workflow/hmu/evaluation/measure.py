"""A metric over the repeats of a plan, from stored descriptions."""

import math
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from hmu.errors import InputError
from hmu.evaluation.rows import Meetings, Planned
from hmu.interface.metrics import Measured
from hmu.io import arrays


class Described(NamedTuple):
    """Where the rows of one field of a metric lie.

    ``rows`` (repeats, n) or (repeats, n, pairs, 2) index ``stored`` (…, width). ``of_set`` says
    whether they are those of the set, position by position.
    """

    path: Path
    stored: np.ndarray
    rows: np.ndarray
    of_set: bool = True

    def of(self, repeat: int | slice) -> np.ndarray:
        """The rows of one repeat, in the order of positions, or of several; InputError when not all
        finite."""
        values = np.asarray(self.stored[self.rows[repeat]])
        if not np.isfinite(values).all():
            raise InputError(f"{self.path} holds values that are not finite: make it again.")
        return values


def sources(
    reads: Mapping[str, str],
    files: Mapping[str, Path],
    rows: Path,
    pairs: Path | None,
    planned: bool,
    prompts: bool = False,
) -> dict[str, Described]:
    """Where each field of a metric lies, whose READS are ``reads`` and descriptions ``files``; with
    ``prompts``, also which prompt each motion is of.

    Descriptions of generated motions have a row for each row of the plan where it was ``planned``
    that way, and else for each request; real motions for each request, of which ``all_real`` reads
    all in every repeat; texts for each prompt; pairs for each request of the pairs. Raises
    InputError when a description is missing, damaged, or has another number of rows.
    """
    order = Planned.read(rows)
    everyone = np.arange(order.request.size).reshape(order.request.shape)
    found = {}
    if prompts:
        found["prompt"] = Described(rows, np.arange(order.prompts)[:, None], order.row)
    for field, address in reads.items():
        subject, path = address.partition("/")[0], files[field]
        match subject:
            case "pairs":
                found[field] = _pairs(path, pairs)
            case "text" | "masked":
                found[field] = Described(path, _stored(path, order.prompts), order.row)
            case "all_real":
                whole = np.broadcast_to(
                    np.arange(order.requests), (len(order.request), order.requests)
                )
                found[field] = Described(path, _stored(path, order.requests), whole, of_set=False)
            case "generated" if planned:
                found[field] = Described(path, _stored(path, everyone.size), everyone)
            case _:
                found[field] = Described(path, _stored(path, order.requests), order.request)
    return found


def measure(
    metric: ModuleType,
    name: str,
    fields: Mapping[str, Described],
    settings: Mapping[str, Any],
    seed: int,
) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """The values of each repeat, and those of each motion.

    A value is {repeat, name, value, n}, plain data; one that is not finite is None. Of a metric of
    all repeats it is {repeats, name, value, n}, ``repeats`` being how many; ``against`` is what a
    value was measured against, where its metric says that. Where a motion
    has none, or the value itself is undefined, ``lacking`` is the number of these motions, and
    ``why`` the reason. The values of motions are float64 (repeats, n) by name, in the order of
    positions, of those that the metric gives motion by motion.
    """
    if all_repeats(metric):
        return _of_all(metric, name, fields, settings, seed)
    found: list[dict[str, Any]] = []
    motions: dict[str, list[np.ndarray]] = {}
    for repeat in range(len(next(iter(fields.values())).rows)):
        inputs = {field: source.of(repeat) for field, source in fields.items()}
        measured = _computed(metric, inputs, settings, seed, name, repeat)
        count = max(len(each) for field, each in inputs.items() if fields[field].of_set)
        found += _entries(metric, measured, count, count, repeat=repeat)
        for each, value in measured.motions.items():
            motions.setdefault(each, []).append(np.asarray(value, dtype=np.float64))
    return found, {each: np.stack(values) for each, values in motions.items()}


def all_repeats(metric: ModuleType) -> bool:
    """Whether a metric measures all repeats at once."""
    return getattr(metric, "ALL_REPEATS", False)


def _of_all(
    metric: ModuleType,
    name: str,
    fields: Mapping[str, Described],
    settings: Mapping[str, Any],
    seed: int,
) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """What `measure` gives, of a metric of all repeats."""
    inputs = {field: source.of(slice(None)) for field, source in fields.items()}
    measured = _computed(metric, inputs, settings, seed, name)
    repeats, count = inputs["prompt"].shape[:2]
    found = _entries(metric, measured, count, repeats * count, repeats=repeats)
    return found, {k: np.asarray(each, dtype=np.float64) for k, each in measured.motions.items()}


def _computed(
    metric: ModuleType,
    inputs: Mapping[str, np.ndarray],
    settings: Mapping[str, Any],
    seed: int,
    *address: str | int,
) -> Measured:
    """What a metric says; to one that draws, with a generator for the address."""
    drawn = []
    if getattr(metric, "DRAWS", False):
        from hmu import rng  # not quick to import, and few metrics draw

        drawn = [rng.generator(seed, "metric", *address)]
    measured: Measured = metric.compute(inputs, settings, *drawn)
    return measured


def _entries(
    metric: ModuleType, measured: Measured, n: int, motions: int, **of: int
) -> list[dict[str, Any]]:
    """An entry for each value of a metric, measured of so many ``motions``; ``of`` says which
    repeat it is of, or of how many."""
    return [
        {**of, "name": name, "value": _finite(measured, name), "n": n}
        | ({"against": measured.against[name]} if name in measured.against else {})
        | _lacking(measured, name, motions)
        for name in metric.NAMES
    ]


def _finite(measured: Measured, name: str) -> float | None:
    value = float(measured.values[name])
    return value if math.isfinite(value) else None


def _lacking(measured: Measured, name: str, count: int) -> dict[str, Any]:
    """How many of ``count`` motions have no such value, and why; nothing where all have."""
    if not measured.undefined.get(name):
        return {}
    if name in measured.motions:
        lacking = int(np.isnan(measured.motions[name]).sum())
    else:
        lacking = count if math.isnan(measured.values[name]) else 0
    return {"lacking": lacking, "why": measured.undefined[name]} if lacking else {}


def _pairs(path: Path, pairs: Path | None) -> Described:
    if pairs is None:
        raise ValueError("a metric of pairs needs the pairs")
    meetings = Meetings.read(pairs)
    return Described(path, _stored(path, meetings.requests), meetings.ends)


def _stored(path: Path, expected: int) -> np.ndarray:
    """Open an array (expected, width) memory-mapped; InputError when it is not that."""
    stored = arrays.read_result(path)
    if stored.ndim != 2 or len(stored) != expected:
        raise InputError(
            f"{path} has shape {stored.shape}, its table has {expected} rows: make both again."
        )
    return stored
