"""A metric gets the bytes of another, of the same size and times, while nobody looks."""

import os
import shutil

from hmu.io import files
from support.forging import record_of
from support.project import Project, shown

METRICS = "results/metrics/demo/backbones/momask/variants/lcr/violence/concepts/violence"
METRIC = f"{METRICS}/forget/fid/values.json"
CELL = "results/cells/demo-violence/lcr/forget-fid.json"
SAID = f"changed: {METRIC}"


def fault(project: Project) -> None:
    """A cell is made of it meanwhile, and says what it read; then the true file is put back."""
    path, kept = project.root / METRIC, project.root / "kept.json"
    shutil.copy2(path, kept)
    times = path.stat()
    text = path.read_text(encoding="utf-8")
    other = text.replace("1", "2").replace("3", "4")
    assert other != text
    path.write_text(other, encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    (project.root / CELL).unlink()
    done = project.snakemake(CELL)
    assert done.returncode == 0, shown(done)
    (read,) = record_of(project.root, CELL)["inputs"]
    assert read["sha256"] == files.sha256(path)
