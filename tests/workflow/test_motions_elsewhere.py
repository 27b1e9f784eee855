"""Motions that are made elsewhere: which are wanted, and their row in a table."""

import csv
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hmu.backbones.codec import Codec
from hmu.io.codes import CodeTable
from hmu.models.stored import Stored
from support.project import Project, shown, take_tables
from support.report_data import report_data

LAYOUT = """
title: "Ours and theirs"
reference: original
anchors: []
columns:
  - {set: forget, metric: fid, header: FID, arrow: "↓"}
  - {set: forget, metric: mm_safe, header: MM-Safe, arrow: "↓"}
  - {set: forget, metric: multimodality, header: MultiModality, arrow: "→"}
  - {set: forget, metric: r@1, header: "R@1", arrow: "→"}
rows:
  - {variant: original, label: Ours}
  - {variant: original, backbone: theirs, name: theirs, label: Theirs}
"""
TABLE = {"layout": "both", "dataset": "demo", "concept": "violence"}
METRICS = ("fid", "mm_safe", "multimodality", "r@1")
WANTED = "results/wanted/demo/theirs.csv"
PLACE = "plans/concepts/violence/forget"
ORIGINAL = "results/generations/demo/momask/original"


def cells(row: str) -> list[str]:
    return [f"results/cells/both/{row}/forget-{metric}.json" for metric in METRICS]


@pytest.fixture
def both(project: Project) -> Project:
    """The finished project with a backbone whose motions are made elsewhere, and not yet there."""
    (project.root / "workflow/tables/both.yaml").write_text(LAYOUT, encoding="utf-8")

    def change(config: dict[str, Any]) -> None:
        config["backbones"]["theirs"] = {"kind": "generations", "motions": "theirs"}
        take_tables(config, {"both": TABLE})

    project.configure(change)
    return project


def decoded(project: Project) -> dict[tuple[int, int, str], np.ndarray]:
    """The motions of the original model, by repeat, draw and prompt."""
    folder = project.root / "results/models/demo/backbones/momask/all/tokenizer"
    model = Stored("tokenizer", folder / "model.safetensors", folder / "config.json")
    codec = Codec.open(model, torch.device("cpu"))
    found = {}
    for asked in ("prompts/captions", f"{PLACE}/pairs"):
        table = CodeTable.read(project.root / f"{ORIGINAL}/{asked}.parquet")
        keys = table.keys[["repeat", "draw", "prompt"]].itertuples(index=False, name=None)
        for key, codes in zip(keys, table.codes, strict=True):
            found[key] = codec.decode(codes[None])[0].numpy()
    return found


def test_motions_of_the_model_itself_have_its_numbers(both: Project) -> None:
    """Whoever is told what is wanted, and gives what the original model makes, gets its cells."""
    both.made(*cells("original"))
    assert both.made(WANTED) == ["wanted demo/theirs"]
    with (both.root / WANTED).open(encoding="utf-8", newline="") as stream:
        wanted = list(csv.DictReader(stream))
    plan = pd.read_parquet(both.root / "results/plans/demo/concepts/violence/forget/plan.parquet")
    assert sum(row["draw"] == "0" for row in wanted) == len(plan)
    samples = pd.read_parquet(both.root / "results/data/demo/text/samples.parquet")
    captions = dict(zip(samples["sample"], samples["caption"], strict=True))
    ours = decoded(both)
    for row in wanted:
        motion = ours[int(row["repeat"]), int(row["draw"]), row["prompt"]]
        assert (len(motion), captions[row["prompt"]]) == (int(row["frames"]), row["caption"])
        path = both.root / "theirs" / row["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, motion)
    made = both.made(*cells("theirs"))
    collected = [f"collect demo/theirs/{PLACE}/{table}" for table in ("pairs", "plan")]
    assert [job for job in made if job.startswith(("collect", "describe", "generate"))] == [
        *collected,
        f"describe_collected demo/theirs/{PLACE}/pairs/embedding",
        f"describe_collected demo/theirs/{PLACE}/plan/embedding",
    ]
    for one, other in zip(cells("original"), cells("theirs"), strict=True):
        own, theirs = both.json(one), both.json(other)
        assert theirs["backbone"] == "theirs"
        for key in ("value", "interval", "repeats", "n"):
            # Decoded one by one: the sums of a batch are rounded in another order.
            assert theirs[key] == pytest.approx(own[key], rel=1e-4, abs=1e-6)

    check_they_stand_beside_the_others(both)

    # What is not read changes nothing; a motion that is corrected in place, all that follows.
    (both.root / "theirs/captions/notes.txt").write_text("made in May", encoding="utf-8")
    assert both.planned(*cells("theirs")) == []
    first = both.root / "theirs" / next(row["file"] for row in wanted if row["draw"] == "0")
    np.save(first, 1.5 * np.load(first))
    before, fid = both.json(cells("theirs")[0])["value"], cells("theirs")[0]
    assert both.made(fid) == [
        "cell both/theirs/forget-fid",
        collected[1],
        f"describe_collected demo/theirs/{PLACE}/plan/embedding",
        "metric demo/backbones/theirs/variants/original/violence/concepts/violence/forget/fid",
    ]
    assert both.json(fid)["value"] != before


def check_they_stand_beside_the_others(both: Project) -> None:
    """In the report: the same motions as the original's, and a cell that leads to its own."""
    both.made("results/report")
    folder = both.root / "results/report"
    scene = report_data(folder, "motions/0")
    assert scene["address"] == ["demo", "momask", "violence", "forget"]
    told = [(each["name"], each["label"], each["role"]) for each in scene["models"]]
    assert told == [
        ("real", "Real motion", "real"),
        ("original", "Ours", "original"),
        ("theirs/original", "Theirs", "elsewhere"),
    ]
    both_show = [each for each in scene["shown"] if "theirs/original" in each["motions"]]
    assert len(both_show) > scene["prompts"] == 12
    for each in both_show:
        own, theirs = (each["motions"][name] for name in ("original", "theirs/original"))
        assert theirs["frames"] == own["frames"] >= 4
        apart = positions(own) - positions(theirs)
        assert abs(apart).max() <= 1  # millimetres, of which both are rounded
        assert (own["tokens"] > 0, "tokens" in theirs) == (True, False)
    cells = report_data(folder, "cells")["cells"]
    opened = cells["both/theirs/forget-mm_safe"]
    assert (opened["scene"], opened["model"]) == (0, "theirs/original")
    assert opened["address"][1] == "theirs"
    assert cells["both/original/forget-mm_safe"]["model"] == "original"
    for end in ("lowest", "median", "highest"):
        shown = scene["shown"][scene["ends"]["theirs/original"]["mm_safe"][end]]
        assert set(shown["motions"]) >= {"real", "original", "theirs/original"}
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "forgot violence: the" not in page  # nobody here did
    assert "Beside these stand motions that were made elsewhere: Theirs." in page


def positions(packed: dict[str, Any]) -> np.ndarray:
    """(frames, 66) in millimetres, of the steps that the page is given."""
    return np.cumsum(np.reshape(packed["joints"], (66, packed["frames"])), axis=1).T


def test_motions_that_are_not_there_are_asked_for(both: Project) -> None:
    """Before anything runs, where there is no directory; else in the log of the one job."""
    done = both.snakemake(*cells("theirs"))
    assert done.returncode != 0
    assert "Traceback" not in shown(done)
    assert shown(done).count(f"theirs does not exist; make the motions that {WANTED} lists") == 1
    (both.root / "theirs").mkdir()
    done = both.snakemake(cells("theirs")[0])
    assert done.returncode != 0
    assert "Traceback" not in shown(done)
    assert shown(done).count("hmu: theirs: of 64 motions 64 are missing (captions/") == 1
    assert not (both.root / f"results/generations/demo/theirs/original/{PLACE}/plan").exists()


def test_what_only_a_model_has_is_refused(both: Project) -> None:
    """A method on motions, and a metric of codes, are answered before anything runs."""
    layout = both.root / "workflow/tables/both.yaml"
    layout.write_text(
        f"{LAYOUT}  - {{variant: lcr, backbone: theirs, name: theirs-lcr, label: Edited}}\n",
        encoding="utf-8",
    )
    descriptor = both.root / "workflow/hmu/descriptors/embedding.py"
    text = descriptor.read_text(encoding="utf-8")
    descriptor.write_text(text.replace('SEES = ("features",)', 'SEES = ("codes",)'), "utf-8")
    done = both.snakemake("--dry-run", WANTED)
    assert done.returncode != 0
    assert "Traceback" not in shown(done)
    for said in (
        "row 'theirs-lcr': the method 'lcr' edits a model, and the backbone 'theirs' is motions",
        "row 'theirs', column 'forget-fid': the descriptor 'embedding' sees codes, and the",
    ):
        assert shown(done).count(said) == 1
    assert "row 'original'" not in shown(done)
