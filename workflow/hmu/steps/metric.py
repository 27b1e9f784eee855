"""Step: one metric of one variant on one set, for every repeat, from stored embeddings."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hmu import parquet, registry, rng
from hmu.errors import InputError
from hmu.job import Job
from hmu.metrics import Inputs

SCHEMA = pa.schema(
    [("repeat", pa.int16()), ("name", pa.string()), ("value", pa.float64()), ("n", pa.int32())]
)


@dataclass(frozen=True)
class Source:
    """Where the rows of one field of Inputs lie.

    ``rows`` (k,) or (k, draws) index ``stored``; ``repeat`` (k,) is the repeat of each.
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


def run(job: Job) -> None:
    """Measure settings["metric"] of each repeat of the plan; write repeat, name, value, n.

    Inputs: plan, real, text, masked, texts, and for a model generations and generated; without
    those two the real motions are measured in the place of generated ones. Raises InputError when
    tables and arrays do not fit together, or hold values that are not finite.
    """
    name = job.settings["metric"]
    metric = registry.load("metrics", name)
    sources = _sources(job, set(metric.INPUTS))
    repeats = np.unique(parquet.read(job.input("plan"), ["repeat"])["repeat"].to_numpy()).tolist()
    rows = []
    for repeat in repeats:
        inputs = Inputs(**{field: source.of(repeat) for field, source in sources.items()})
        draw = rng.generator(job.seed, "metric", name, repeat)
        values = metric.compute(inputs, draw, job.settings)
        count = max(len(inputs.generated), len(inputs.multimodality))
        rows += [(repeat, each, values[each], count) for each in metric.NAMES]
    columns = [list(column) for column in zip(*rows, strict=True)]
    pq.write_table(pa.table(columns, schema=SCHEMA), job.outputs["metric"])


def _sources(job: Job, reads: set[str]) -> dict[str, Source]:
    """Where each field lies that the metric reads."""
    planned = parquet.read(job.input("plan"), ["repeat", "sample", "multimodality"])
    repeat = planned["repeat"].to_numpy()
    everyone = np.arange(len(repeat))
    sources = {}
    if "real" in reads:
        sources["real"] = _source(job.input("real"), len(repeat), everyone, repeat)
    if reads & {"text", "masked"}:
        texts = parquet.read(job.input("texts"), ["sample", "is_masked"])
        rows = _text_rows(planned["sample"], texts["sample"], job.input("texts"))
        for name in sorted(reads & {"text", "masked"}):
            sources[name] = _source(job.input(name), len(texts), rows, repeat)
        flags = texts["is_masked"].to_numpy()
        sources["is_masked"] = Source(job.input("texts"), flags, rows, repeat)
    if "generated" not in job.inputs:
        if "generated" in reads:
            sources["generated"] = _source(job.input("real"), len(repeat), everyone, repeat)
        return sources
    table = job.input("generations")
    made = parquet.read(table, ["repeat", "draw", "sample"])
    if "generated" in reads:
        rows = _draws(planned, made, table)[:, 0]
        sources["generated"] = _source(job.input("generated"), len(made), rows, repeat)
    if "multimodality" in reads:
        several = planned.filter(planned["multimodality"])
        rows = _draws(several, made, table, least=2)
        sources["multimodality"] = _source(
            job.input("generated"), len(made), rows, several["repeat"].to_numpy()
        )
    return sources


def _source(path: Path, expected: int, rows: np.ndarray, repeat: np.ndarray) -> Source:
    """Open an array of embeddings (expected, d) memory-mapped; InputError when it is not that."""
    try:
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError) as error:
        raise InputError(f"{path} is not an array of numbers ({error}): make it again.") from error
    if stored.ndim != 2 or len(stored) != expected:
        raise InputError(
            f"{path} has shape {stored.shape}, its table has {expected} rows: make both again."
        )
    return Source(path, stored, rows, repeat)


def _text_rows(samples: pa.ChunkedArray, texts: pa.ChunkedArray, path: Path) -> np.ndarray:
    """The row in ``texts`` of each sample."""
    rows = pc.index_in(samples, value_set=texts.combine_chunks())
    if rows.null_count:
        raise InputError(f"{path} lacks {rows.null_count} of the plan's samples: make it again.")
    return rows.to_numpy()


def _draws(planned: pa.Table, made: pa.Table, path: Path, least: int = 1) -> np.ndarray:
    """Rows in ``made`` of the draws 0, 1, … of each planned (repeat, sample), (n, draws).

    ``draws`` is the smallest number that all of them have. Raises InputError when that is below
    ``least``, or draw 0 is not there.
    """
    known = planned["sample"].combine_chunks().unique()
    wanted, have = (
        table["repeat"].to_numpy().astype(np.int64) * (len(known) + 1)
        + pc.fill_null(pc.index_in(table["sample"], value_set=known), len(known)).to_numpy()
        for table in (planned, made)
    )
    draw = made["draw"].to_numpy()
    order = np.lexsort((draw, have))
    sorted_keys = have[order]
    first = np.searchsorted(sorted_keys, wanted, side="left")
    counts = np.searchsorted(sorted_keys, wanted, side="right") - first
    if len(wanted) == 0 or counts.min() < least:
        raise InputError(
            f"{path} has {counts.min(initial=0)} generations for some planned samples, {least} are "
            "needed: raise evaluation.multimodality, or make it again from the same plan."
        )
    rows = order[first[:, None] + np.arange(counts.min())]
    if np.any(draw[rows] != np.arange(counts.min())):
        raise InputError(f"{path} has draws missing or twice: make it again from the same plan.")
    return rows
