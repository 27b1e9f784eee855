"""The one training loop: seeded by step, resumable by epoch, stopped early on a plateau.

A run that is interrupted and started again ends with the same bytes as one that was not: what a
sample shows in an epoch is drawn from (seed, epoch, sample), every random number inside a step
from (seed, step), and the state kept between epochs is complete.
"""

import copy
import math
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from hmu.errors import InputError
from hmu.io.progress import Progress
from hmu.models import resuming
from hmu.models.batches.drawing import Batches, Draw
from hmu.models.resuming import State
from hmu.models.stepping import Loss, Stepper
from hmu.sections.training import Schedule

_SECONDS_BETWEEN_SAVES = 20.0


def train(
    name: str,
    module: nn.Module,
    loss: Loss,
    batches: Batches,
    schedule: Schedule,
    seed: int,
    resume: Path,
    keep_best: bool = True,
) -> list[dict[str, float]]:
    """Train ``module`` in place; it ends with the weights of the best validation loss, or the last.

    ``loss(batch, generator)`` returns the loss and what to log of it. ``resume`` is the file that
    keeps the state between epochs: the caller gives one that belongs to the same settings, data
    and code, and removes it once the results are safe. Returns the log, one row an epoch. Raises
    InputError when the loss is no longer a number.
    """
    stepper = Stepper(name, module, loss, schedule, seed)
    state = resuming.load(resume, module, stepper.optimiser) or State()
    devices = [stepper.where] if stepper.where.type == "cuda" else []
    saved = time.monotonic()
    progress = Progress(schedule.epochs, name, "epochs", initial=state.epoch)
    with torch.random.fork_rng(devices=devices), progress:
        while state.epoch < schedule.epochs and not _plateau(state, schedule):
            module.train()
            trained = _Mean()
            for batch in batches.training(Draw((seed, name), state.epoch)):
                trained.add(stepper.step(batch, state.step))
                state.step += 1
            held_out = _validate(stepper, batches)
            state.epoch += 1
            row = {"epoch": float(state.epoch), "step": float(state.step)}
            row |= {f"train {key}": each for key, each in trained.values().items()}
            row |= {f"validation {key}": each for key, each in held_out.items()}
            for kind in ("train loss", "validation loss"):
                if not math.isfinite(row[kind]):
                    raise InputError(
                        f"Training {name}: the {kind} is {row[kind]} in epoch {state.epoch}. Lower "
                        "its rate or lengthen its warmup; nothing of this run is kept as a model."
                    )
            state.log.append(row)
            if held_out["loss"] < state.best_loss:
                state.best_loss, state.best_epoch = held_out["loss"], state.epoch
                state.best = copy.deepcopy(module.state_dict())
            progress.note(train=row["train loss"], validation=held_out["loss"])
            progress.update()
            if time.monotonic() - saved > _SECONDS_BETWEEN_SAVES:
                resuming.save(resume, module, stepper.optimiser, state)
                saved = time.monotonic()
    if keep_best and state.best:
        module.load_state_dict(state.best)
    module.eval()
    return state.log


def _validate(stepper: Stepper, batches: Batches) -> dict[str, float]:
    """Mean of the loss and its parts over the validation batches, with the same noise each time."""
    stepper.module.eval()
    mean = _Mean()
    with torch.no_grad():
        for index, batch in enumerate(batches.validation()):
            mean.add(stepper.measure(batch, "validation", index))
    return mean.values()


class _Mean:
    """Means of numbers by name, added up on their device: asking a GPU for each makes it wait."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.count = 0

    def add(self, parts: Mapping[str, Tensor]) -> None:
        for key, value in parts.items():
            number = value.detach().double()
            self.sums[key] = self.sums[key] + number if key in self.sums else number
        self.count += 1

    def values(self) -> dict[str, float]:
        return {key: total.item() / self.count for key, total in self.sums.items()}


def _plateau(state: State, schedule: Schedule) -> bool:
    return schedule.patience is not None and state.epoch - state.best_epoch >= schedule.patience
