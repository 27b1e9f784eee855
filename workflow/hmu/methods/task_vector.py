"""Forgetting by negation (Ilharco et al., ICLR 2023): learn the concept, and go the other way.

The transformers are trained on the clips to forget; the checkpoint is

    theta0 - alpha * (theta - theta0).

SafeMo's minimal motion unlearning is the same idea on another model. The loss is that of training
on a batch to forget, plus ``retain`` times that on a batch to retain, which keeps what the two
share out of the difference.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from hmu import rng
from hmu.interface.methods import Context, Edit
from hmu.methods._tuned import PARAMS as TUNED
from hmu.models import lora
from hmu.models.batches.codes import CodeBatch
from hmu.unlearning import tuning

INPUTS = ("model", "codes", "captions", "clips")
CHANGES = ("transformers",)
TRAINS = True
PARAMS = {
    "alpha": {
        "type": "number",
        "minimum": 0,
        "default": 1.0,
        "description": "How far to go the other way.",
    },
    "rank": {
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
        "description": "Rank of the difference of each matrix (LoRA); null trains all weights.",
    },
    **TUNED,
}


def unlearn(context: Context) -> Edit:
    """Train each transformer on the clips to forget, and subtract what that changed."""
    tensors, logs = {}, {}
    for part in context.transformers:
        model = context.model(part)
        before = tuning.tensors(model)
        if context.params["rank"] is not None:
            address = ("task_vector", part, *context.address.values())
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(int(rng.generator(context.seed, *address).integers(2**62)))
                lora.attach(model, context.params["rank"])
        logs[part] = tuning.forget_and_retain(context, part, model, partial(learn, model))
        lora.merge(model)
        after, alpha = tuning.tensors(model), context.params["alpha"]
        tensors[part] = {
            name: value - alpha * (after[name] - value) for name, value in before.items()
        }
    return Edit(tensors, {}, logs)


def learn(model: Any, batch: CodeBatch, generator: torch.Generator) -> Tensor:
    """The loss of training on a batch to forget."""
    loss: Tensor = model.batch_loss(batch, generator)[0]
    return loss
