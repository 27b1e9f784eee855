"""The official models of given sizes, with weights of their own, from modules of a checkout.

Tests build them too, small ones. The modules are those that :func:`benchmarks.official.importing`
makes importable.
"""

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from hmu.sections.evaluator import CONTACTS, EvaluatorSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes

CPU = torch.device("cpu")


def tokenizer(module: Any, sizes: TokenizerSizes) -> Any:
    """RVQVAE of MoMask's ``models.vq.model``."""
    options = SimpleNamespace(
        num_quantizers=sizes.quantizers,
        shared_codebook=False,
        quantize_dropout_prob=sizes.quantizer_dropout,
        mu=sizes.ema,
    )
    shape = (sizes.features, sizes.codes, sizes.code_dim, sizes.code_dim, sizes.down, sizes.stride)
    return module.RVQVAE(options, *shape, sizes.width, sizes.depth, sizes.dilation)


def transformer(
    module: Any,
    kind: str,
    sizes: TransformerSizes,
    text: Tensor | None = None,
    device: torch.device = CPU,
) -> Any:
    """MaskTransformer or ResidualTransformer, as ``kind`` says, of MoMask's or BAMM's
    ``models.mask_transformer.transformer``.

    With ``text`` (B, text_dim) it has no CLIP, and takes these for the embeddings of its captions.
    """
    build = getattr(module, kind)

    class Told(build):  # type: ignore[misc, valid-type]
        def load_and_freeze_clip(self, clip_version: str) -> None:
            return None

        def encode_text(self, raw_text: list[str]) -> Tensor | None:
            return text

    options = SimpleNamespace(
        num_tokens=sizes.codes,
        num_quantizers=sizes.quantizers,
        device=device,
        trans="official",  # BAMM's name for the blocks of torch, those of its published model
    )
    shared = {"share_weight": sizes.share_weight} if isinstance(sizes, ResidualSizes) else {}
    return (build if text is None else Told)(
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
        **shared,
    )


def evaluator(module: Any, sizes: EvaluatorSizes, device: torch.device = CPU) -> nn.ModuleDict:
    """The three encoders, of MoMask's ``models.t2m_eval_modules`` or text-to-motion's
    ``networks.modules``, under the names of their weights in the official file."""
    seen, latent, out = sizes.features - CONTACTS, sizes.movement_latent, sizes.embedding
    return nn.ModuleDict(
        {
            "movement_encoder": module.MovementConvEncoder(seen, sizes.movement_hidden, latent),
            "text_encoder": module.TextEncoderBiGRUCo(
                sizes.word_dim, sizes.pos_dim, sizes.text_hidden, out, device
            ),
            "motion_encoder": module.MotionEncoderBiGRUCo(latent, sizes.motion_hidden, out, device),
        }
    )


def movement_autoencoder(module: Any, sizes: EvaluatorSizes) -> nn.ModuleDict:
    """Movement encoder and decoder, of the same modules."""
    hidden, latent = sizes.movement_hidden, sizes.movement_latent
    return nn.ModuleDict(
        {
            "encoder": module.MovementConvEncoder(sizes.features - CONTACTS, hidden, latent),
            "decoder": module.MovementConvDecoder(latent, hidden, sizes.features),
        }
    )
