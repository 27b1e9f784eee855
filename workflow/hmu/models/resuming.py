"""All that passes from one epoch to the next, in a file: a training goes on as if never stopped."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from hmu.io import files


@runtime_checkable
class Resumable(Protocol):
    """A module whose training needs more than its weights to go on."""

    def training_state(self) -> dict[str, Tensor]:
        """What must be kept beside the weights."""
        ...

    def load_training_state(self, state: dict[str, Tensor]) -> None:
        """Take back what :meth:`training_state` gave."""
        ...


@dataclass
class State:
    """All that passes from one epoch to the next."""

    epoch: int = 0
    step: int = 0
    best_loss: float = float("inf")
    best_epoch: int = 0
    best: dict[str, Tensor] = field(default_factory=dict)
    log: list[dict[str, float]] = field(default_factory=list)


def save(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer, state: State) -> None:
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


def load(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer) -> State | None:
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
    return State(best=parts["best"], **numbers)
