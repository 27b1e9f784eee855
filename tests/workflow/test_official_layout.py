"""The layout `official` whole: models trained here, written as official files, and read back."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
import torch

from benchmarks.text import random_tower
from hmu.sections.text_encoder import ClipSizes
from support.project import Project, shown

OFFICIAL = "tests/official.yaml"
CELL = "results/cells/three/{}/{}.json"
MODELS = "results/models/demo/backbones/{}/all"
LENGTH = "results/models/demo/length/model.safetensors"
PAGES = "results/tables/pages/three"
PAIRS = {"momask-official": "momask", "bamm-official": "bamm"}


@pytest.mark.long(1)
def test_a_model_that_went_out_and_came_back_is_the_one_trained_here(project: Project) -> None:
    """To the last bit, in every repeat of every column: what differs between a released model and
    one's own then lies in their weights."""
    put_clip(project.root / "official" / "ViT-B-32.pt")
    project.take(OFFICIAL)
    project.configure(lambda config: [config["backbones"].pop(name) for name in PAIRS])
    project.made("results/tables", LENGTH)
    alone = lines_beside(project.root / f"{PAGES}.md")
    assert len(alone) == 16
    assert all(fields[2] == "not configured" and fields[-3:] == ["–"] * 3 for fields in alone)

    for kind in ("momask", "bamm"):
        done = project.hmu("export", MODELS.format(kind), f"official/{kind}")
        assert done.returncode == 0, shown(done)
    project.take(OFFICIAL)
    made = project.made("results/tables")
    assert [job for job in made if job.startswith(("part", "import", "generate"))] == [
        "generate demo/bamm-official/original/prompts/captions",
        "generate demo/momask-official/original/prompts/captions",
        "import_part results/models/demo/backbones/bamm-official/all/masked",
        "import_part results/models/demo/backbones/momask-official/all/masked",
        "import_part results/models/demo/backbones/momask-official/all/residual",
        "import_part results/models/demo/backbones/momask-official/all/tokenizer",
    ]
    check_cells(project)
    check_page(project)


def put_clip(path: Path) -> None:
    """A file as OpenAI's, of a small text tower."""
    path.parent.mkdir()
    tower = random_tower(ClipSizes(width=64, heads=1, layers=1, dim=512), 0)
    torch.save(tower.state_dict(), path)


def check_cells(project: Project) -> None:
    """Both models have the values of their twins, and the two kinds differ."""
    table = project.root / f"{PAGES}.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        rows = {line["row"]: line for line in csv.DictReader(stream)}
    assert [*rows] == ["momask-official", "momask", "bamm-official", "bamm"]
    columns = [name for name in rows["momask"] if re.fullmatch(r"(forget|retain)-[\w@]+", name)]
    assert len(columns) == 8
    for column in columns:
        values = {row: project.json(CELL.format(row, column))["values"] for row in rows}
        assert all(len(each) == 2 for each in values.values())
        assert all(values[theirs] == values[ours] for theirs, ours in PAIRS.items()), column
    fids = [project.json(CELL.format(row, "retain-fid"))["value"] for row in PAIRS.values()]
    assert fids[0] != fids[1]
    found = pd.read_parquet(project.root / "results/differences/three.parquet")
    of_twins = found[found["second"] == found["first"].map(PAIRS)]
    assert len(of_twins) == 16
    assert (of_twins[["difference", "low", "high"]] == 0).all(axis=None)


def check_page(project: Project) -> None:
    """The three stand beside each other, and the page says that nothing lies between the twins."""
    beside = lines_beside(project.root / f"{PAGES}.md")
    assert len(beside) == 16
    for _, printed, released, trained, *between in beside:
        assert printed == "not comparable"
        assert released == trained
        assert between == ["–", "–", "+0.000; ± overlap; no difference seen"]


def lines_beside(page: Path) -> list[list[str]]:
    """The fields of the lines that put models beside each other, in the order of the page."""
    _, _, text = page.read_text(encoding="utf-8").partition("## MoMask: beside each other")
    rows = [line.strip("|").split("|") for line in text.splitlines() if "set ·" in line]
    return [[field.strip() for field in row] for row in rows]
