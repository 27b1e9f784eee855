"""From a job to a trained model: random weights, the training run, and the files it leaves."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import nn

from hmu import rng
from hmu.models import storage
from hmu.models.batches.drawing import Batches
from hmu.models.curves import write_logs
from hmu.models.stepping import Loss
from hmu.models.training import train
from hmu.motion.normalise import Normaliser
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.base import Section
from hmu.sections.training import Schedule

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
    sizes: Section,
    loss: Loss,
    batches: Batches,
    schedule: Schedule,
    normaliser: Normaliser | None = None,
    kind: str | None = None,
) -> None:
    """Train ``model`` and write its four files: weights, config, log and curve.

    ``normaliser`` is the scale of the features that it sees, if it sees any, and ``kind`` that of
    the backbone, where there are several of its part. An interrupted run continues from what it
    left in the job's scratch directory.
    """
    log = train(name, model, loss, batches, schedule, job.seed, job.scratch / f"{name}.safetensors")
    config: dict[str, Any] = {"part": name, "sizes": sizes.model_dump(), "epochs": len(log)}
    if normaliser is not None:
        config["normalisation"] = normaliser.as_json()
    if kind is not None:
        config["kind"] = kind
    storage.save(job.outputs["model"], job.outputs["config"], model, config)
    write_logs(job.outputs["training"], job.outputs["curve"], {name: log})
