"""Edited texts through the workflow, of both backbones."""

import math

from hmu.models.storage import load_state
from support.project import Project

PLACES = {"momask": "uce", "bamm": "rece"}
FID = "violence/concepts/violence/forget/fid/values.json"


def test_edited_transformers_are_made_and_measured(project: Project) -> None:
    project.configure(
        lambda config: config["variants"].update(
            uce={"method": "uce", "target": "stand"},
            rece={"method": "rece", "preserve": "captions", "captions": 5},
        )
    )
    metric = f"results/metrics/demo/backbones/momask/variants/uce/{FID}"
    places = [f"demo/{backbone}/violence/{variant}" for backbone, variant in PLACES.items()]
    deltas = [f"results/checkpoints/{place}/delta.safetensors" for place in places]
    made = project.made(metric, *deltas)
    for place, delta in zip(places, deltas, strict=True):
        assert f"unlearn {place}" in made
        tensors = load_state(project.root / delta)
        assert sorted(tensors) == ["masked/cond_emb.weight", "residual/cond_emb.weight"]
        notes = project.json(f"results/checkpoints/{place}/origin.json")["notes"]
        assert notes["erased"].keys() >= {"kick", "punch"}
    assert len(notes["preserved"]) == 5
    assert all(math.isfinite(row["value"]) for row in project.json(metric))
