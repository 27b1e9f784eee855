"""Ingest and features of many clips: seconds and peak memory. ``python -m benchmarks.scale --help``

Makes a dataset at the joints stage in a folder, unless one is there, and runs both steps on it as
the workflow does. Each figure comes from the record that the job leaves.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.inputs import joints
from hmu import rng
from hmu.io.progress import each

_RAW = "raw"
_STORE = ("data.npy", "index.parquet")


def main() -> None:
    """Parse the command line, make the clips, run the steps and print what they took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("folder", type=Path, help="where all is written: about 0.35 MB a clip")
    parser.add_argument("--clips", type=int, default=30_000, help="clips to make (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="of each step (%(default)s)")
    parser.add_argument(
        "--joints", type=Path, help="a directory of the joints stage to take instead"
    )
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    raw = (arguments.joints or folder / _RAW).resolve()
    if not raw.exists():
        _write(raw / "joints", arguments.clips)
    bad = {"on_bad_clip": "quarantine", "quarantine_limit": 0.1}
    others = ["coverage.json", "coverage_table.md"]
    settings = {"source": "joints", **bad}
    _run(folder, "ingest", {"raw": str(raw)}, others, settings, arguments.processes)
    inputs = {Path(name).stem: str(folder / "ingest" / name) for name in _STORE}
    settings = {"stage": "joints", "statistics": "computed", **bad}
    others = ["mean.npy", "std.npy", "report.json"]
    _run(folder, "features", inputs, others, settings, arguments.processes)


def _write(folder: Path, clips: int) -> None:
    """Clips of 40 to 199 frames of limbs that sway; 22 joints, metres, y up, float32."""
    folder.mkdir(parents=True)
    lengths = rng.generator(0, "scale").integers(40, 200, clips)
    for clip in each(range(clips), "writing", "clips"):
        np.save(folder / f"{clip:06d}.npy", joints(clip, int(lengths[clip])))


def _run(
    folder: Path,
    step: str,
    inputs: dict[str, str],
    others: list[str],
    settings: dict[str, Any],
    processes: int,
) -> None:
    """One job, in a process of its own, and a line on what its record says."""
    out = folder / step
    job = {
        "step": step,
        "inputs": inputs,
        "outputs": {
            Path(name).stem: str(out / name) for name in (*_STORE, "quarantine.csv", *others)
        },
        "settings": settings,
        "plugins": ["hmu.sources.joints"] if step == "ingest" else [],
        "threads": processes,
        "results": str(folder),
    }
    subprocess.run([sys.executable, "-m", "hmu", "step", json.dumps(job)], check=True)
    (record,) = folder.glob(f"lineage/**/{step}/data.npy.json")
    found = json.loads(record.read_text(encoding="utf-8"))
    peak = {name: value / 2**30 for name, value in found["peak_memory"].items()}
    index = np.load(out / "data.npy", mmap_mode="r")
    print(
        f"{step}: {len(index)} frames in {found['seconds']:.1f} s with {processes} processes; peak "
        f"memory {peak['process']:.2f} GiB, of the largest child {peak['children']:.2f} GiB"
    )


if __name__ == "__main__":
    main()
