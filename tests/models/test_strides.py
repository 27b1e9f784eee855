"""A backbone of each stride: trained, asked and measured at unit size, by the steps themselves."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.timing import Bench
from benchmarks.workspace import Workspace
from hmu.backbones import opening
from hmu.io.codes import CodeTable
from hmu.models.evaluator import Evaluator
from hmu.models.stored import Stored
from hmu.sections import backbone
from hmu.sections.evaluator import EvaluatorSizes
from hmu.steps import codes, describe, generate, train_part

FRAMES = (40, 57, 63, 80, 121, 199, 44, 92)
"""The motions, whose last two are for validation: whole fours and not."""
ASKED = (40, 56, 92, 196)
SCHEDULE = {"batch": 3, "epochs": 3, "warmup": 1, "milestones": [], "rate": 5e-3}
TOKENIZER = {
    "codes": 12, "code_dim": 8, "width": 8, "depth": 1, "quantizers": 2,
    "training": {**SCHEDULE, "window": 40, "windows_per_clip": 1},
}  # fmt: skip
TRANSFORMER = {"latent": 8, "heads": 2, "layers": 1, "feedforward": 8, "training": SCHEDULE}
SAMPLING = {
    "steps": 4, "guidance": 2.0, "refinement_guidance": 2.0, "residual_guidance": 2.0,
    "temperature": 1.0, "keep": 0.5, "precision": "float32", "batch": 2, "predict_length": True,
}  # fmt: skip
PARTS = "masked masked_config residual residual_config"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Waves of one frequency a motion, each with a caption of its own, and an evaluator."""
    space = Workspace(tmp_path, Bench(None, True, torch.device("cpu"), 1))
    rate = np.linspace(0.05, 0.4, len(FRAMES))
    waves = [np.sin(np.arange(n)[:, None] * rate[i]) for i, n in enumerate(FRAMES)]
    space.motions([np.broadcast_to(wave, (len(wave), 263)).astype(np.float32) for wave in waves])
    motions = pd.read_parquet(space.path("motions"))
    motions["split"] = ["train"] * 6 + ["val"] * 2
    motions["sample"] = motions["caption"] = [f"wave {n}" for n in range(len(FRAMES))]
    for name in ("motions", "samples"):
        space.table(name, dict(motions))
    space.table("captions", {"caption": motions["caption"], "row": range(len(FRAMES))})
    np.save(space.path("embeddings"), np.eye(len(FRAMES), dtype=np.float32))
    for name, value in (("mean", 0.0), ("std", 1.0)):
        with space.path(name).open("wb") as stream:
            np.save(stream, np.full(263, value, np.float32))
    prompts = list(motions["motion"][: len(ASKED)])
    space.table("prompts", {"prompt": prompts, "caption": motions["caption"][: len(ASKED)]})
    plan = {"repeat": 0, "prompt": prompts, "row": range(len(ASKED)), "frames": ASKED, "draw": 0}
    space.table("requests", plan)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sizes = EvaluatorSizes(
            movement_hidden=8, movement_latent=8, motion_hidden=8, text_hidden=8, embedding=8
        )
        space.model("evaluator", Evaluator(sizes))
    return space


def train(space: Workspace, kind: str, part: str, inputs: str, section: dict[str, Any]) -> None:
    """Train a part."""
    made = {name: f"{part}_{name}" for name in ("config", "origin", "training")} | {"model": part}
    settings = {"kind": kind, "part": part, "section": section}
    train_part.run(space.job(inputs, " ".join(made), made, **settings))


@pytest.mark.parametrize("kind", ["momask", "bamm"])
@pytest.mark.parametrize(("stride", "frames_per_token"), [(1, 1), (2, 4), (3, 9)])
def test_a_backbone_of_a_stride_is_trained_asked_and_measured(
    space: Workspace, kind: str, stride: int, frames_per_token: int
) -> None:
    section = backbone.of_kind(kind)(
        tokenizer={**TOKENIZER, "stride": stride}, masked=TRANSFORMER, residual=TRANSFORMER
    ).model_dump()
    train(space, kind, "tokenizer", "data index motions mean std", section["tokenizer"])
    where = torch.device("cpu")
    tokenizer = opening.part(
        Stored("tokenizer", space.path("tokenizer"), space.path("tokenizer_config")), where
    )
    assert tokenizer.frames_per_token == frames_per_token
    codes.run(space.job("data index motions tokenizer tokenizer_config", "codes", {}))
    table = CodeTable.read(space.path("codes"))
    first = table.keys["offset"] == 0
    assert len(table.codes) == frames_per_token * len(FRAMES)
    assert table.keys["frames"][first].tolist() == list(FRAMES)

    inputs = "tokenizer tokenizer_config codes samples captions embeddings"
    for part in ("masked", "residual"):
        train(space, kind, part, inputs, section[part])
    given = f"{PARTS} tokenizer_config requests captions embeddings prompts"
    for predicts in (False, True):
        settings = {**SAMPLING, "kind": kind, "predict_length": predicts}
        generate.run(space.job(given, "generations", {}, **settings))
        made = CodeTable.read(space.path("generations"))
        tokens = np.array([len(each) for each in made.codes])
        if predicts and kind == "bamm":
            frames = np.minimum(tokens * frames_per_token, 196)
        else:
            frames = np.array(ASKED)
            assert tokens.tolist() == [math.ceil(n / frames_per_token) for n in ASKED]
        assert made.keys["frames"].tolist() == frames.tolist()
    read = "requests generations tokenizer tokenizer_config evaluator evaluator_config"
    told = {"decoded": "rescaled", "descriptor": "embedding"}
    describe.run(space.job(read, "description", {}, **told))
    found = np.load(space.path("description"))
    assert found.shape == (len(ASKED), 8)
    assert np.isfinite(found).all()
