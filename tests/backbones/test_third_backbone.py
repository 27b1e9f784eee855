"""A third backbone: one folder, one entry of the configuration, and it has rows in a table."""

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from support.project import Project, take_tables

BIGRAM = {
    "__init__": '''
"""The next code from the one before and the text. One codebook, one transformer of its own."""

PARTS = {
    "tokenizer": {
        "network": "hmu.models.tokenizer.Tokenizer",
        "sizes": "hmu.sections.tokenizer.TokenizerSizes",
        "recipe": "hmu.models.recipes.windows",
        "reads": ("features",),
    },
    "writer": {
        "network": "hmu.backbones.bigram.writer.Writer",
        "sizes": "hmu.backbones.bigram.sections.WriterSizes",
        "recipe": "hmu.models.recipes.codes",
        "reads": ("codes", "captions"),
    },
}
SAMPLER = "hmu.backbones.bigram.writer"
SETTINGS = ("temperature",)
''',
    "sections": '''
"""What a configuration may say of a bigram."""

from pydantic import Field

from hmu.sections.backbone import Part, Trained
from hmu.sections.tokenizer import TokenizerSection, Vocabulary
from hmu.sections.training import Schedule


class WriterSizes(Vocabulary):
    """All that the shape of the network follows from."""

    width: int = Field(default=16, ge=1, description="Values in the embedding of a code.")
    text_dim: int = Field(default=512, ge=1, description="Values in that of a caption.")


class WriterSection(Part):
    """What follows what."""

    width: int = Field(default=16, ge=1, description="Values in the embedding of a code.")
    training: Schedule = Field(
        default=Schedule(epochs=2, batch=32, rate=1e-2), description="How it is trained."
    )


class Section(Trained):
    """One codebook, and a table of what follows what."""

    tokenizer: TokenizerSection = Field(
        default=TokenizerSection(quantizers=1), description="The motion tokenizer."
    )
    writer: WriterSection = Field(default=WriterSection(), description="What follows what.")
''',
    "writer": '''
"""The network of a bigram, which samples by itself."""

import torch
import torch.nn.functional as F
from torch import nn

from hmu.models.packing import padding_of
from hmu.models.sampling import choose


class Writer(nn.Module):
    predicts_length = False

    def __init__(self, sizes):
        super().__init__()
        self.sizes, self.quantizers = sizes, sizes.quantizers
        self.codes = nn.Embedding(sizes.codes + 1, sizes.width)  # the last begins a motion
        self.text = nn.Linear(sizes.text_dim, sizes.width)
        self.out = nn.Linear(sizes.width, sizes.codes)

    def forward(self, before, text):
        return self.out(torch.tanh(self.codes(before) + self.text(text)))

    def batch_loss(self, batch, generator):
        codes = batch.codes[..., 0]
        before = F.pad(codes[:, :-1], (1, 0), value=self.sizes.codes)
        there = ~padding_of(batch.lengths, codes.shape[1])
        scores = self(before, batch.text.unsqueeze(1))[there]
        return F.cross_entropy(scores, codes[there]), {}

    def draws(self, tokens, settings):
        return 1, tokens

    @torch.no_grad()
    def sample(self, text, lengths, noise, settings):
        last = torch.full_like(lengths, self.sizes.codes)
        written = []
        for place in range(int(lengths.max())):
            last = choose(self(last, text), noise[:, 0, place], settings["temperature"], 1.0)
            written.append(last)
        return torch.stack(written, dim=1).unsqueeze(-1), lengths


def sampler(transformers):
    return transformers["writer"]
''',
}
LAYOUT = """
title: "Two backbones"
reference: original
anchors: [original]
columns:
  - {set: forget, metric: fid, header: FID, arrow: "→"}
rows:
  - {variant: original, label: Original}
  - {variant: retrained, label: Retrained}
  - {variant: finetuned, label: Fine-tuned}
  - {variant: lcr, label: Codes replaced}
"""
TABLE = {"layout": "two", "dataset": "demo", "concept": "violence", "backbone": "bigram"}


@pytest.fixture
def third(project: Project) -> Project:
    """The finished project with a bigram in it."""
    folder = project.root / "workflow/hmu/backbones/bigram"
    folder.mkdir()
    for name, text in BIGRAM.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (project.root / "workflow/tables/two.yaml").write_text(LAYOUT, encoding="utf-8")

    def change(config: dict) -> None:
        tokenizer = config["backbones"]["momask"]["tokenizer"]
        config["backbones"]["bigram"] = {
            "kind": "bigram",
            "tokenizer": {**tokenizer, "quantizers": 1},
        }
        take_tables(config, {"two": TABLE})

    project.configure(change)
    return project


@pytest.mark.long(1)
def test_a_third_backbone_is_trained_unlearned_and_measured(third: Project) -> None:
    rows = ("original", "retrained", "finetuned", "lcr")
    made = third.made(*(f"results/cells/two/{row}/forget-fid.json" for row in rows))
    trained = {
        f"part demo/bigram/{clips}/{part}"
        for clips in ("all", "without/violence")
        for part in ("tokenizer", "writer")
    }
    assert {job for job in made if job.startswith("part")} == trained
    changed = [job for job in made if job.startswith("generate")]
    place = "plans/concepts/violence/forget/plan"
    assert changed == [
        "generate demo/bigram/original/prompts/captions",
        *(
            f"generate demo/bigram/variants/violence/{each}/{place}"
            for each in ("finetuned", "retrained")
        ),
    ]
    assert not [job for job in made if "momask" in job or "bamm" in job]
    values = [third.json(f"results/cells/two/{row}/forget-fid.json")["value"] for row in rows]
    assert np.isfinite(values).all()
    assert len(set(values)) == len(values)
    path = third.root / "results/generations/demo/bigram/original/prompts/captions.parquet"
    table = pd.read_parquet(path)
    assert (table["codes"].map(len) == table["length"]).all(), "one codebook"
    words = ["--prompt", "a person kicks", "--length", "40", "--animation", "none"]
    model = "results/models/demo/backbones/bigram/all"
    done = third.hmu("generate", "--checkpoint", model, *words, "--out", "own")
    assert done.returncode == 0, done.stderr
    assert len(np.load(third.root / "own/000-a-person-kicks.features.npy")) == 40
    no_files = "here are no official files of the kind"
    done = third.hmu("export", model, "safe")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert f"T{no_files} 'bigram', only of bamm, momask: write workflow/hmu/b" in done.stderr
    assert not (third.root / "safe").exists()
    third.configure(lambda config: config["backbones"]["bigram"].update(weights="official"))
    done = third.snakemake("--dry-run")
    assert done.returncode != 0
    assert f"backbones.bigram.weights: t{no_files} bigram; leave them out." in done.stderr
    assert done.stderr.count("weights: ") == 1


def test_a_backbone_with_a_seed_of_its_own_is_another_model(project: Project) -> None:
    """Of the same settings; the noise of generated motions stays that of the run."""

    def change(config: dict) -> None:
        config["backbones"]["again"] = {**config["backbones"]["momask"], "seed": 7}

    project.configure(change)
    folders = [
        f"results/models/demo/backbones/{each}/all/tokenizer" for each in ("momask", "again")
    ]
    weights = [f"{folder}/model.safetensors" for folder in folders]
    assert project.made(*weights) == ["part demo/again/all/tokenizer"]
    one, other = (load_file(project.root / each) for each in weights)
    assert one.keys() == other.keys()
    assert not np.array_equal(one["encoder.model.0.weight"], other["encoder.model.0.weight"])
    records = [project.json(f"results/lineage/{each[8:]}.json")["seed"] for each in weights]
    assert records == [3407, 7]
