"""TMR, the second evaluator: text-to-motion retrieval."""

from pydantic import Field

from hmu.sections.training import Batch, Betas, Epochs, Rate, Schedule, WeightDecay
from hmu.sections.transformer import BlockShape


class TmrShape(BlockShape):
    """What a configuration chooses of TMR's sizes."""

    latent: int = Field(
        default=256,
        ge=2,
        multiple_of=2,
        description="Values in an embedding, and width of the encoders; even, and a multiple of "
        "heads.",
    )
    heads: int = Field(default=4, ge=1, description="Attention heads in a layer.")
    layers: int = Field(
        default=6, ge=1, description="Attention layers of each encoder, and of the decoder."
    )
    dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Share of activations dropped in training."
    )


class TmrSizes(TmrShape):
    """All that the shapes of its encoders follow from. DistilBERT's tokens have 768 values."""

    features: int = Field(default=263, ge=1)
    text_dim: int = Field(default=768, ge=1)


class TmrTraining(Schedule):
    """TMR's configs/train.yaml and configs/model/tmr.yaml, with PyTorch's AdamW by default."""

    epochs: Epochs = 500
    batch: Batch = 32
    rate: Rate = 1e-4
    betas: Betas = (0.9, 0.999)
    weight_decay: WeightDecay = 0.01
    temperature: float = Field(
        default=0.1, gt=0, description="Temperature of the contrastive loss."
    )
    alike: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="Similarity of two captions, from 0 to 1, above which the motion of one is no "
        "wrong answer to the other.",
    )


class TmrSection(TmrShape):
    """The second evaluator, of its own network and training: text-to-motion retrieval (TMR)."""

    training: TmrTraining = Field(
        default=TmrTraining(), description="How it is trained (TMR's configs/train.yaml)."
    )
