"""Forget by the codes of the concept alone: elsewhere a motion to forget is a motion like others.

    cross-entropy of pi(. | text) against pi0(. | no text), at the concept's codes, mean over these
    +  retain * training loss

on a batch to forget and one to retain. The concept's codes are the ``k`` of each layer with the
highest score (paper, equations 5 and 6), as Latent Code Replacement chooses them. What stands at
another code of the motion (the steps before a kick) is not pushed anywhere. Ours; the idea of a
filter on tokens is that of selective unlearning of language models.
"""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hmu.interface.methods import Context, Edit
from hmu.methods._tuned import PARAMS as TUNED
from hmu.models.batches.codes import CodeBatch
from hmu.unlearning import selecting, tuning

INPUTS = ("model", "statistics", "codes", "captions", "clips")
CHANGES = ("transformers",)
TRAINS = True
BOUNDS = {"k": ("<=", "tokenizer.codes")}
PARAMS = {
    "k": {
        "type": "integer",
        "minimum": 1,
        "default": 32,
        "description": "Codes of each layer that belong to the concept.",
    },
    **TUNED,
}


def unlearn(context: Context) -> Edit:
    """Train each transformer to say, at the concept's codes, what it says without text."""
    of_concept = concept_codes(context)
    tensors, logs = {}, {}
    for part in context.transformers:
        student, teacher = context.model(part), tuning.frozen(context, part)
        forget = partial(unsaid, student, teacher, of_concept)
        logs[part] = tuning.forget_and_retain(context, part, student, forget)
        tensors[part] = tuning.tensors(student)
    listed = [row.nonzero().flatten().tolist() for row in of_concept]
    return Edit(tensors, {"codes": listed}, logs)


def concept_codes(context: Context) -> Tensor:
    """Which codes belong to the concept, bool (layers, codes)."""
    statistics = context.statistics()
    layers = [own for _, own in statistics.groupby("layer", sort=True)]
    found = np.zeros((len(layers), len(layers[0])), dtype=bool)
    for row, own in zip(found, layers, strict=True):
        row[selecting.by_score(own, context.params["k"])] = True
    return torch.from_numpy(found).to(context.device)


def unsaid(
    student: Any, teacher: Any, of_concept: Tensor, batch: CodeBatch, generator: torch.Generator
) -> Tensor:
    """The first term of the loss; 0 where no code of the concept was asked for."""
    blind = torch.zeros_like(batch.text)
    with torch.no_grad():
        before = teacher.predict(batch.codes, batch.lengths, blind, tuning.twin(generator))
    with tuning.evaluating(student):
        now = student.predict(batch.codes, batch.lengths, batch.text, generator)
    codes = of_concept.shape[1]  # a backbone may ask for other tokens too, the end of a motion
    chosen = (now.targets < codes) & of_concept[now.layers, now.targets.clamp_max(codes - 1)]
    each = -(before.scores.softmax(-1) * now.scores.log_softmax(-1)).sum(-1)
    loss: Tensor = (each * chosen).sum() / chosen.sum().clamp_min(1)
    return loss
