"""Import one part of an official model: tokenizer, transformer, length estimator or evaluator."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from hmu.backbones import opening
from hmu.errors import InputError
from hmu.io import files
from hmu.models import origin, storage
from hmu.models.evaluator import Evaluator
from hmu.models.length import LengthEstimator
from hmu.official import layout, reading, releases, remainder, sizes
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
    if (expected := settings.get("expected")) is not None:
        own, weights = found.config["sizes"], one(inputs, "weights")
        if faults := [*sizes.differing(own, expected, settings["section"], weights)]:
            raise InputError("\n".join(faults))
    storage.save_state(job.outputs["model"], found.state)
    what = {"part": name, "kind": kind} if kind else {"part": name}
    files.write_json(job.outputs["config"], {**what, **found.config})
    origin.write(job, "imported", official=found.official)
    job.outputs["training"].mkdir()
    storage.save_state(job.outputs["training"] / remainder.FILE, found.remainder)
