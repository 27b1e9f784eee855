"""A description of a motion holds NaN."""

import numpy as np

from support.project import Project, shown

DESCRIBED = (
    "results/descriptions/demo/backbones/momask/variants/violence/lcr/plans/concepts/violence/"
    "forget/plan/embedding.npy"
)
METRICS = "results/metrics/demo/backbones/momask/variants/lcr/violence/concepts/violence"
CELL = "results/cells/demo-violence/lcr/forget-fid.json"


def fault(project: Project) -> None:
    path = project.root / DESCRIBED
    values = np.load(path)
    values[0] = np.nan
    np.save(path, values)


def holds(project: Project) -> None:
    """No metric comes of it, one message says why, and the number of before is named."""
    done = project.snakemake(CELL)
    assert done.returncode != 0
    assert "Traceback" not in shown(done)
    said = shown(done).partition("What failed:")[2].strip().splitlines()
    assert "embedding.npy" in said[0], shown(done)
    metric = f"{METRICS}/forget/fid"
    assert not (project.root / metric / "values.json").exists()
    done = project.hmu("verify", CELL)
    assert done.returncode == 1
    assert f"changed: {DESCRIBED}" in shown(done)
