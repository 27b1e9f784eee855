"""One plugin of each kind: one file and one entry of the configuration, and it is in a table.

Methods, metrics and descriptors are tested in the whole workflow too, and a
third backbone beside the two that are there.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hmu.io import npz
from support.project import Project, shown, take_tables

PLUGINS = {
    "methods/mute.py": '''
"""Make the first codebook quieter."""

from hmu.interface.methods import Context, Edit

INPUTS = ()
CHANGES = ("tokenizer",)
PARAMS = {"share": {"type": "number", "default": 0.5, "description": "What is left."}}


def unlearn(context: Context) -> Edit:
    name = "quantizer.layers.0.codebook"
    codebook = context.state("tokenizer")[name]
    return Edit({"tokenizer": {name: codebook * context.params["share"]}})
''',
    "prompts/polite.py": '''
"""The first captions of the test split, said politely."""

from hmu.interface.prompts import Prompt

PARAMS = {"count": {"type": "integer", "minimum": 1, "description": "How many."}}
FILES = ()


def prompts(context):
    for sample, caption in context.samples[["sample", "caption"]].values[: context.params["count"]]:
        yield Prompt(f"please-{sample}", f"please, {caption}", sample=sample)
''',
    "descriptors/duration.py": '''
"""Seconds of a motion."""

import numpy as np

SEES = ("features",)
MODELS = ()
SETTINGS = ()


def load(context):
    return Duration()


class Duration:
    def motions(self, batch):
        return np.array([[len(each.features) / 20] for each in batch], dtype=np.float32)
''',
    "metrics/length.py": '''
"""Mean length of the motions, in seconds."""

from hmu.interface.metrics import Measured

NAMES = ("length",)
READS = {"length": "generated/duration"}
SETTINGS = ()
REAL = True


def compute(inputs, settings):
    each = inputs["length"][:, 0]
    return Measured({"length": float(each.mean())}, {"length": each})
''',
    "sources/flat.py": '''
"""Joints in one folder, a file a clip, in centimetres."""

import numpy as np

from hmu.interface.sources import Clip, Work

STAGE = "joints"


def ingest(raw, settings):
    return Work(sorted(raw.glob("*.npy")), read)


def read(path):
    yield Clip(path.stem, np.load(path) / 100, path.name)
''',
    "taggers/blunt.py": '''
"""Everything is a noun."""


def tagger():
    return lambda text: " ".join(f"{word}/NOUN" for word in text.lower().rstrip(".").split())
''',
}
LAYOUT = """
title: "How long motions are"
reference: original
anchors: [original]
columns:
  - {set: polite, metric: length, header: Length, arrow: "→"}
rows:
  - {variant: real, label: Real motions}
  - {variant: original, label: Original}
  - {variant: quiet, label: Quieter}
"""
CELLS = "results/cells/own"


def add(project: Project) -> None:
    """One file each, and one entry each."""
    for name, text in PLUGINS.items():
        (project.root / "workflow/hmu" / name).write_text(text, encoding="utf-8")
    (project.root / "workflow/tables/durations.yaml").write_text(LAYOUT, encoding="utf-8")

    def change(config: dict) -> None:
        config["variants"]["quiet"] = {"method": "mute"}
        config["prompts"] = {"polite": {"kind": "polite", "count": 40}}
        own = {"layout": "durations", "dataset": "demo", "concept": "violence"}
        take_tables(config, {"own": own})
        config["datasets"]["mine"] = {"source": "flat", "raw": "flat", "tagger": "blunt"}

    project.configure(change)


def test_one_of_each_kind_gets_into_a_table(project: Project) -> None:
    add(project)
    place = "whole/polite"
    cells = [f"{CELLS}/{row}/polite-length.json" for row in ("quiet", "real")]
    assert project.made(*cells) == [
        "cell own/quiet/polite-length",
        "cell own/real/polite-length",
        f"describe demo/momask/variants/violence/quiet/plans/{place}/plan/duration",
        "describe_real demo/polite/duration",
        "generate demo/momask/original/prompts/polite",
        f"metric demo/backbones/momask/variants/quiet/violence/{place}/length",
        f"metric demo/real/violence/{place}/length",
        f"plan demo/{place}",
        "prompts demo/polite",
        "text_embeddings demo/polite",
        "unlearn demo/momask/violence/quiet",
    ]
    results = project.root / "results"
    told = pd.read_parquet(results / "prompts/demo/polite/prompts.parquet")
    assert len(told) == 40
    assert told["caption"].str.startswith("please, ").all()
    assert told["tokens"].str.contains("/").all()
    # The motions of a prompt are as long as the crop of the motion that it stands for.
    folder = results / f"metrics/demo/backbones/momask/variants/quiet/violence/{place}/length"
    (seconds,) = npz.read(folder / "motions.npz", "length")
    requests = pd.read_parquet(results / "prompts/demo/polite/requests.parquet")
    plan = pd.read_parquet(results / f"plans/demo/{place}/plan.parquet")
    frames = requests["frames"].to_numpy()[plan["request"]]
    assert seconds.flatten() == pytest.approx(frames / 20)
    quiet, real = (project.json(cell)["value"] for cell in cells)
    assert quiet == real > 1


def test_a_form_of_raw_data_and_a_tagger_are_found_by_their_names(project: Project) -> None:
    add(project)
    raw = project.root / "flat"
    (raw / "texts/semantic_labels").mkdir(parents=True)
    joints = np.load(project.root / "results/data/demo/joints/data.npy", mmap_mode="r")
    for number in range(6):
        np.save(raw / f"{number:06d}.npy", 100 * joints[60 * number :][:60])
        label = raw / f"texts/semantic_labels/{number:06d}.txt"
        label.write_text("A person walks", encoding="utf-8")
    for number, split in enumerate(("train", "val", "test")):
        names = f"{2 * number:06d}\n{2 * number + 1:06d}\n"
        (raw / f"{split}.txt").write_text(names, encoding="utf-8")
    text = "results/data/mine/text"
    done = project.snakemake(f"{text}/samples.parquet")
    assert done.returncode == 0, shown(done)
    captions = pq.read_table(project.root / f"{text}/captions.parquet").to_pylist()
    assert {each["tokens"] for each in captions} == {"a/NOUN person/NOUN walks/NOUN"}
    index = pd.read_parquet(project.root / "results/data/mine/joints/index.parquet")
    stored = np.load(project.root / "results/data/mine/joints/data.npy")
    assert len(index) == 6
    assert np.abs(stored[:60] - joints[:60]).max() < 1e-5


def test_contributing_has_a_row_for_each_kind(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    kinds = {name.partition("/")[0] for name in PLUGINS} | {"backbones"}
    assert {kind for kind in kinds if f"`workflow/hmu/{kind}/NAME" in text} == kinds
    page = (root / "workflow/hmu/interface/__init__.py").read_text(encoding="utf-8")
    assert {kind for kind in kinds if f"``hmu/{kind}/" in page} == kinds
