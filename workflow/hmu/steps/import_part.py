"""Import one part of an official model: tokenizer, transformer, length estimator or evaluator."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from hmu.backbones import opening
from hmu.errors import InputError
from hmu.io import files
from hmu.models import origin, storage
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.official import layout, reading, releases, remainder
from hmu.run.job import Job, one

_SHARED: Mapping[str, Callable[[Any], nn.Module]] = {
    "length": LengthEstimator,
    "evaluator": Evaluator,
}


def run(job: Job) -> None:
    """Official files -> weights, config, origin, and what else training left in them.

    ``part`` is that of a ``kind`` of backbone, or without one a model that all share. The inputs
    are the files of `layout.inputs`, or the ``folder`` of a download that has them (and the
    ``tokenizer_folder`` of that with the tokenizer which a transformer reads). ``expected`` are the
    sizes that the configuration gives in ``section``: what the workflow trains beside an imported
    model (a retrained one, say) must have its sizes.
    """
    settings, folder = job.settings, job.optional("folder")
    name, kind = settings["part"], settings.get("kind")
    parts, tokenizer = releases.parts(kind), job.optional("tokenizer_folder")
    inputs = layout.inputs(parts, name, folder, tokenizer=tokenizer) if folder else job.inputs
    network = opening.declared(kind, name).network if kind else _SHARED[name]
    found = reading.read(parts[name], inputs, network)
    expected = settings.get("expected")
    if expected is not None:
        _check(found.config["sizes"], expected, settings["section"], one(inputs, "weights"))
    storage.save_state(job.outputs["model"], found.state)
    what = {"part": name, "kind": kind} if kind else {"part": name}
    files.write_json(job.outputs["config"], {**what, **found.config})
    origin.write(job, "imported", official=found.official)
    job.outputs["training"].mkdir()
    storage.save_state(job.outputs["training"] / remainder.FILE, found.remainder)


def _check(
    sizes: Mapping[str, Any], expected: Mapping[str, Any], section: str, source: Path
) -> None:
    for name, value in sizes.items():
        if expected.get(name, value) != value:
            raise InputError(
                f"{source}: {name} is {value}, but {section}.{name} is {expected[name]}; "
                f"write {name}: {value} there, or leave out the weights."
            )
