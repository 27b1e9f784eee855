"""What a method is given of a small model and a small data set, in files.

The motions to forget say codes of the lower half of the codebook, those to retain of the upper
half, so that whoever learns one of them says so.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import torch

from hmu import registry, rng
from hmu.backbones import opening
from hmu.io import codes
from hmu.io.codes import CodeTable
from hmu.models import storage
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.sections.tokenizer import TokenizerSizes
from hmu.unlearning.code_statistics import code_statistics
from hmu.unlearning.context import MethodContext
from support.small_models import RESIDUAL, SMALL, TEXT

SPLITS = {"train": 6, "val": 3, "test": 4}
"""Motions of each side."""
TOKENS, HALF = 8, SMALL.codes // 2
TOKENIZER = TokenizerSizes(
    codes=SMALL.codes, code_dim=6, quantizers=SMALL.quantizers, width=8, depth=1
)
SCALE = Normaliser(
    *(rng.generator(0, name).uniform(0.5, 2, FEATURES).astype(np.float32) for name in "ms")
)
SCHEDULE = {"epochs": 3, "batch": 6, "rate": 0.02, "milestones": (5, 9), "gamma": 0.5}
SAMPLING = {
    "steps": 4, "guidance": 2.0, "refinement_guidance": 2.0, "residual_guidance": 2.0,
    "temperature": 1.0, "keep": 0.5,
}  # fmt: skip


def context(folder: Path, method: str, kind: str = "momask", **given: Any) -> MethodContext:
    """The context of ``method`` with these parameters, the others being its defaults.

    ``seed`` is one of the context.
    """
    inputs = {**_models(folder, kind), **_data(folder)}
    literals = registry.literals("methods", method)["PARAMS"]
    seed = given.pop("seed", 0)
    return MethodContext(
        method=method,
        inputs=inputs,
        params={name: each["default"] for name, each in literals.items()} | given,
        address={"backbone": kind, "concept": "low", "dataset": "toy", "variant": "mine"},
        transformers=["masked", "residual"],
        words={},
        training=dict.fromkeys(("masked", "residual"), SCHEDULE),
        samplers=SAMPLING,
        seed=seed,
        device=torch.device("cpu"),
        scratch=Path(tempfile.mkdtemp(dir=folder)),
    )


def _models(folder: Path, kind: str) -> dict[str, Path]:
    """The parts of a model, with weights of their own."""
    sizes = {"tokenizer": TOKENIZER, "masked": SMALL, "residual": RESIDUAL}
    inputs = {}
    for part, own in sizes.items():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            network = opening.declared(kind, part).network(own)
            if part == "tokenizer":
                for layer, book in enumerate(network.quantizer.books()):
                    book.codebook.normal_(std=1 / (1 + layer))
        config = {"part": part, "kind": kind, "sizes": own.model_dump()}
        config["normalisation"] = SCALE.as_json()
        inputs[part], inputs[f"{part}_config"] = folder / f"{part}.safetensors", folder / part
        storage.save(inputs[part], inputs[f"{part}_config"], network, config)
    return inputs


def _data(folder: Path) -> dict[str, Path]:
    """Motions of both sides, each with two captions, and which are to be forgotten."""
    motions = [
        (f"{side}{number}{split}", split, side == "low")
        for side in ("low", "high")
        for split, count in SPLITS.items()
        for number in range(count)
    ]
    rows = []
    for name, _, forget in motions:
        draw = rng.generator(0, name)
        said = draw.integers(HALF, size=(TOKENS, SMALL.quantizers)) + (0 if forget else HALF)
        # A row for each start offset; from later ones, fewer whole tokens are left.
        rows += [said.astype(np.int16), *[said[:-1].astype(np.int16)] * 3]
    names = [name for name, _, _ in motions]
    offsets = [0, 1, 2, 3]
    keys = {
        "motion": pa.array(np.repeat(names, len(offsets))),
        "frames": pa.array([4 * TOKENS] * len(rows), pa.int32()),
        "offset": pa.array(offsets * len(names)),
    }
    codes.write(folder / "codes", keys, rows, SMALL.quantizers)
    captions = [f"{name} {which}" for name in names for which in ("first", "second")]
    of = np.repeat(np.arange(len(names)), 2)
    samples = {
        "sample": captions,
        "motion": [names[each] for each in of],
        "clip": [names[each] for each in of],
        "caption": captions,
        "split": [motions[each][1] for each in of],
    }
    pd.DataFrame(samples).to_parquet(folder / "samples")
    pd.DataFrame({"caption": captions, "row": range(len(captions))}).to_parquet(folder / "captions")
    with (folder / "embeddings").open("wb") as stream:
        drawn = rng.generator(0, "captions").standard_normal((len(captions), TEXT))
        np.save(stream, drawn.astype(np.float32))
    pd.DataFrame({"motion": names, "clip": names}).to_parquet(folder / "motions")
    clips = {
        "clip": names,
        "split": [split for _, split, _ in motions],
        "forget": [forget for _, _, forget in motions],
    }
    pd.DataFrame(clips).to_parquet(folder / "clips")
    table = CodeTable.read(folder / "codes")
    forget = table.keys["motion"].str.startswith("low")
    forget = forget.where(~table.keys["motion"].str.endswith("test"))
    code_statistics(table, forget, SMALL.codes).to_parquet(folder / "statistics")
    of_concept = {f"{name}/low": folder / name for name in ("clips", "statistics")}
    named = ("codes", "motions", "samples", "captions", "embeddings")
    return {name: folder / name for name in named} | of_concept
