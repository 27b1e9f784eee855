"""What the model of a row took to make: the times of lineage records, summed.

A row's model begins with the original of its backbone, which is the same for all rows. Its cost is
what was computed beyond that: training from scratch without a concept, an edit and the statistics
that it reads, some epochs more.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.provenance import trace
from hmu.provenance.lineage import Record

_IMPORTS = ("import_part",)


def of_model(made: Path, original: Iterable[Path]) -> dict[str, Any]:
    """Seconds of all jobs on the way to the file ``made`` that none of ``original`` needed.

    ``jobs`` lists them, longest first: output, record, rule, seconds, device, threads. Where a time
    is not known, ``seconds`` is None and ``reason`` says why: no record or a damaged one, a model
    that was imported, or a job that was interrupted, of which the record has the last run only.
    """
    try:
        way = trace.back(made)
        jobs = way.jobs()
        for path in original:
            for seal in trace.back(path).jobs():
                jobs.pop(seal, None)
    except InputError as error:
        return {"seconds": None, "reason": str(error), "jobs": []}
    lost = [
        each for each, made_by in way.sources.items() if way.lineage.is_ours(each) and not made_by
    ]
    reason = f"{lost[0]} has no record." if lost else _unknown(jobs.values())
    listed = [_job(way, each) for each in jobs.values()]
    listed.sort(key=lambda each: (-each["seconds"], each["output"]))
    total = None if reason else sum(each["seconds"] for each in listed)
    return {"seconds": total, "reason": reason, "jobs": listed}


def _unknown(jobs: Iterable[Record]) -> str | None:
    """Why the times of these jobs do not say what the model took, if they do not."""
    for job in jobs:
        output = next(iter(job.outputs))
        if job.step in _IMPORTS:
            return f"{output} was imported: how long it was trained, no record says."
        if job.value.get("resumed"):
            return f"{output} was made in several runs: the record has the time of the last."
    return None


def _job(way: trace.Trace, job: Record) -> dict[str, Any]:
    """A job as a page lists it."""
    output = next(iter(job.outputs))
    told = {name: job.value[name] for name in ("rule", "seconds", "device", "threads", "machine")}
    record = way.lineage.name(way.lineage.address(output))
    return {"output": output, "record": record, "seal": job.seal, **told}
