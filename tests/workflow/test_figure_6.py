"""Implicit prompts in the whole workflow, as far as the picture of them: the paper's Figure 6."""

import json

import numpy as np
import pandas as pd
from PIL import Image

from support.project import Project

PICTURE = "results/figures/methods/implicit/demo/momask/violence/whole/implicit.png"


def test_implicit_prompts_stand_for_their_captions_and_are_drawn(project: Project) -> None:
    def change(config: dict) -> None:
        config["concepts"]["kick"] = {"keywords": ["kick"]}
        config["evaluation"]["pool"] = 4  # few clips show a kick
        config["prompts"] = {
            "implicit": {"kind": "phrase_book", "concept": "kick", "without": ["violence"]}
        }
        entry = {"layout": "table-8", "dataset": "demo", "concept": "violence"}
        config["tables"]["implicit"] = entry

    project.configure(change)
    # The models are those of the other tables; LCR says what the original does, in other codes.
    models = "generate demo/momask"
    assert [job for job in project.made(PICTURE) if job.startswith(("generate", "part", "un"))] == [
        f"{models}/original/prompts/implicit",
        f"{models}/variants/violence/retrained/plans/whole/implicit/plan",
    ]
    assert np.asarray(Image.open(project.root / PICTURE).convert("L")).std() > 1
    folder = project.root / "results/prompts/demo"
    told = pd.read_parquet(folder / "implicit/prompts.parquet")
    captions = pd.read_parquet(folder / "captions/prompts.parquet")
    named = captions[captions["caption"].str.contains("kick")]
    assert len(named) > 4
    assert told["sample"].tolist() == named["sample"].tolist()
    assert told["motion"].tolist() == named["motion"].tolist()
    assert not told["caption"].str.contains("kick").any()
    lineage = json.loads(project.hmu("lineage", "--json", PICTURE).stdout)
    assert "results/prompts/demo/implicit/prompts.parquet" in json.dumps(lineage)
    assert project.planned(PICTURE) == []
