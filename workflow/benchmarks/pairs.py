"""Our models and the official ones, of the paper's sizes, with the same random weights."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from benchmarks import models
from benchmarks.official import Importer
from benchmarks.timing import Bench
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask import masked as momask
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

Module = TypeVar("Module", bound=nn.Module)


def seeded(build: Callable[[], Module]) -> Module:
    """A module with random weights that are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build().eval()


def share(ours: nn.Module, official: nn.Module, bench: Bench) -> None:
    """Give the official module our weights (its CLIP keeps its own) and move both to the device."""
    missing, unexpected = official.load_state_dict(ours.state_dict(), strict=False)
    if unexpected or any(not name.startswith("clip_model.") for name in missing):
        raise ValueError(f"weights differ: missing {missing}, unexpected {unexpected}")
    ours.to(bench.device)
    official.to(bench.device)


def tokenizer(load: Importer, bench: Bench) -> tuple[Tokenizer, Any]:
    """Our tokenizer and the official RVQVAE."""
    sizes = TokenizerSizes()
    ours = seeded(lambda: Tokenizer(sizes))
    for book in ours.quantizer.books():
        book.codebook.copy_(torch.randn(book.codebook.shape, generator=_generator(1)))
    official = models.tokenizer(load("models.vq.model"), sizes)
    share(ours, official, bench)
    return ours, official.eval()


def masked(load: Importer, bench: Bench) -> tuple[momask.MaskedTransformer, Any]:
    """Our masked transformer and the official MaskTransformer."""
    sizes = TransformerSizes()
    ours = seeded(lambda: momask.MaskedTransformer(sizes))
    return ours, _transformer(load, "MaskTransformer", sizes, ours, bench)


def masked_of_bamm(load: Importer, bench: Bench) -> tuple[bamm.MaskedTransformer, Any]:
    """Our BAMM and the official one, whose checkout ``load`` imports from."""
    sizes = TransformerSizes()
    ours = seeded(lambda: bamm.MaskedTransformer(sizes))
    return ours, _transformer(load, "MaskTransformer", sizes, ours, bench)


def residual(load: Importer, bench: Bench) -> tuple[ResidualTransformer, Any]:
    """Our residual transformer and the official one, with shared weights as in the paper."""
    sizes = ResidualSizes()
    ours = seeded(lambda: ResidualTransformer(sizes))
    return ours, _transformer(load, "ResidualTransformer", sizes, ours, bench)


def length_estimator(load: Importer, bench: Bench) -> tuple[LengthEstimator, Any]:
    """Our length estimator and the official one."""
    ours = seeded(lambda: LengthEstimator(LengthSizes()))
    official = load("models.vq.model").LengthEstimator(512, 50)
    share(ours, official, bench)
    return ours, official.eval()


def evaluator(load: Importer, bench: Bench, module: str) -> tuple[Evaluator, Any]:
    """Our evaluator and the official encoders, of ``module``, in one container."""
    sizes = EvaluatorSizes()
    ours = seeded(lambda: Evaluator(sizes))
    official = models.evaluator(load(module), sizes, bench.device)
    share(ours, official, bench)
    return ours, official.eval()


def movement_autoencoder(load: Importer, bench: Bench) -> tuple[MovementAutoencoder, Any]:
    """Our movement autoencoder and text-to-motion's encoder and decoder."""
    sizes = EvaluatorSizes()
    ours = seeded(lambda: MovementAutoencoder(sizes))
    official = models.movement_autoencoder(load("networks.modules"), sizes)
    share(ours, official, bench)
    return ours, official


def _transformer(
    load: Importer, kind: str, sizes: TransformerSizes, ours: nn.Module, bench: Bench
) -> Any:
    module = load("models.mask_transformer.transformer")
    official = models.transformer(module, kind, sizes, device=bench.device)
    share(ours, official, bench)
    return official.eval()


def given_text(official: Any, text: Tensor) -> None:
    """Let an official transformer take ``text`` (B, dim) for the embeddings of its captions.

    For training steps: ours reads stored embeddings, and the official side is spared its CLIP.
    """
    official.encode_text = lambda captions: text


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
