"""The original model's transformers trained a little further, in the one training loop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from hmu.interface.methods import Context
from hmu.models.batches.codes import CodeBatch
from hmu.models.batches.drawing import Batches
from hmu.models.stepping import Loss
from hmu.models.training import train
from hmu.sections.training import Schedule
from hmu.unlearning.batches import Pair, Pairs

Forget = Callable[[CodeBatch, torch.Generator], Tensor]


def schedule(context: Context, part: str, epochs: int, rate: float | None = None) -> Schedule:
    """That with which a part was trained, for some more epochs at one rate: that which the base
    training ended with, as when the reference continues its run."""
    base = Schedule.of(context.schedule(part))
    return Schedule.of(
        base,
        epochs=epochs,
        rate=rate or base.rate * base.gamma ** len(base.milestones),
        warmup=0,
        milestones=(),
        patience=None,
    )


def tune(
    context: Context,
    name: str,
    module: nn.Module,
    loss: Loss,
    batches: Batches,
    schedule: Schedule,
) -> list[dict[str, float]]:
    """Train ``module`` in place to the end of the ``schedule``; the log, a row an epoch.

    ``name`` says which training it is, in progress, noise and the file that it resumes from.
    """
    resume = context.scratch / f"{name.replace(' ', '-')}.safetensors"
    return train(name, module, loss, batches, schedule, context.seed, resume, keep_best=False)


def forget_and_retain(
    context: Context, part: str, student: Any, forget: Forget
) -> list[dict[str, float]]:
    """Train ``student``, a transformer of the original model, in place; the log.

    The loss is ``forget`` of a batch to forget plus ``retain`` times the training loss of one to
    retain. ``retain``, ``epochs`` and ``rate`` are parameters of the method, which reads ``model``,
    ``codes``, ``captions`` and ``clips``.
    """
    params = context.params
    settings = schedule(context, part, params["epochs"], params["rate"])

    def loss(batch: Pair, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        away = forget(batch.forget, generator)
        kept, _ = student.batch_loss(batch.retain, generator)
        return away + params["retain"] * kept, {"forget": away, "retain": kept}

    batches = Pairs(context, settings.batch)
    return tune(context, f"forget {part}", student, loss, batches, settings)


def tensors(module: nn.Module) -> dict[str, Tensor]:
    """A copy of the tensors of a part by name, on the processor: training goes on in the part."""
    return {name: value.to("cpu", copy=True) for name, value in module.state_dict().items()}


def frozen(context: Context, part: str) -> Any:
    """A part of the original model, not to be trained."""
    return context.model(part).requires_grad_(False)


def twin(generator: torch.Generator) -> torch.Generator:
    """A generator that goes on as ``generator`` does, so that two networks hide the same codes."""
    made = torch.Generator(generator.device)
    made.set_state(generator.get_state())
    return made


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """No dropout meanwhile, and no text dropped: either is noise where networks are compared."""
    before = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(before)
