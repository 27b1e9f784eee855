"""The token transformers, masked and residual."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from hmu.sections.backbone import Part
from hmu.sections.base import Section, multiple
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.tokenizer import Vocabulary
from hmu.sections.training import (
    Batch,
    Epochs,
    Milestones,
    PlateauPatience,
    Rate,
    Schedule,
    Warmup,
    WeightDecay,
)

CondDrop = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Share of training samples whose caption is hidden, for classifier-free "
        "guidance.",
    ),
]


class BlockShape(Section):
    """The sizes of a stack of attention layers."""

    latent: int = Field(
        default=384,
        ge=2,
        multiple_of=2,
        description="Width of the transformer; even, and a multiple of heads.",
    )
    heads: int = Field(default=6, ge=1, description="Attention heads in a layer.")
    layers: int = Field(default=8, ge=1, description="Attention layers.")
    feedforward: int = Field(
        default=1024, ge=1, description="Width of the feed-forward part of a layer."
    )
    dropout: float = Field(
        default=0.2, ge=0, lt=1, description="Share of activations dropped in training."
    )

    def faults(self, key: str) -> Iterator[str]:
        """Heads that cannot share the width."""
        yield from multiple(key, self, "latent", "heads")


class TransformerShape(BlockShape):
    """What a configuration chooses of a transformer's sizes."""

    cond_drop: CondDrop = 0.1


class TransformerSizes(TransformerShape, Vocabulary):
    """All that the network's shape follows from: the chosen sizes, the codes and the texts."""

    text_dim: int = Field(
        default=ClipSizes().dim, ge=1, description="Values in the embedding of a caption."
    )


class ResidualShape(TransformerShape):
    """What a configuration chooses of a residual transformer's sizes."""

    cond_drop: CondDrop = 0.2
    share_weight: bool = Field(
        default=True,
        description="Whether the output projection of a layer is the embedding of the next.",
    )


class ResidualSizes(ResidualShape, TransformerSizes):
    """All that the shape of a residual transformer follows from."""


class TransformerTraining(Schedule):
    """MoMask's recipe."""

    epochs: Epochs = 500
    batch: Batch = 64
    rate: Rate = 2e-4
    warmup: Warmup = 2000
    milestones: Annotated[
        Milestones,
        Field(
            description="Optimiser steps after warm-up at which the learning rate is multiplied "
            "by gamma. MoMask's 50,000 counts the warm-up."
        ),
    ] = (48_000,)
    weight_decay: WeightDecay = 1e-5
    patience: PlateauPatience = 50


class MaskedSection(Part, TransformerShape):
    """The masked transformer, which generates the tokens of the first layer."""

    training: TransformerTraining = Field(
        default=TransformerTraining(), description="How it is trained."
    )


class ResidualSection(Part, ResidualShape):
    """The residual transformer, which generates the tokens of the other layers."""

    training: TransformerTraining = Field(
        default=TransformerTraining(), description="How it is trained."
    )
