"""Presence in the whole workflow: a detector of the concept, and what it says of real and made
motions, beside what it is worth."""

import shutil
from typing import Any

import numpy as np

from hmu.evaluation.rows import Planned
from hmu.io import npz
from support.project import Project, take_tables

PLACE = "concepts/violence"
PRESENCE = f"{PLACE}/presence"
ORIGINAL = "demo/momask/original/prompts/captions"
PLANS = f"demo/momask/variants/violence/lcr/plans/{PLACE}"
MADE_OF = ("evaluator", "generate", "length", "part", "plan", "text", "unlearn")


def show_presence(config: dict[str, Any]) -> None:
    """Of the original and of LCR, which lets it speak: no model generates."""
    take_tables(config, {"own": {"layout": "presence", "dataset": "demo", "concept": "violence"}})
    config["variants"] = {name: config["variants"][name] for name in ("original", "lcr")}


def test_a_detector_says_what_is_left_of_a_concept_and_what_it_is_worth(project: Project) -> None:
    project.configure(show_presence)
    shutil.rmtree(project.root / "results/models/demo/detectors")  # that of the injection
    made = project.made("results/tables")
    assert {job for job in made if job.startswith("det")} == {
        "detection own",
        "detector demo/violence",
    }
    assert {job for job in made if job.startswith("describe") and job.endswith("/presence")} == {
        f"describe {ORIGINAL}/{PRESENCE}",
        f"describe {PLANS}/forget/plan/{PRESENCE}",
        f"describe {PLANS}/retain/plan/{PRESENCE}",
        f"describe_real demo/captions/{PRESENCE}",
    }
    assert not [job for job in made if job.startswith(MADE_OF)]

    # What a metric says of a motion, the detectors said of its request.
    results = project.root / "results"
    plan = Planned.read(results / f"plans/demo/{PLACE}/forget/plan.npz")
    for who, described in (
        ("real", "demo/real/captions"),
        (
            "backbones/momask/variants/original",
            "demo/backbones/momask/original/prompts/captions",
        ),
    ):
        folder = results / f"metrics/demo/{who}/violence/{PLACE}/forget/presence"
        found = npz.read(folder / "motions.npz", "presence", "presence_again")
        above = np.load(results / f"descriptions/{described}/{PRESENCE}.npy")
        assert above.shape == (plan.requests, 2)
        assert (np.stack(found, axis=-1) == (above[plan.request] > 0)).all()

    # The page says what the detector is worth, and why a cell is empty.
    page = (results / "tables/pages/own.md").read_text(encoding="utf-8")
    calibration = project.json("results/models/demo/detectors/violence/calibration.json")
    assert all(each["held_out"]["retain"]["share"] <= 0.05 for each in calibration)
    shown = calibration[0]["test"]["forget"]["clips"]
    assert "Presence of violence (dataset demo): the detector's threshold lets" in page
    assert f" of {shown} clips) of those that show it, which is the ceiling" in page
    assert "motions of the original for prompts without the concept: " in page
    assert "A second detector of violence, of another seed, " in page
    why = "it needs 4 repeats, and this run has 2 (evaluation.repeats)"
    assert page.count("it needs 4 repeats") == 1, "not of each row again"
    assert f"Presence@4 has no value in any row, because {why}." in page
    html = (results / "tables/pages/own.html").read_text(encoding="utf-8")
    assert f'title="undefined: {why}"' in html
    cells = [project.json(f"results/cells/own/lcr/forget-presence{n}.json") for n in ("@1", "@4")]
    assert 0 <= cells[0]["value"] <= 1
    assert (cells[0]["interval"], cells[1]["value"]) == (None, None)

    # Another detector says it anew, and no motion is made again.
    project.alter("workflow/hmu/models/detector.py")
    planned = project.planned("results/tables")
    assert {job for job in made if job.startswith("det") or "/presence" in job} <= {*planned}
    assert not [job for job in planned if job.startswith(MADE_OF)]
