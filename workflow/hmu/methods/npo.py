"""Negative preference optimisation (Zhang et al., COLM 2024) on the probabilities of codes.

    (2 / beta) * mean over motions of log(1 + (pi / pi0)^beta)  +  retain * training loss

on a batch to forget and one to retain. log pi is the log-probability, summed over the codes that
one seeded mask hides, the same for the trained and for the frozen model. Where pi is far below pi0
the first term's gradient vanishes, and forgetting stops by itself. ``objective: graddiff`` is its
plain form (Liu et al., CoLLAs 2022): the negated training loss in the place of the first term.
"""

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from hmu.interface.backbones import Predictions
from hmu.interface.methods import Context, Edit
from hmu.methods._tuned import PARAMS as TUNED
from hmu.models.batches.codes import CodeBatch
from hmu.unlearning import tuning

INPUTS = ("model", "codes", "captions", "clips")
CHANGES = ("transformers",)
TRAINS = True
READ_IF = {"beta": {"objective": ("npo",)}}
PARAMS = {
    "objective": {
        "enum": ["npo", "graddiff"],
        "default": "npo",
        "description": "npo: bounded by how far the frozen model has been left; graddiff: not.",
    },
    "beta": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 0.1,
        "description": "How soon npo stops: the larger, the sooner.",
    },
    **TUNED,
}


def unlearn(context: Context) -> Edit:
    """Train each transformer away from the motions to forget."""
    beta = context.params["beta"]
    tensors, logs = {}, {}
    for part in context.transformers:
        student = context.model(part)
        if context.params["objective"] == "npo":
            forget = partial(away, student, tuning.frozen(context, part), beta)
        else:
            forget = partial(unlearned, student)
        logs[part] = tuning.forget_and_retain(context, part, student, forget)
        tensors[part] = tuning.tensors(student)
    return Edit(tensors, {}, logs)


def away(
    student: Any, teacher: Any, beta: float, batch: CodeBatch, generator: torch.Generator
) -> Tensor:
    """The first term of the loss."""
    given, motions = (batch.codes, batch.lengths, batch.text), len(batch.text)
    with torch.no_grad():
        before = log_probability(teacher.predict(*given, tuning.twin(generator)), motions)
    with tuning.evaluating(student):
        now = log_probability(student.predict(*given, generator), motions)
    return 2 / beta * F.softplus(beta * (now - before)).mean()


def unlearned(student: Any, batch: CodeBatch, generator: torch.Generator) -> Tensor:
    """The negated training loss, in the place of the first term."""
    with tuning.evaluating(student):
        loss: Tensor = student.batch_loss(batch, generator)[0]
    return -loss


def log_probability(predictions: Predictions, motions: int) -> Tensor:
    """Of all the codes asked for of each motion, (motions,)."""
    chances = predictions.scores.log_softmax(-1)
    own = chances.gather(-1, predictions.targets.unsqueeze(-1)).squeeze(-1)
    return own.new_zeros(motions).index_add(0, predictions.motions, own)
