"""Directories of official files, filled by the official modules or by ours, and imported ones."""

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from support.official_files import (
    BAMM,
    TRANSFORMER_OPTIONS,
    make_download,
    official_models,
    our_models,
    randomise,
    save,
    take,
    write,
)
from support.reference import checkout, importable


@pytest.fixture(scope="module")
def momask() -> Iterator[Any]:
    """The official modules, with the sentence as its own embedding in place of CLIP."""
    pytest.importorskip("einops")
    pytest.importorskip("tqdm")
    with importable(checkout("EricGuo5513+momask-codes")):
        transformer = importlib.import_module("models.mask_transformer.transformer")

        def bare(name: str) -> type[nn.Module]:
            base = getattr(transformer, name)
            return type(name, (base,), {"load_and_freeze_clip": lambda self, version: None})

        yield SimpleNamespace(
            vq=importlib.import_module("models.vq.model"),
            masked=bare("MaskTransformer"),
            residual=bare("ResidualTransformer"),
            evaluator=importlib.import_module("models.t2m_eval_modules"),
            wrapper=importlib.import_module("models.t2m_eval_wrapper"),
            get_opt=importlib.import_module("utils.get_opt").get_opt,
        )


@pytest.fixture(scope="module")
def download(momask: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download whose files the official modules filled."""
    return make_download(official_models(momask), tmp_path_factory.mktemp("download") / "t2m")


@pytest.fixture(scope="module")
def lookalike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the official code."""
    return make_download(our_models(), tmp_path_factory.mktemp("lookalike") / "t2m")


@pytest.fixture(scope="module")
def imported(download: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("project") / "results"
    return take(download, results)


@pytest.fixture(scope="module")
def bamm_module() -> Iterator[Any]:
    pytest.importorskip("einops")
    pytest.importorskip("tqdm")
    with importable(checkout("exitudio+BAMM")):
        base = importlib.import_module("models.mask_transformer.transformer").MaskTransformer
        bare = {"load_and_freeze_clip": lambda self, version: None}
        get_opt = importlib.import_module("utils.get_opt").get_opt
        yield SimpleNamespace(masked=type("MaskTransformer", (base,), bare), get_opt=get_opt)


@pytest.fixture(scope="module")
def with_bamm(bamm_module: Any, lookalike: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference's directory, in which BAMM lies beside MoMask."""
    root = tmp_path_factory.mktemp("bamm") / "t2m"
    shutil.copytree(lookalike, root)
    own = {"name": BAMM, "checkpoints_dir": "./log/t2m", "trans": "official"}
    write(root / BAMM, TRANSFORMER_OPTIONS | own)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        opt = SimpleNamespace(num_tokens=24, trans="official")
        model = bamm_module.masked(
            code_dim=20, cond_mode="text", latent_dim=32, ff_size=48, num_layers=2, num_heads=4,
            dropout=0.2, clip_dim=512, cond_drop_prob=0.1, opt=opt,
        )  # fmt: skip
        state = randomise(model)
    save(root / BAMM, "latest.tar", {"t2m_transformer": state, "ep": 7, "total_it": 9})
    return root
