"""How long and how fast a model is trained."""

from typing import Annotated, Literal

from pydantic import Field

from hmu.sections.base import Section

Epochs = Annotated[int, Field(ge=1, description="Passes over the training split, at most.")]
Batch = Annotated[int, Field(ge=1, description="Samples in one optimiser step.")]
Rate = Annotated[float, Field(gt=0, description="Learning rate after warm-up.")]
Warmup = Annotated[
    int,
    Field(ge=0, description="Optimiser steps over which the learning rate rises from nothing."),
]
Milestones = Annotated[
    tuple[Annotated[int, Field(ge=1, description="An optimiser step.")], ...],
    Field(
        strict=False,  # a list will do
        description="Optimiser steps after warm-up at which the learning rate is multiplied by "
        "gamma.",
    ),
]
Gamma = Annotated[
    float, Field(gt=0, le=1, description="Factor on the learning rate at each milestone.")
]
WeightDecay = Annotated[float, Field(ge=0, description="Weight decay of AdamW.")]
_Kept = Annotated[float, Field(ge=0, lt=1, description="Share kept at each step.")]
Betas = Annotated[
    tuple[_Kept, _Kept],
    Field(
        strict=False,
        description="Decay of AdamW's averages of gradients and of their squares.",
    ),
]
ClipNorm = Annotated[
    float | None,
    Field(
        gt=0,
        description="Largest norm of the gradients of each part of the model (of the evaluator: "
        "each encoder); null for any.",
    ),
]
Precision = Annotated[
    Literal["auto", "float32", "bfloat16"],
    Field(description="float32 or mixed (bfloat16); auto: mixed on a GPU that has it."),
]
Patience = Annotated[
    int | None,
    Field(
        ge=1,
        description="Epochs without a better validation loss after which training stops; null "
        "trains all epochs.",
    ),
]
PlateauPatience = Annotated[
    Patience,
    Field(
        description="Epochs without a better validation loss after which training stops; null "
        "trains all epochs. The paper stops once the loss plateaus and gives no number.",
    ),
]


class Schedule(Section):
    """How long and how fast a model is trained."""

    epochs: Epochs
    batch: Batch
    rate: Rate
    warmup: Warmup = 0
    milestones: Milestones = ()
    gamma: Gamma = 0.1
    weight_decay: WeightDecay = 0.0
    betas: Betas = (0.9, 0.99)
    clip_norm: ClipNorm = None
    precision: Precision = "auto"
    patience: Patience = None

    def rate_at(self, step: int) -> float:
        """Learning rate of optimiser step ``step`` (from 0): linear warm-up, then stairs.

        As in MoMask's trainers, which count from 1 and begin with two parts of warmup + 1; they
        stay one part short of the rate, and the tokenizer's takes each stair a step earlier.
        """
        if step + 1 < self.warmup:
            return self.rate * (step + 2) / (self.warmup + 1)
        passed = sum(step - self.warmup >= milestone for milestone in self.milestones)
        return float(self.rate * self.gamma**passed)


class WindowedSchedule(Schedule):
    """The schedule of a model that learns from windows of motions."""

    window: int
    windows_per_clip: int | None
