"""Small transformers, ours and official ones with the same weights."""

from pathlib import Path

import torch
from torch import nn

from hmu.models import storage
from hmu.sections.transformer import ResidualSizes, TransformerSizes

TOLERANCE = 1e-4


TEXT = 16


SMALL = TransformerSizes(
    latent=32, heads=4, layers=2, feedforward=48, text_dim=TEXT, codes=24, code_dim=20, quantizers=4
)


RESIDUAL = ResidualSizes.of(SMALL)


def noise_source(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def align(ours: nn.Module, official: nn.Module) -> None:
    """Give both modules the same random weights; fails unless names and shapes are equal."""
    state = {
        name: tensor if name.endswith(".pe") else torch.randn_like(tensor) * 0.2
        for name, tensor in official.state_dict().items()
    }
    storage.check_state(state, ours, Path("official"))
    ours.load_state_dict(state, strict=True)
    official.load_state_dict(state, strict=True)
    ours.eval()
    official.eval()
