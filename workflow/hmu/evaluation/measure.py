"""A metric over the repeats of a plan, from stored descriptions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from hmu import rng
from hmu.errors import InputError
from hmu.io import parquet


@dataclass(frozen=True)
class Described:
    """Where the rows of one field of a metric lie.

    ``rows`` (k,) or (k, pairs, 2) index ``stored`` (…, width); ``repeat`` (k,) is that of each.
    """

    path: Path
    stored: np.ndarray
    rows: np.ndarray
    repeat: np.ndarray

    def of(self, repeat: int) -> np.ndarray:
        """The rows of one repeat, in the order of positions; InputError when not all finite."""
        values = np.asarray(self.stored[self.rows[self.repeat == repeat]])
        if not np.isfinite(values).all():
            raise InputError(f"{self.path} holds values that are not finite: make it again.")
        return values


def sources(
    reads: Mapping[str, str],
    files: Mapping[str, Path],
    plan: Path,
    pairs: Path | None,
    planned: bool,
) -> dict[str, Described]:
    """Where each field of a metric lies, whose READS are ``reads`` and descriptions ``files``.

    Descriptions of generated motions have a row for each row of the plan where it was ``planned``
    that way, and else for each request; real motions for each request; texts for each prompt; pairs
    for each request of the pairs. Raises InputError when a description is missing, damaged, or has
    another number of rows.
    """
    table = parquet.read(plan)
    counts = {name: int((table.schema.metadata or {})[name]) for name in (b"requests", b"prompts")}
    repeat, request, row = (parquet.column(table, name) for name in ("repeat", "request", "row"))
    found = {}
    for field, address in reads.items():
        subject, path = address.partition("/")[0], files[field]
        match subject:
            case "pairs":
                found[field] = _pairs(path, pairs)
            case "text" | "masked":
                found[field] = Described(path, _stored(path, counts[b"prompts"]), row, repeat)
            case "generated" if planned:
                everyone = np.arange(len(repeat))
                found[field] = Described(path, _stored(path, len(repeat)), everyone, repeat)
            case _:
                found[field] = Described(path, _stored(path, counts[b"requests"]), request, repeat)
    return found


def measure(
    metric: ModuleType,
    name: str,
    fields: Mapping[str, Described],
    settings: Mapping[str, Any],
    seed: int,
) -> tuple[list[dict[str, Any]], pa.Table]:
    """The values of each repeat, and those of each motion.

    A value is {repeat, name, value, n}, plain data; one that is not finite is None.

    The second table has repeat, position, and a column for each value that the metric gives motion
    by motion; it has no rows where there is none.
    """
    rows, motions = [], []
    # Not np.unique: that imports numpy.ma, which takes longer than a metric.
    for repeat in sorted(set(next(iter(fields.values())).repeat.tolist())):
        inputs = {field: source.of(repeat) for field, source in fields.items()}
        found = metric.compute(inputs, rng.generator(seed, "metric", name, repeat), settings)
        count = max(len(each) for each in inputs.values())
        for each in metric.NAMES:
            value = float(found.values[each])
            finite = value if math.isfinite(value) else None
            rows.append({"repeat": repeat, "name": each, "value": finite, "n": count})
        if found.motions:
            position = np.arange(count, dtype=np.int32)
            numbers = np.full(count, repeat, dtype=np.int16)
            values = {each: np.asarray(value, float) for each, value in found.motions.items()}
            motions.append(_motions(numbers, position, values))
    none = _motions(np.empty(0, np.int16), np.empty(0, np.int32), {})
    return rows, pa.concat_tables(motions or [none])


def _motions(repeat: np.ndarray, position: np.ndarray, values: dict[str, np.ndarray]) -> pa.Table:
    return parquet.table({"repeat": repeat, "position": position, **values})


def _pairs(path: Path, pairs: Path | None) -> Described:
    if pairs is None:
        raise ValueError("a metric of pairs needs the table of pairs")
    table = parquet.read(pairs)
    stored = _stored(path, int((table.schema.metadata or {})[b"requests"]))
    count = 1 + int(parquet.column(table, "pair").max(initial=0))
    ends = np.stack([parquet.column(table, name) for name in ("first", "second")], axis=-1)
    repeat = parquet.column(table, "repeat")[::count]
    return Described(path, stored, ends.reshape(-1, count, 2), repeat)


def _stored(path: Path, expected: int) -> np.ndarray:
    """Open an array (expected, width) memory-mapped; InputError when it is not that."""
    try:
        stored: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError) as error:
        raise InputError(f"{path} is not an array of numbers ({error}): make it again.") from error
    if stored.ndim != 2 or len(stored) != expected:
        raise InputError(
            f"{path} has shape {stored.shape}, its table has {expected} rows: make both again."
        )
    return stored
