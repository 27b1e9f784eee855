"""Import one part of an official model: tokenizer, transformer, length estimator or evaluator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import files
from hmu.models import origin, storage
from hmu.official import layout, reading, remainder
from hmu.run.job import Job, one


def run(job: Job) -> None:
    """Official files -> weights, config, origin, and what else training left in them.

    The inputs are the files of `layout.inputs`, or the ``folder`` of a download that has them
    (and the ``tokenizer_folder`` of that with the tokenizer which a transformer reads).
    ``expected`` are the sizes that the configuration gives in ``section``: what the workflow trains
    beside an imported model (a retrained one, say) must have its sizes.
    """
    part, folder = job.settings["part"], job.optional("folder")
    tokenizer = job.optional("tokenizer_folder")
    inputs = layout.inputs(folder, part, tokenizer=tokenizer) if folder else job.inputs
    found = reading.read(part, inputs, job.settings.get("kind"))
    expected = job.settings.get("expected")
    if expected is not None:
        _check(found.config["sizes"], expected, job.settings["section"], one(inputs, "weights"))
    storage.save_state(job.outputs["model"], found.state)
    files.write_json(job.outputs["config"], found.config)
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
