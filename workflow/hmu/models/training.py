"""The one training loop: seeded by step, resumable by epoch, stopped early on a plateau.

A run that is interrupted and started again ends with the same bytes as one that was not: what a
sample shows in an epoch is drawn from (seed, epoch, sample), every random number inside a step
from (seed, step), and the state kept between epochs is complete.
"""

import copy
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from hmu import rng
from hmu.errors import InputError
from hmu.io import files
from hmu.io.progress import Progress
from hmu.models.batches.drawing import Batches
from hmu.run import device
from hmu.sections.training import Schedule

_SECONDS_BETWEEN_SAVES = 20.0


@runtime_checkable
class Resumable(Protocol):
    """A module whose training needs more than its weights to go on."""

    def training_state(self) -> dict[str, Tensor]:
        """What must be kept beside the weights."""
        ...

    def load_training_state(self, state: dict[str, Tensor]) -> None:
        """Take back what :meth:`training_state` gave."""
        ...


Loss = Callable[[Any, torch.Generator], tuple[Tensor, dict[str, Tensor]]]


@dataclass
class _State:
    """All that passes from one epoch to the next."""

    epoch: int = 0
    step: int = 0
    best_loss: float = float("inf")
    best_epoch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    log: list[dict[str, float]] = field(default_factory=list)


class Stepper:
    """Optimiser steps of a module: learning rate, noise, precision and clipping of each."""

    def __init__(
        self, name: str, module: nn.Module, loss: Loss, schedule: Schedule, seed: int
    ) -> None:
        self.name, self.module, self.loss = name, module, loss
        self.schedule, self.seed = schedule, seed
        parameters = [p for p in module.parameters() if p.requires_grad]
        self.where = parameters[0].device
        self.optimiser = torch.optim.AdamW(
            parameters,
            lr=schedule.rate,
            betas=schedule.betas,
            weight_decay=schedule.weight_decay,
            fused=True,
        )

    def step(self, batch: Any, number: int) -> dict[str, Tensor]:
        """Take step ``number`` (from 0) on ``batch``; the loss and its parts."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate_at(number)
        parts = self.measure(batch, "step", number)
        self.optimiser.zero_grad(set_to_none=True)
        parts["loss"].backward()
        if self.schedule.clip_norm is not None:
            _clip(self.module, self.schedule.clip_norm)
        self.optimiser.step()
        return parts

    def measure(self, batch: Any, *address: str | int) -> dict[str, Tensor]:
        """The loss of ``batch`` and its parts, with the noise of (seed, name, address)."""
        noise = _seeded(self.seed, self.name, *address, where=self.where)
        with device.precision(self.where, self.schedule.precision):
            value, parts = self.loss(batch, noise)
        return {"loss": value, **parts}


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
    state = _load(resume, module, stepper.optimiser) or _State()
    devices = [stepper.where] if stepper.where.type == "cuda" else []
    saved = time.monotonic()
    progress = Progress(schedule.epochs, name, "epochs", initial=state.epoch)
    with torch.random.fork_rng(devices=devices), progress:
        while state.epoch < schedule.epochs and not _plateau(state, schedule):
            module.train()
            trained = _Mean()
            for batch in batches.training(
                partial(rng.uniforms, (seed, name, "epoch", state.epoch))
            ):
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
                _save(resume, module, stepper.optimiser, state)
                saved = time.monotonic()
    if keep_best and state.best:
        module.load_state_dict(state.best)
    module.eval()
    return state.log


def write_logs(table: Path, curve: Path, logs: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    """Write what :func:`train` returned, by name of the training.

    ``table``: Parquet, one row an epoch, its training in the column ``stage``. ``curve``: training
    and validation loss by epoch as an undated SVG, one panel a training.
    """
    rows = [{"stage": stage, **row} for stage, log in logs.items() for row in log]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    pq.write_table(pa.table({key: [row.get(key) for row in rows] for key in columns}), table)

    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "hmu"
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(logs), 3), layout="constrained")
    panels = figure.subplots(1, len(logs), squeeze=False)[0]
    for axes, (name, log) in zip(panels, logs.items(), strict=True):
        epochs = [row["epoch"] for row in log]
        for part in ("train loss", "validation loss"):
            axes.plot(epochs, [row[part] for row in log], label=part)
        axes.set(xlabel="epoch", ylabel="loss", title=name)
        axes.legend(frameon=False)
    figure.savefig(curve, format="svg", metadata={"Date": None})


def _seeded(seed: int, *address: str | int, where: torch.device) -> torch.Generator:
    """A generator for one step; dropout, which takes none, follows the default one."""
    value = int(rng.generator(seed, *address).integers(2**62))
    torch.manual_seed(value)
    return torch.Generator(where).manual_seed(value)


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


def _clip(module: nn.Module, norm: float) -> None:
    """Limit the norm of the gradients of each part of ``module`` by itself, as text-to-motion does
    with its networks."""
    for part in module.children():
        if gradients := [p for p in part.parameters() if p.grad is not None]:
            nn.utils.clip_grad_norm_(gradients, norm)


def _plateau(state: _State, schedule: Schedule) -> bool:
    return schedule.patience is not None and state.epoch - state.best_epoch >= schedule.patience


def _save(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer, state: _State) -> None:
    tensors = {f"module/{key}": value for key, value in module.state_dict().items()}
    tensors |= {f"best/{key}": value for key, value in state.best.items()}
    for index, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{index}/{key}": value for key, value in moments.items()}
    if isinstance(module, Resumable):
        extra = module.training_state()
        tensors |= {f"extra/{key}": value for key, value in extra.items()}
    numbers = {
        key: getattr(state, key) for key in ("epoch", "step", "best_loss", "best_epoch", "log")
    }
    with files.atomic(path) as temporary:
        save_file(
            {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()},
            temporary,
            metadata={"state": json.dumps(numbers)},
        )


def _load(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer) -> _State | None:
    """Restore an interrupted run; None when there is none."""
    try:
        with safe_open(path, framework="pt") as stored:
            metadata = stored.metadata()
            tensors = {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118
    except (FileNotFoundError, SafetensorError):
        return None
    parts: dict[str, dict[str, Tensor]] = {"module": {}, "best": {}, "optimiser": {}, "extra": {}}
    for key, value in tensors.items():
        part, _, rest = key.partition("/")
        parts[part][rest] = value
    module.load_state_dict(parts["module"])
    if isinstance(module, Resumable):
        module.load_training_state(parts["extra"])
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in parts["optimiser"].items():
        index, _, moment = key.partition("/")
        moments.setdefault(int(index), {})[moment] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": moments})
    numbers = json.loads(metadata["state"])
    return _State(best=parts["best"], **numbers)
