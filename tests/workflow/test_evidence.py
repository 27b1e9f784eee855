"""A table of what methods forgot and broke, from motions to its page, picture and report."""

import csv
import re
from typing import Any

import numpy as np
import pandas as pd

from hmu.io import npz
from hmu.io.store import ClipStore
from hmu.motion.plausibility import dynamic
from hmu.motion.recover import to_joints
from support.project import Project, take_tables
from support.report_data import report_data

LAYOUT = """
title: "What they forgot, and what they broke"
reference: real
anchors: [real, original]
multiples: true
columns:
  - {set: forget, metric: presence, header: Presence, arrow: "↓"}
  - {set: forget, metric: forgotten_well, header: Forgotten well, arrow: "↑"}
  - {set: forget, metric: r@1, header: "R@1", arrow: "↓"}
  - {set: forget, metric: pfc, header: PFC, arrow: "→"}
  - {set: forget, metric: auj, header: AUJ, arrow: "→"}
  - {set: forget, metric: dynamic, header: Dynamic, arrow: "→"}
rows:
  - {variant: real, label: Real motions}
  - {variant: original, label: Original}
  - {variant: lcr, label: LCR}
  - {variant: held, label: Held}
"""
ROWS, MEASURES = ("real", "original", "lcr", "held"), ("pfc", "jerk", "dynamic")
PRESENCE = "concepts/violence/presence"
METRICS = "results/metrics/demo/{}/violence/concepts/violence/forget"


def test_a_body_that_stands_still_has_no_pfc_and_has_forgotten_nothing_well(
    project: Project,
) -> None:
    """Each row is described once for all of its measures, and the table says why one is empty."""
    (project.root / "workflow/tables/broke.yaml").write_text(LAYOUT, encoding="utf-8")

    def change(config: dict[str, Any]) -> None:
        own = {"layout": "broke", "dataset": "demo", "concept": "violence", "pictures": False}
        take_tables(config, {"own": own})
        config["variants"]["held"] = {"method": "frozen"}

    project.configure(change)
    picture = "results/figures/small_multiples/own.svg"
    made = project.made("results/tables", "results/report", picture)
    plans = "describe demo/momask/variants/violence/{}/plans/concepts/violence/forget/plan"
    assert [job for job in made if job.startswith(("describe", "generate", "unlearn"))] == [
        f"describe demo/momask/original/prompts/captions/{PRESENCE}",
        "describe demo/momask/original/prompts/captions/movement",
        *(f"{plans.format('held')}/{each}" for each in (PRESENCE, "embedding", "movement")),
        *(f"{plans.format('lcr')}/{each}" for each in (PRESENCE, "movement")),
        f"describe_real demo/captions/{PRESENCE}",
        "describe_real demo/captions/movement",
        "unlearn demo/momask/violence/held",
    ]
    measured = [job for job in made if job.startswith("metric") and job.endswith(MEASURES)]
    assert len(measured) == len(ROWS) * len(MEASURES)

    pages = project.root / "results/tables/pages"
    with (pages / "own.csv").open(encoding="utf-8", newline="") as stream:
        lines = {line["row"]: line for line in csv.DictReader(stream)}
    assert lines["held"]["forget-pfc"] == "–"
    assert float(lines["held"]["forget-dynamic"]) == 0
    assert float(lines["held"]["forget-auj"]) > float(lines["real"]["forget-auj"])
    page = (pages / "own.md").read_text(encoding="utf-8")
    assert "undefined where the root never accelerates: “Held” none" in page
    assert "“Original”" not in page.partition("never accelerates: ")[2].partition(".")[0]
    assert float(lines["held"]["forget-forgotten_well"]) == 0
    assert " Forgotten well ↑ |" in page, "a † would say that a control wins it"
    (said,) = re.findall(r"Where metrics disagree on the forget set .+", page)
    assert "(dataset demo, backbone momask)" in said
    assert re.search(r"of 2 models|all 2 models", said)
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
    (motions,) = npz.read(project.root / METRICS.format("real") / "dynamic/motions.npz", "dynamic")
    assert np.isclose(motions[0, 0], dynamic.speed(to_joints(crop)), rtol=1e-4)

    # The report's player says of each motion what the detector does: rows of the plan, by caption.
    scene = report_data(project.root / "results/report", "motions/0")
    captions = pd.read_parquet(project.root / "results/prompts/demo/captions/prompts.parquet")
    asked = requests.iloc[plan["request"]]
    said_of = captions["caption"].iloc[asked["row"]].to_numpy()
    for who, name in (("real", "real"), ("backbones/momask/variants/held", "held")):
        folder = project.root / METRICS.format(who)
        (found,) = npz.read(folder / "presence/motions.npz", "presence")
        for shown in scene["shown"]:
            rows = (said_of == shown["caption"]) & (asked["clip"] == shown["clip"]).to_numpy()
            rows &= (asked["repeat"] == shown["repeat"]).to_numpy()
            if name in shown["motions"]:
                assert shown["motions"][name]["presence"] in found.ravel()[rows]
