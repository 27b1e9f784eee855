"""What has been trained and measured so far, as runs: series of numbers with a name.

A model that was trained is a run, its losses by epoch; a row of a table is one, its cells. Whatever
has its final name is whole, so this can be read while Snakemake runs.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hmu.io import files, parquet
from hmu.provenance.lineage import Lineage, Record
from hmu.tables.addresses import KEYS

_OF_ROW = KEYS[: KEYS.index("set")]


@dataclass(frozen=True)
class Value:
    """A number that stands for itself: its ``name``, the rest of its address, and the ``record`` of
    the job that made it (its seal; None where there is no record)."""

    name: str
    value: float
    address: Mapping[str, Any]
    record: str | None


@dataclass
class Run:
    """A trained model or a row of a table, by its ``name``, a path below the results.

    ``address`` is what its values share, ``series`` are numbers by name and step (epoch, or
    repeat), ``values`` those that stand for themselves, ``records`` the seals of jobs behind the
    series. ``time``: seconds since the epoch at which the last of the jobs began; 0 if unknown.
    """

    name: str
    address: dict[str, str] = field(default_factory=dict)
    series: dict[str, dict[int, float]] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    time: float = 0.0

    def digest(self) -> str:
        """The same for the same numbers with the same records: SHA-256, hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def finished(results: Path) -> Iterator[Run]:
    """The runs of a folder of results, models first. Raises InputError for a damaged file; a
    damaged record counts as none."""
    lineage = Lineage(results, tolerant=True)
    for log in sorted(_shown(results, results.rglob("training/log.parquet"))):
        yield _model(results, log, lineage)
    for row in sorted(_shown(results, (results / "cells").glob("*/*/"))):
        yield _row(results, row, lineage)


def _shown(results: Path, found: Iterable[Path]) -> Iterator[Path]:
    """Without what is being written or was put aside: its names begin with a dot."""
    for path in found:
        if not any(part.startswith(".") for part in path.relative_to(results).parts):
            yield path


def _model(results: Path, log: Path, lineage: Lineage) -> Run:
    run = Run(log.parents[1].relative_to(results).as_posix())
    for row in parquet.read(log).to_pylist():
        for key, value in row.items():
            if key not in ("stage", "epoch") and _is_number(value):
                run.series.setdefault(f"{row['stage']}/{key}", {})[int(row["epoch"])] = value
    if record := _record(lineage, log.parent):
        run.records.append(record.seal)
        run.time = _began(record)
    return run


def _row(results: Path, folder: Path, lineage: Lineage) -> Run:
    run = Run(folder.relative_to(results).as_posix())
    for path in sorted(_shown(results, folder.glob("*.json"))):
        cell = files.read_json(path)
        if cell["value"] is None:
            continue
        run.address = {key: str(cell[key]) for key in _OF_ROW if cell.get(key) is not None}
        record = _record(lineage, path)
        run.time = max(run.time, _began(record) if record else 0.0)
        address = {key: cell[key] for key in (*KEYS[len(_OF_ROW) :], "n", "interval")}
        seal = record.seal if record else None
        run.values.append(Value(path.stem, cell["value"], address, seal))
        repeats = cell["values"] or []
        if len(repeats) > 1:
            run.series[f"repeats/{path.stem}"] = dict(enumerate(repeats))
    return run


def _record(lineage: Lineage, path: Path) -> Record | None:
    return lineage.record(lineage.name(path))


def _began(record: Record) -> float:
    return datetime.fromisoformat(record.value["started"]).timestamp()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
