"""One run of the step that reads raw data."""

import csv
import tempfile
from pathlib import Path
from typing import Any

from hmu.io.store import ClipStore
from hmu.run.job import Job
from hmu.steps import ingest

QUARANTINE = {"on_bad_clip": "quarantine", "quarantine_limit": 1.0}


def run_ingest(
    raw: Path, source: str, threads: int = 1, **settings: Any
) -> tuple[ClipStore, list[dict[str, str]]]:
    """Run the step as the workflow does; the store and the rows of quarantine.csv."""
    out = raw.parent / "joints"
    out.mkdir(exist_ok=True)
    outputs = {
        "data": out / "data.npy",
        "index": out / "index.parquet",
        "quarantine": out / "quarantine.csv",
        "coverage": out / "coverage.json",
        "coverage_table": out / "coverage.md",
    }
    given_settings = {"source": source, **QUARANTINE, **settings}
    scratch = Path(tempfile.mkdtemp(dir=raw.parent))
    job = Job("ingest", {"raw": raw}, outputs, given_settings, threads=threads, scratch=scratch)
    ingest.run(job)
    with outputs["quarantine"].open(encoding="utf-8", newline="") as stream:
        return ClipStore(outputs["data"], outputs["index"]), list(csv.DictReader(stream))
