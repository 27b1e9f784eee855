"""Our models and the official ones, of the paper's sizes, with the same random weights."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from benchmarks.official import Importer
from benchmarks.timing import Bench
from hmu.backbones import bamm, momask
from hmu.models.evaluator import CONTACTS, Evaluator, EvaluatorSizes, MovementAutoencoder
from hmu.models.length import LengthEstimator, LengthSizes
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from hmu.models.transformer import TransformerSizes

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
    options = SimpleNamespace(
        num_quantizers=sizes.quantizers,
        shared_codebook=False,
        quantize_dropout_prob=sizes.quantizer_dropout,
        mu=sizes.ema,
    )
    shape = (sizes.features, sizes.codes, sizes.code_dim, sizes.code_dim, sizes.down, 2)
    official = load("models.vq.model").RVQVAE(
        options, *shape, sizes.width, sizes.depth, sizes.dilation
    )
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
    sizes = TransformerSizes(cond_drop=0.2)
    ours = seeded(lambda: ResidualTransformer(sizes))
    return ours, _transformer(load, "ResidualTransformer", sizes, ours, bench, share_weight=True)


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
    encoders = load(module)
    seen, latent, out = sizes.features - CONTACTS, sizes.movement_latent, sizes.embedding
    text = (sizes.word_dim, sizes.pos_dim, sizes.text_hidden, out, bench.device)
    official = nn.ModuleDict(
        {
            "movement_encoder": encoders.MovementConvEncoder(seen, sizes.movement_hidden, latent),
            "text_encoder": encoders.TextEncoderBiGRUCo(*text),
            "motion_encoder": encoders.MotionEncoderBiGRUCo(
                latent, sizes.motion_hidden, out, bench.device
            ),
        }
    )
    share(ours, official, bench)
    return ours, official.eval()


def movement_autoencoder(load: Importer, bench: Bench) -> tuple[MovementAutoencoder, Any]:
    """Our movement autoencoder and text-to-motion's encoder and decoder."""
    sizes = EvaluatorSizes()
    ours = seeded(lambda: MovementAutoencoder(sizes))
    modules = load("networks.modules")
    hidden, latent = sizes.movement_hidden, sizes.movement_latent
    official = nn.ModuleDict(
        {
            "encoder": modules.MovementConvEncoder(sizes.features - CONTACTS, hidden, latent),
            "decoder": modules.MovementConvDecoder(latent, hidden, sizes.features),
        }
    )
    share(ours, official, bench)
    return ours, official


def _transformer(
    load: Importer,
    kind: str,
    sizes: TransformerSizes,
    ours: nn.Module,
    bench: Bench,
    **extra: Any,
) -> Any:
    options = SimpleNamespace(
        num_tokens=sizes.codes,
        num_quantizers=sizes.quantizers,
        device=bench.device,
        trans="official",  # BAMM's name for the blocks of torch, those of its published model
    )
    official = getattr(load("models.mask_transformer.transformer"), kind)(
        code_dim=sizes.code_dim,
        cond_mode="text",
        latent_dim=sizes.latent,
        ff_size=sizes.feedforward,
        num_layers=sizes.layers,
        num_heads=sizes.heads,
        dropout=sizes.dropout,
        clip_dim=sizes.text_dim,
        cond_drop_prob=sizes.cond_drop,
        clip_version="ViT-B/32",
        opt=options,
        **extra,
    )
    share(ours, official, bench)
    return official.eval()


def given_text(official: Any, text: Tensor) -> None:
    """Let an official transformer take ``text`` (B, dim) for the embeddings of its captions.

    For training steps: ours reads stored embeddings, and the official side is spared its CLIP.
    """
    official.encode_text = lambda captions: text


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
