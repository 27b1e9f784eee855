"""Small models, ours and official ones with the same weights."""

from pathlib import Path

import torch
from torch import Tensor, nn

from hmu.models import storage
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

TOLERANCE = 1e-4
TEXT = 16
SMALL = TransformerSizes(
    latent=32, heads=4, layers=2, feedforward=48, text_dim=TEXT, codes=24, code_dim=20, quantizers=4
)
RESIDUAL = ResidualSizes.of(SMALL)
TOKENIZER = TokenizerSizes(codes=16, code_dim=12, width=12, depth=2, quantizers=4)
EVALUATOR = EvaluatorSizes(
    movement_hidden=24, movement_latent=20, text_hidden=16, motion_hidden=28, embedding=12
)
SAMPLING = {"steps": 10, "guidance": 4.0, "temperature": 1.0, "keep": 0.1}


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


def batch(sizes: TransformerSizes) -> tuple[Tensor, Tensor, Tensor]:
    """Texts, lengths in tokens, and codes (5, 12, quantizers) of five motions."""
    text = torch.randn(5, sizes.text_dim)
    lengths = torch.tensor([9, 3, 12, 1, 7])
    codes = torch.randint(0, sizes.codes, (5, 12, sizes.quantizers))
    return text, lengths, codes
