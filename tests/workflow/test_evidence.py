"""A table of what methods broke, measured on joints, from motions to its page and its picture."""

import csv
from typing import Any

import numpy as np
import pandas as pd

from hmu.io import npz
from hmu.io.store import ClipStore
from hmu.motion.plausibility import dynamic
from hmu.motion.recover import to_joints
from support.project import Project, take_tables

LAYOUT = """
title: "What they broke"
reference: real
anchors: [real, original]
multiples: true
columns:
  - {set: forget, metric: pfc, header: PFC, arrow: "→"}
  - {set: forget, metric: auj, header: AUJ, arrow: "→"}
  - {set: forget, metric: dynamic, header: Dynamic, arrow: "→"}
rows:
  - {variant: real, label: Real motions}
  - {variant: original, label: Original}
  - {variant: held, label: Held}
"""
ROWS, COLUMNS = ("real", "original", "held"), ("pfc", "jerk", "dynamic")
METRICS = "results/metrics/demo/real/violence/concepts/violence/forget"


def test_a_body_that_stands_still_has_no_pfc_and_the_table_says_why(project: Project) -> None:
    """Each row is described once for all of its measures."""
    (project.root / "workflow/tables/broke.yaml").write_text(LAYOUT, encoding="utf-8")

    def change(config: dict[str, Any]) -> None:
        own = {"layout": "broke", "dataset": "demo", "concept": "violence", "pictures": False}
        take_tables(config, {"own": own})
        config["variants"]["held"] = {"method": "frozen"}

    project.configure(change)
    picture = "results/figures/small_multiples/own.svg"
    made = project.made("results/tables", picture)
    assert [job for job in made if job.startswith(("describe", "generate", "unlearn"))] == [
        "describe demo/momask/original/prompts/captions/movement",
        "describe demo/momask/variants/violence/held/plans/concepts/violence/forget/plan/movement",
        "describe_real demo/captions/movement",
        "unlearn demo/momask/violence/held",
    ]
    assert len([job for job in made if job.startswith("metric")]) == len(ROWS) * len(COLUMNS)

    pages = project.root / "results/tables/pages"
    with (pages / "own.csv").open(encoding="utf-8", newline="") as stream:
        lines = {line["row"]: line for line in csv.DictReader(stream)}
    assert lines["held"]["forget-pfc"] == "–"
    assert float(lines["held"]["forget-dynamic"]) == 0
    assert float(lines["held"]["forget-auj"]) > float(lines["real"]["forget-auj"])
    page = (pages / "own.md").read_text(encoding="utf-8")
    assert "undefined where the root never accelerates: “Held” none" in page
    assert "“Original”" not in page.partition("never accelerates: ")[2].partition(".")[0]
    assert (project.root / picture).read_text(encoding="utf-8").count("<!-- – -->") == 1
    record = project.json("results/lineage/figures/small_multiples/own.svg.json")
    assert (record["rule"], record["step"]) == ("small_multiples", "small_multiples")

    # By the joints themselves, of the first real motion of the plan.
    plan = pd.read_parquet(
        project.root / "results/plans/demo/concepts/violence/forget/plan.parquet"
    )
    requests = pd.read_parquet(project.root / "results/prompts/demo/captions/requests.parquet")
    first = requests.iloc[plan["request"][0]]
    features = project.root / "results/data/demo/features"
    store = ClipStore(features / "data.npy", features / "index.parquet")
    crop = np.asarray(store[first["clip"]][first["start"] : first["start"] + first["frames"]])
    (motions,) = npz.read(project.root / METRICS / "dynamic/motions.npz", "dynamic")
    assert np.isclose(motions[0, 0], dynamic.speed(to_joints(crop)), rtol=1e-4)
