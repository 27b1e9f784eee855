"""The detector of a concept in motions."""

from typing import Annotated

from pydantic import Field

from hmu.sections.base import Section
from hmu.sections.training import Batch, ClipNorm, Epochs, Rate, Schedule, Warmup, WeightDecay

SEEDS = 2
"""Detectors of a concept, which differ in their seed alone: what one says, the other must too."""

Folds = Annotated[
    int,
    Field(
        ge=2,
        description="Parts of the training and validation clips. As many networks are trained, "
        "each without one of them, and score the clips that they never saw: the threshold comes "
        "from these scores.",
    ),
]


class DetectorShape(Section):
    """What a configuration chooses of a detector's sizes."""

    width: int = Field(default=128, ge=1, description="Channels of its convolutions.")
    layers: int = Field(
        default=2,
        ge=0,
        description="Convolutions of stride 2 after the first one, which has stride 4.",
    )
    dropout: float = Field(
        default=0.2, ge=0, lt=1, description="Share of channels dropped in training."
    )


class DetectorSizes(DetectorShape):
    """All that the networks' shapes follow from."""

    joints: int = Field(default=22, ge=1)
    folds: Folds = 5
    seeds: int = Field(default=SEEDS, ge=1)


class DetectorTraining(Schedule):
    """How each network is trained."""

    epochs: Epochs = 40
    batch: Batch = 64
    rate: Rate = 1e-3
    warmup: Warmup = 50
    weight_decay: WeightDecay = 0.01
    clip_norm: ClipNorm = 1.0


class DetectorSection(DetectorShape):
    """The small network that says whether a motion shows a concept, from its joints alone."""

    folds: Folds = 5
    training: DetectorTraining = Field(
        default=DetectorTraining(),
        description="How each network is trained: all epochs, so that no clip that calibrates has "
        "a say in the weights.",
    )
