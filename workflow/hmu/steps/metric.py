"""Step: one metric of one variant on one set, for every repeat, from stored embeddings."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hmu import registry, rng
from hmu.errors import InputError
from hmu.io import parquet
from hmu.metrics import Inputs
from hmu.run.job import Job

SCHEMA = pa.schema(
    [("repeat", pa.int16()), ("name", pa.string()), ("value", pa.float64()), ("n", pa.int32())]
)
_MOTION = ["repeat", "sample", "draw"]
"""What tells one planned motion from all others."""


@dataclass(frozen=True)
class Source:
    """Where the rows of one field of Inputs lie.

    ``rows`` (k,) or (k, pairs, 2) index ``stored``; ``repeat`` (k,) is the repeat of each.
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

    Inputs: plan, real, text, masked, texts; of a model, as the metric reads them, generations and
    generated, or pairs, pair_generations and pair_generated. Without generated, real motions are
    measured in the place of generated ones. Raises InputError when tables and arrays do not fit
    together, or hold values that are not finite.
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
        count = max(len(inputs.generated), len(inputs.pairs))
        rows += [(repeat, each, values[each], count) for each in metric.NAMES]
    columns = [list(column) for column in zip(*rows, strict=True)]
    pq.write_table(pa.table(columns, schema=SCHEMA), job.outputs["metric"])


def _sources(job: Job, reads: set[str]) -> dict[str, Source]:
    """Where each field lies that the metric reads."""
    planned = parquet.read(job.input("plan"), _MOTION)
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
    if "generated" in reads and "generated" not in job.inputs:
        sources["generated"] = _source(job.input("real"), len(repeat), everyone, repeat)
    elif "generated" in reads:
        rows, made = _made(planned, job.input("generations"))
        sources["generated"] = _source(job.input("generated"), made, rows, repeat)
    if "pairs" in reads:
        compared = parquet.read(job.input("pairs"), [*_MOTION, "pair"])
        rows, made = _made(compared, job.input("pair_generations"))
        count = 1 + int(compared["pair"].to_numpy().max(initial=0))
        rows, repeat = rows.reshape(-1, count, 2), compared["repeat"].to_numpy()[:: 2 * count]
        sources["pairs"] = _source(job.input("pair_generated"), made, rows, repeat)
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


def _made(planned: pa.Table, path: Path) -> tuple[np.ndarray, int]:
    """The row in the generations at ``path`` of each planned motion, and how many there are.

    Raises InputError when one is missing or stands there twice.
    """
    made = pd.MultiIndex.from_frame(parquet.read(path, _MOTION).to_pandas())
    if not made.is_unique:
        raise InputError(f"{path} has motions twice: make it again from the same plan.")
    rows = made.get_indexer(pd.MultiIndex.from_frame(planned.select(_MOTION).to_pandas()))
    if lacking := int((rows < 0).sum()):
        raise InputError(
            f"{path} lacks {lacking} of {len(rows)} planned motions: make it again from the same "
            "plan."
        )
    return rows, len(made)
