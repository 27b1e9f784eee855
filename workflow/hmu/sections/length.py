"""The length estimator."""

from pydantic import Field

from hmu.sections.base import Section
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.training import Batch, Betas, ClipNorm, Epochs, Rate, Schedule


class LengthSizes(Section):
    """All that the network's shape follows from; ``classes`` are lengths in tokens, from 0."""

    text_dim: int = Field(default=ClipSizes().dim, ge=1)
    classes: int = Field(default=50, ge=1)


class LengthTraining(Schedule):
    """MoMask's TrainLenEstOptions."""

    epochs: Epochs = 300
    batch: Batch = 64
    rate: Rate = 1e-4
    betas: Betas = (0.9, 0.999)
    clip_norm: ClipNorm = 0.5


class LengthSection(Section):
    """The estimator of a motion's length from its caption."""

    training: LengthTraining = Field(
        default=LengthTraining(),
        description="How it is trained (MoMask's TrainLenEstOptions).",
    )
