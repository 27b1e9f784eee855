"""Edited texts through the workflow: of both backbones, measured, exported and imported again."""

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hmu.models.storage import load_state
from support.project import Project

EDITED = "cond_emb.weight"
PLACES = {"momask": "uce", "bamm": "rece"}
FILES = {"masked": "t2m_transformer", "residual": "res_transformer"}


def exported(folder: Path) -> dict[str, dict[str, Tensor]]:
    """The transformers among official files, by part."""
    found = {}
    for path in folder.glob("*/model/*.tar"):
        content: dict[str, Any] = torch.load(path, weights_only=True)
        found |= {part: content[key] for part, key in FILES.items() if key in content}
    return found


def test_edited_transformers_are_measured_and_go_out_and_in(project: Project) -> None:
    project.configure(
        lambda config: config["variants"].update(
            uce={"method": "uce", "target": "stand"},
            rece={"method": "rece", "preserve": "captions", "captions": 5},
        )
    )
    exports = {name: f"results/exports/demo/{name}/violence/{PLACES[name]}" for name in PLACES}
    metric = (
        "results/metrics/demo/backbones/momask/variants/uce/violence/concepts/violence/forget/fid/"
        "values.json"
    )
    made = project.made(metric, *exports.values())
    for backbone, variant in PLACES.items():
        assert f"unlearn demo/{backbone}/violence/{variant}" in made
    assert all(math.isfinite(row["value"]) for row in project.json(metric))

    owners = {("momask", "masked"): "momask", ("bamm", "masked"): "bamm"}
    for backbone, variant in PLACES.items():
        place = f"demo/{backbone}/violence/{variant}"
        delta = load_state(project.root / f"results/checkpoints/{place}/delta.safetensors")
        assert sorted(delta) == [f"{part}/{EDITED}" for part in FILES]
        found = exported(project.root / exports[backbone])
        assert found.keys() == FILES.keys()
        for part, tensors in found.items():
            owner = owners.get((backbone, part), "momask")
            model = f"results/models/demo/backbones/{owner}/all/{part}/model.safetensors"
            base = load_state(project.root / model)
            assert tensors.keys() == base.keys()
            changed = [name for name in base if not torch.equal(base[name], tensors[name])]
            assert changed == [EDITED]
            assert torch.equal(tensors[EDITED], delta[f"{part}/{EDITED}"])

    out, again = project.root / exports["momask"], project.root / "again"
    assert project.hmu("import", str(out), "--to", str(again)).returncode == 0
    for part, tensors in exported(out).items():
        (path,) = again.glob(f"**/{part}/model.safetensors")
        assert torch.equal(load_state(path)[EDITED], tensors[EDITED])
