"""From a job to a trained model: random weights, the training run, and the files it leaves."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import nn

from hmu import rng
from hmu.interface.backbones import Recipe
from hmu.models import origin, storage
from hmu.models.curves import write_logs
from hmu.models.stepping import Loss
from hmu.models.training import train
from hmu.run import device
from hmu.run.job import Job

Module = TypeVar("Module", bound=nn.Module)


def initialise(build: Callable[[], Module], job: Job, name: str) -> Module:
    """Build a module on the job's device, with random weights of (seed, name) alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.generator(job.seed, name, "weights").integers(2**62)))
        return build().to(device.choose(job.settings["device"]))


def fit(
    job: Job,
    name: str,
    model: nn.Module,
    loss: Loss,
    recipe: Recipe,
    kind: str | None = None,
) -> None:
    """Train ``model`` and write it: weights, config, origin, log and curve.

    ``kind`` is that of the backbone that it is a part of, if it is one. An interrupted run
    continues from what it left in the job's scratch directory.
    """
    resume = job.scratch / f"{name}.safetensors"
    log = train(name, model, loss, recipe.batches, recipe.schedule, job.seed, resume)
    config: dict[str, Any] = {"part": name, "sizes": recipe.sizes.model_dump()}
    if recipe.scale is not None:
        config["normalisation"] = recipe.scale.as_json()
    if kind is not None:
        config["kind"] = kind
    storage.save(job.outputs["model"], job.outputs["config"], model, config)
    origin.write(job, "trained", seed=job.seed, epochs={name: len(log)})
    write_logs(job.outputs["training"], {name: log})
