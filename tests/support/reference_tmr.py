"""Mathux/TMR's own modules, from a checkout, without the packages that only its training needs."""

import importlib
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import official
from hmu.motion.normalise import FEATURES
from hmu.sections.tmr import TmrSizes
from support.reference import checkout


@contextmanager
def modules() -> Iterator[types.SimpleNamespace]:
    """Their ``model``, ``metrics``, ``load`` (extract.py's) and ``motion`` (their scale); skips the
    test where there is no checkout."""
    names = ("einops", "pytorch_lightning", "hydra", "omegaconf")
    stubs = {name: types.ModuleType(name) for name in names}
    vars(stubs["einops"])["repeat"] = _repeat
    vars(stubs["pytorch_lightning"])["LightningModule"] = nn.Module
    vars(stubs["hydra"])["main"] = _undecorated
    vars(stubs["omegaconf"]).update(DictConfig=dict, OmegaConf=None)
    with official.importing(checkout("Mathux+TMR"), stubs):
        yield types.SimpleNamespace(
            model=importlib.import_module("src.model"),
            metrics=importlib.import_module("src.model.metrics"),
            load=importlib.import_module("src.load"),
            motion=importlib.import_module("src.data.motion"),
        )


def _repeat(tokens: Tensor, pattern: str, bs: int) -> Tensor:
    assert pattern == "nbtoken dim -> bs nbtoken dim"
    return tokens.expand(bs, -1, -1)


def _undecorated(**_: Any) -> Callable[[Any], Any]:
    return lambda function: function


def model(reference: types.SimpleNamespace, sizes: TmrSizes) -> Any:
    """Their model of these sizes, as configs/model/tmr.yaml has the rest."""
    shape = {
        "latent_dim": sizes.latent,
        "ff_size": sizes.feedforward,
        "num_layers": sizes.layers,
        "num_heads": sizes.heads,
        "dropout": sizes.dropout,
        "activation": "gelu",
    }
    whole = reference.model.TMR(
        reference.model.ACTORStyleEncoder(FEATURES, True, **shape),
        reference.model.ACTORStyleEncoder(sizes.text_dim, True, **shape),
        reference.model.ACTORStyleDecoder(FEATURES, **shape),
        vae=True,
        lmd={"recons": 1.0, "latent": 1.0e-5, "kl": 1.0e-5, "contrastive": 0.1},
        temperature=0.1,
        threshold_selfsim=0.80,
    ).eval()
    for parameter in whole.parameters():  # their start has zeros, which would hide a mistake
        nn.init.normal_(parameter, std=0.2)
    return whole


def told(x: Tensor, lengths: Tensor) -> dict[str, Any]:
    """Sequences (B, S, size) of these lengths (B,), as their encoders read them."""
    mask = torch.arange(x.shape[1]) < lengths[:, None]
    return {"x": x, "length": lengths.tolist(), "mask": mask}
