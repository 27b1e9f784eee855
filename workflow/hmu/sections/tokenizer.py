"""The motion tokenizer."""

from pydantic import Field

from hmu.sections.backbone import Part
from hmu.sections.base import Section
from hmu.sections.training import (
    Batch,
    Epochs,
    Gamma,
    Milestones,
    PlateauPatience,
    Rate,
    Warmup,
    WindowedSchedule,
)

LONGEST_MOTION = 196
"""Frames of the longest motions that models are trained on and make (max_motion_length)."""
UNIT_LENGTH = 4
"""Frames: clips are cropped to, and lengths estimated in, multiples of it (unit_length of the
reference), however many frames a token stands for."""


class Vocabulary(Section):
    """The codes of a tokenizer, which the transformers speak."""

    codes: int = Field(default=512, ge=2, le=32767, description="Codes in the codebook of a layer.")
    code_dim: int = Field(default=512, ge=1, description="Values in a code.")
    quantizers: int = Field(
        default=6, ge=1, description="Quantizer layers, the first one and its residuals."
    )


class TokenizerShape(Vocabulary):
    """What a configuration chooses of a tokenizer's sizes."""

    width: int = Field(default=512, ge=1, description="Channels of the encoder and decoder.")
    depth: int = Field(default=3, ge=1, description="Residual blocks at each resolution.")
    down: int = Field(
        default=2,
        ge=1,
        description="Times that the frame rate is divided by the stride (down_t of the reference): "
        "a token stands for stride^down frames.",
    )
    stride: int = Field(
        default=2,
        ge=1,
        description="By what the frame rate is divided each time (stride_t of the reference): with "
        "two times, 1, 2 and 3 are 1, 4 and 9 frames a token. Only 2 has official files.",
    )
    dilation: int = Field(
        default=3, ge=1, description="Growth of the dilation from block to block."
    )
    quantizer_dropout: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Share of training batches that use only the first few layers.",
    )
    ema: float = Field(
        default=0.99,
        ge=0,
        lt=1,
        description="Decay of the moving averages that codebooks follow.",
    )

    @property
    def frames_per_token(self) -> int:
        """Frames that one token stands for."""
        return self.stride**self.down

    def tokens(self, frames: int) -> int:
        """Tokens of a motion of so many frames; the last may stand for some behind its end."""
        return -(-frames // self.frames_per_token)

    @property
    def longest(self) -> int:
        """Tokens of the longest motions."""
        return self.tokens(LONGEST_MOTION)


class TokenizerSizes(TokenizerShape):
    """All that the network's shape follows from."""

    features: int = Field(default=263, ge=1, description="Values in a frame.")


class TokenizerTraining(WindowedSchedule):
    """MoMask's recipe."""

    window: int = Field(default=64, ge=4, description="Frames in a training window.")
    windows_per_clip: int | None = Field(
        default=None,
        ge=1,
        description="Windows drawn from each clip in an epoch; null takes as many as the clip "
        "has, as MoMask does.",
    )
    epochs: Epochs = 50
    batch: Batch = 256
    rate: Rate = 2e-4
    warmup: Warmup = 2000
    milestones: Milestones = (150_000, 250_000)
    gamma: Gamma = 0.05
    patience: PlateauPatience = 10


class TokenizerSection(Part, TokenizerShape):
    """The motion tokenizer, a residual VQ-VAE."""

    training: TokenizerTraining = Field(
        default=TokenizerTraining(), description="How it is trained (MoMask's recipe)."
    )
