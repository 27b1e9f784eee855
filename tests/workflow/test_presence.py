"""Presence in the whole workflow: a detector of the concept, and what it says of real and made
motions, beside what it is worth."""

import numpy as np

from hmu.evaluation.rows import Planned
from hmu.io import npz
from support.project import Project

PLACE = "concepts/violence"
DETECTOR = "results/models/demo/detectors/violence"


def test_what_a_metric_says_of_a_motion_the_detector_said_of_its_request(finished: Project) -> None:
    results = finished.root / "results"
    plan = Planned.read(results / f"plans/demo/{PLACE}/forget/plan.npz")
    everyone = "demo/backbones/momask/original/prompts/captions"
    for who, described in (
        ("real", "demo/real/captions"),
        ("backbones/momask/variants/original", everyone),
    ):
        folder = results / f"metrics/demo/{who}/violence/{PLACE}/forget/presence"
        found = npz.read(folder / "motions.npz", "presence", "presence_again")
        above = np.load(results / f"descriptions/{described}/{PLACE}/presence.npy")
        assert above.shape == (plan.requests, 2)
        assert (np.stack(found, axis=-1) == (above[plan.request] > 0)).all()


def test_the_page_says_what_the_detector_is_worth(finished: Project) -> None:
    page = (finished.root / "results/tables/pages/demo-evidence.md").read_text(encoding="utf-8")
    first, second = finished.json(f"{DETECTOR}/calibration.json")
    shown = first["test"]["forget"]["clips"]
    assert first["held_out"]["retain"]["share"] <= 0.05 >= second["held_out"]["retain"]["share"]
    assert "Presence of violence (dataset demo): the detector's threshold lets" in page
    assert f" of {shown} clips) of those that show it, which is the ceiling" in page
    assert "In motions of the original for prompts without the concept: " in page
    assert "A second detector of violence, of another seed, " in page


def test_another_detector_says_it_anew_and_no_motion_is_made_again(project: Project) -> None:
    project.alter("workflow/hmu/models/detector.py")
    planned = project.planned("results/tables")
    again = [f"describe demo/momask/original/prompts/captions/{PLACE}/presence"]
    again += ["detection demo-evidence", "detector demo/violence"]
    assert {*again, f"describe_real demo/captions/{PLACE}/presence"} <= {*planned}
    made_of = ("generate", "part", "codes", "unlearn", "plan", "text", "evaluator", "length")
    assert not [job for job in planned if job.startswith(made_of)]
    described = [job for job in planned if job.startswith("describe")]
    assert all(job.endswith(f"/{PLACE}/presence") for job in described)
