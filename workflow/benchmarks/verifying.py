"""Seconds of `hmu verify` over many records. ``python -m benchmarks.verifying --help``

Makes results in a folder with the records that jobs would have left: metrics and their cells, of
raw descriptions. Verifies them three times: when nothing is known of them, when all was read
before, and with ``--full``. Each cell is made again from its metric, as always.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.timing import of_children
from hmu import rng
from hmu.io.progress import each
from hmu.provenance import code, hashes
from hmu.provenance.code import Code
from hmu.provenance.lineage import FORMAT, Lineage, seal
from hmu.run.job import Job
from hmu.steps import cell


def main() -> None:
    """Parse the command line, make the results, verify them and print what that took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verifying", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the results are made")
    parser.add_argument("--records", type=int, default=10_000, help="how many (%(default)s)")
    parser.add_argument("--kilobytes", type=int, default=64, help="a description (%(default)s)")
    arguments = parser.parse_args()
    results = arguments.folder.resolve() / "results"
    if not results.exists():
        made = _Made(results)
        for number in each(range(arguments.records // made.RECORDS), "writing", "cells"):
            made.write(number, arguments.kilobytes * 1024)
        time.sleep(hashes.RACY / 1e9)  # what is younger would be read once more
    for state, words in (("nothing known", []), ("read before", []), ("--full", ["--full"])):
        begun, used = time.perf_counter(), of_children()
        command = [sys.executable, "-m", "hmu", "verify", str(results / "cells"), *words]
        done = subprocess.run(command, capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip().splitlines()[-1]
        seconds = (
            f"{time.perf_counter() - begun:6.1f} s, of a processor {of_children() - used:.1f} s"
        )
        print(f"{state:14} {seconds}  {said}", flush=True)


class _Made:
    """Results in the folder ``results``, and their records."""

    RECORDS = 3
    """Of a cell: its own, and those of its metric's values and motions."""

    def __init__(self, results: Path) -> None:
        self.lineage, self.results, self.code = Lineage(results), results, Code()

    def write(self, number: int, size: int) -> None:
        """A description of ``size`` bytes, a metric of it, and the metric's cell."""
        noise = rng.generator(0, "verifying", number)
        described = self._file(f"../raw/{number:06d}.npy", noise.bytes(size))
        name = f"metrics/{number:06d}/fid"
        values = [
            {"name": "fid", "repeat": repeat, "value": float(noise.normal()), "n": 96}
            for repeat in range(20)
        ]
        measured = self._file(f"{name}/values.json", json.dumps(values).encode())
        motions = self._file(f"{name}/motions.npz", b"")
        shown = self.results / f"cells/table/row/{number:06d}.json"
        at = ("table", "row", "dataset", "backbone", "variant", "concept", "set")
        record = {**dict.fromkeys(at, "x"), "column": "fid", "metric": "fid", "paper": None}
        settings = {"cell": record, "paper_comparable": False}
        cell.run(Job("cell", {"metric": measured}, {"cell": shown}, settings))
        read = dict.fromkeys(("generated", "real", "rows"), described)
        wrote = {"values": measured, "motions": motions}
        self._record("metric", read, wrote, {"metric": "fid"}, "hmu.metrics.fid")
        self._record("cell", {"metric": measured}, {"cell": shown}, settings)

    def _file(self, name: str, content: bytes) -> Path:
        path = self.results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def _record(
        self,
        step: str,
        inputs: dict[str, Path],
        outputs: dict[str, Path],
        settings: dict[str, Any],
        *plugins: str,
    ) -> None:
        """Leave the record of a job. Nothing waits for the disk, as a job would."""
        ran = self.code.files(f"hmu.steps.{step}", *plugins)
        name = self.lineage.name
        sealed = seal(
            {
                "format": FORMAT,
                "step": step,
                "rule": step,
                "inputs": [self._entry(path) for path in dict.fromkeys(inputs.values())],
                "outputs": [self._entry(path) for path in outputs.values()],
                "job": {
                    "inputs": {key: name(path) for key, path in inputs.items()},
                    "outputs": {key: name(path) for key, path in outputs.items()},
                    "only": {},
                },
                "settings": settings,
                "seed": 0,
                "threads": 1,
                "plugins": list(plugins),
                "code": {
                    "digest": code.combine(ran),
                    "files": {
                        file: {"sha256": found.sha256, "behaviour": found.behaviour}
                        for file, found in ran.items()
                    },
                },
            }
        )
        for path in outputs.values():
            address = self.lineage.address(name(path))
            address.parent.mkdir(parents=True, exist_ok=True)
            address.write_text(sealed, encoding="utf-8")

    def _entry(self, path: Path) -> dict[str, Any]:
        return {"path": self.lineage.name(path), **hashes.content(path).as_json()}


if __name__ == "__main__":
    main()
