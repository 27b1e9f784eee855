"""The evaluator: the encoders of motions and texts behind every metric."""

from pydantic import Field

from hmu.sections.base import Section
from hmu.sections.training import (
    Batch,
    Betas,
    ClipNorm,
    Epochs,
    Rate,
    Schedule,
    WindowedSchedule,
)

CONTACTS = 4
"""The last features of a frame, foot contacts, which the evaluator does not see."""


class EvaluatorShape(Section):
    """What a configuration chooses of the evaluator's sizes."""

    movement_hidden: int = Field(
        default=512, ge=1, description="Channels inside the movement encoder and decoder."
    )
    movement_latent: int = Field(
        default=512, ge=1, description="Channels of a movement code (one for four frames)."
    )
    motion_hidden: int = Field(
        default=1024, ge=1, description="Hidden size of the motion encoder's GRU."
    )
    text_hidden: int = Field(
        default=512, ge=1, description="Hidden size of the text encoder's GRU."
    )
    embedding: int = Field(
        default=512, ge=1, description="Values in an embedding of a motion or a text."
    )


class EvaluatorSizes(EvaluatorShape):
    """All that the networks' shapes follow from.

    ``frames`` is the length to which the reference pads every motion. It matters: the movement
    encoder's last vector looks a few frames ahead, into padding or past the end.
    """

    features: int = Field(default=263, ge=1)
    word_dim: int = Field(default=300, ge=1)
    pos_dim: int = Field(default=15, ge=1)
    frames: int = Field(default=196, ge=1)


class MovementTraining(WindowedSchedule):
    """TrainDecompOptions of text-to-motion."""

    window: int = Field(
        default=24,
        ge=4,
        multiple_of=4,
        description="Frames in a training window; a multiple of 4.",
    )
    windows_per_clip: int | None = Field(
        default=None,
        ge=1,
        description="Windows drawn from each clip in an epoch; null takes as many as the clip "
        "has, as text-to-motion does.",
    )
    epochs: Epochs = 270
    batch: Batch = 128
    rate: Rate = 1e-4
    betas: Betas = (0.9, 0.999)


class MatchingTraining(Schedule):
    """TrainTexMotMatchOptions of text-to-motion."""

    margin: float = Field(
        default=10.0, gt=0, description="Distance that a mismatched pair is pushed to."
    )
    epochs: Epochs = 300
    batch: Batch = 8
    rate: Rate = 1e-4
    betas: Betas = (0.9, 0.999)
    clip_norm: ClipNorm = 0.5


class EvaluatorSection(EvaluatorShape):
    """The text and motion encoders behind every metric, trained as in text-to-motion."""

    movement_training: MovementTraining = Field(
        default=MovementTraining(),
        description="How the movement autoencoder is trained (TrainDecompOptions, with the window "
        "of the recipe in text-to-motion's README).",
    )
    matching_training: MatchingTraining = Field(
        default=MatchingTraining(),
        description="How text and motion encoders are trained against each other "
        "(TrainTexMotMatchOptions, with the batch of the recipe in text-to-motion's README).",
    )
