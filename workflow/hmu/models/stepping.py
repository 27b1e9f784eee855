"""Optimiser steps, each with random numbers of its own: those of (seed, name, step)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from hmu import rng
from hmu.run import device
from hmu.sections.training import Schedule

Loss = Callable[[Any, torch.Generator], tuple[Tensor, dict[str, Tensor]]]


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


def _seeded(seed: int, *address: str | int, where: torch.device) -> torch.Generator:
    """A generator for one step; dropout, which takes none, follows the default one."""
    value = int(rng.generator(seed, *address).integers(2**62))
    torch.manual_seed(value)
    return torch.Generator(where).manual_seed(value)


def _clip(module: nn.Module, norm: float) -> None:
    """Limit the norm of the gradients of each part of ``module`` by itself, as text-to-motion does
    with its networks."""
    for part in module.children():
        if gradients := [p for p in part.parameters() if p.grad is not None]:
            nn.utils.clip_grad_norm_(gradients, norm)
