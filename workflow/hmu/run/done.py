"""What a job need not do again: its outputs are there, made by a job like it."""

import json

from hmu.errors import InputError
from hmu.provenance import code, hashes
from hmu.provenance.code import Code
from hmu.provenance.lineage import Lineage, Record
from hmu.run.job import Job
from hmu.run.runner import modules, read


def is_needed(job: Job, command: str, remedy: str) -> bool:
    """Whether a ``command`` must run a job: its outputs are not there, made by a job like it.

    Raises InputError where what is there was made by anyone but this command, the workflow say, for
    which it may have taken days; ``remedy`` is what else to do.
    """
    if is_done(job):
        return False
    rule = maker(job)
    if rule not in (None, command):
        by = f"rule {rule} made it" if rule else "no record says what made it"
        place = next(iter(job.outputs.values())).parent
        raise InputError(
            f"{place} is there, but not from these data, settings and code ({by}): remove it, or"
            f" {remedy}."
        )
    return True


def is_done(job: Job) -> bool:
    """Whether the records say that all outputs were made from the same inputs with the same step,
    settings, seed and code, and they are still what they were."""
    records = _records(job)
    if not records or any(record != records[0] for record in records):
        return False
    made, lineage = records[0], Lineage(job.results)
    cache = job.results / ".cache"
    now = {lineage.name(path): found.sha256 for path, found in read(job).contents.items()}
    outputs = {lineage.name(path): path for path in job.outputs.values()}
    sources = Code(notes=cache / "code.json").files(*modules(job))
    return (
        made.step == job.step
        and made.value["seed"] == job.seed
        and made.value["settings"] == json.loads(json.dumps(dict(job.settings)))
        and made.value["code"]["digest"] == code.combine(sources)
        and {name: found.sha256 for name, found in made.inputs.items()} == now
        and made.outputs.keys() == outputs.keys()
        and all(
            hashes.cached(path, cache / "hashes").sha256 == made.outputs[name].sha256
            for name, path in outputs.items()
        )
    )


def maker(job: Job) -> str | None:
    """The rule that made the outputs which the job would replace; None where there are none, and
    empty where no record says it."""
    there = [path for path in job.outputs.values() if path.exists()]
    records = _records(job)
    if records:
        return str(records[0].value["rule"])
    return "" if there else None


def _records(job: Job) -> list[Record]:
    """Those of the outputs that are there; none where one lacks."""
    lineage = Lineage(job.results, tolerant=True)
    found = [lineage.record(lineage.name(path)) for path in job.outputs.values() if path.exists()]
    whole = [record for record in found if record is not None]
    return whole if len(whole) == len(job.outputs) else []
