"""The paper's Table 8: implicit prompts beside explicit ones, all of it by the workflow."""

import json

import numpy as np
import pandas as pd
from PIL import Image

from support.project import Project

ROWS = ("retrained", "original", "lcr")
COLUMNS = ("explicit-fid", "explicit-mm_safe", "implicit-fid", "implicit-mm_dist")


def test_implicit_prompts_get_into_table_8(project: Project) -> None:
    def change(config: dict) -> None:
        config["concepts"]["kick"] = {"keywords": ["kick"]}
        config["evaluation"]["pool"] = 4  # few clips show a kick
        config["prompts"] = {
            "implicit": {"kind": "phrase_book", "concept": "kick", "without": ["violence"]}
        }
        entry = {"layout": "table-8", "dataset": "demo", "concept": "violence"}
        config["tables"]["implicit"] = entry

    project.configure(change)
    cells = [f"results/cells/implicit/{row}/{column}.json" for row in ROWS for column in COLUMNS]
    picture = "results/figures/methods/implicit/demo/momask/violence/whole/implicit.png"
    assert picture.removeprefix("results/figures/methods/").rpartition(".")[0] in {
        job.partition(" ")[2] for job in project.planned() if job.startswith("method_strips")
    }
    made = project.made(*cells, picture)
    assert "prompts demo/implicit" in made
    # The models are those of the other tables; the original speaks of kicks already.
    models = "generate demo/momask/variants/violence"
    assert [job for job in made if job.startswith(("generate", "part", "unlearn"))] == [
        "generate demo/momask/original/prompts/implicit",
        f"{models}/retrained/plans/concepts/kick/forget/plan",
        f"{models}/retrained/plans/whole/implicit/plan",
    ]
    values = [project.json(cell)["value"] for cell in cells]
    assert all(value > 0 for value in values)
    folder = project.root / "results/prompts/demo/implicit"
    told = pd.read_parquet(folder / "prompts.parquet")
    captions = pd.read_parquet(project.root / "results/prompts/demo/captions/prompts.parquet")
    named = captions[captions["caption"].str.contains("kick")]
    assert len(named) > 4
    assert told["sample"].tolist() == named["sample"].tolist()
    assert told["motion"].tolist() == named["motion"].tolist()
    assert not told["caption"].str.contains("kick").any()
    lineage = json.loads(project.hmu("lineage", "--json", cells[2]).stdout)
    assert "results/prompts/demo/implicit/prompts.parquet" in json.dumps(lineage)
    assert np.asarray(Image.open(project.root / picture).convert("L")).std() > 1
    assert project.planned(*cells, picture) == []
