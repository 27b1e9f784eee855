"""A table by TMR in the whole workflow, from a checkpoint and embeddings of the user's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from hmu.metrics import tmr_retrieval
from hmu.models import storage
from hmu.models.stored import Stored
from hmu.models.tmr import Tmr
from hmu.sections.tmr import TmrSizes
from support.project import Project, shown, take_tables

LAYOUT = """
title: "By TMR"
reference: real
anchors: [real, original]
columns:
  - {set: forget, metric: tmr_all@1, header: "@1", arrow: "↑"}
  - {set: retain, metric: tmr_fid, header: FID, arrow: "↓"}
rows:
  - {variant: real, label: Real motions}
  - {variant: original, label: Original}
"""
SIZES = {"latent": 8, "heads": 2, "layers": 1, "feedforward": 8}
ORIGINAL = "describe demo/momask/original/prompts/captions/tmr"
OTHERS = ["describe_real demo/captions/tmr", "describe_texts demo/captions/tmr"]


def ask_tmr(config: dict[str, Any]) -> None:
    own = {"layout": "by-tmr", "dataset": "demo", "concept": "violence", "pictures": False}
    take_tables(config, {"own": own})
    config["variants"] = {"original": config["variants"]["original"]}
    config["datasets"]["demo"] |= {"tmr": "theirs", "token_embeddings": "tokens"}


def checkpoint(folder: Path) -> None:
    """A TMR of no training, as its repository has it, and embeddings of no captions."""
    model = Tmr(TmrSizes(**SIZES, text_dim=6))
    (folder / "last_weights").mkdir(parents=True)
    names = {"latent_dim": 8, "num_heads": 2, "num_layers": 1, "ff_size": 8, "dropout": 0.1}
    encoders = {}
    for name, nfeats in (("motion_encoder", 263), ("text_encoder", 6)):
        torch.save(getattr(model, name).state_dict(), folder / f"last_weights/{name}.pt")
        encoders[name] = {"nfeats": nfeats, "vae": True, "activation": "gelu", **names}
    (folder / "config.json").write_text(json.dumps({"model": encoders}))
    for name in ("mean", "std"):
        torch.save(torch.ones(263), folder / f"{name}.pt")


def embed(folder: Path, captions: list[str]) -> None:
    """Two tokens of each caption."""
    stem = "distilbert-base-uncased"
    draw = np.random.default_rng(0)
    np.save(folder / f"{stem}.npy", draw.normal(size=(2 * len(captions), 6)).astype(np.float32))
    places = np.arange(2 * len(captions)).reshape(-1, 2)
    np.save(folder / f"{stem}_slice.npy", places + np.array([0, 1]))
    index = {caption: number for number, caption in enumerate(captions)}
    (folder / f"{stem}_index.json").write_text(json.dumps(index))


def test_a_checkpoint_of_the_users_takes_the_place_of_training(project: Project) -> None:
    """And their embeddings that of ours: a caption that has none is named."""
    (project.root / "workflow/tables/by-tmr.yaml").write_text(LAYOUT, encoding="utf-8")
    results = project.root / "results"
    theirs, tokens = project.root / "theirs", project.root / "tokens"
    checkpoint(theirs)
    tokens.mkdir()
    prompts = pd.read_parquet(results / "prompts/demo/captions/prompts.parquet")
    captions = sorted(set(prompts["caption"]))
    embed(tokens, captions[1:])
    project.configure(ask_tmr)
    planned = project.planned("results/tables")
    assert [job for job in planned if job.startswith(("tmr", "import"))] == ["import_tmr demo"]
    assert [job for job in planned if job.startswith("describe")] == [ORIGINAL, *OTHERS]
    assert not [job for job in planned if job.startswith(("generate", "evaluator", "part"))]
    done = project.snakemake("results/tables", "--keep-going")
    assert done.returncode != 0
    said = f"_index.json has no embeddings of 1 captions, the first being {captions[0]!r}"
    assert said in shown(done)
    embed(tokens, captions)
    assert [job for job in project.made("results/tables") if job.startswith("describe")] == [
        "describe_texts demo/captions/tmr"
    ]
    values = project.json(
        "results/metrics/demo/real/violence/concepts/violence/forget/tmr_retrieval/values.json"
    )
    assert {each["name"] for each in values} == set(tmr_retrieval.NAMES)
    page = (results / "tables/pages/own.md").read_text(encoding="utf-8")
    assert "TMR of the dataset demo is the checkpoint in theirs." in page
    folder = results / "models/demo/tmr"
    stored = Stored("tmr", folder / "model.safetensors", folder / "config.json")
    kept = storage.load(Tmr, TmrSizes, stored, torch.device("cpu")).state_dict()
    for name in ("motion_encoder", "text_encoder"):
        given = torch.load(theirs / f"last_weights/{name}.pt", weights_only=True)
        assert all(torch.equal(kept[f"{name}.{key}"], each) for key, each in given.items())
