"""The evaluation plan of one set: rows of its source's requests, in pools."""

import pyarrow.parquet as pq

from hmu.errors import InputError
from hmu.evaluation import plan
from hmu.io import parquet
from hmu.run.job import Job
from hmu.sections.evaluation import Protocol


def run(job: Job) -> None:
    """Prompts, requests and the concept's clips -> plan, and the same for metrics as ``rows``.

    Settings: ``set``, ``clips`` ("forget", "retain" or "all"), repeats, pool, captions,
    last_pool. Raises InputError when a table is damaged or the set does not fill one pool.
    """
    settings, concept = job.settings, job.optional("concept")
    prompts = parquet.read(job.input("prompts"), ["prompt", "motion", "clip"])
    clips = None if concept is None else parquet.read(concept, ["clip", "forget"])
    chosen = plan.members(prompts, clips, settings["clips"])
    protocol = Protocol.of(settings)
    requests = parquet.read(job.input("requests"), ["repeat", "row"])
    try:
        table = plan.build(prompts, requests, chosen, settings["set"], protocol, job.seed)
    except InputError as error:
        raise InputError(f"{concept or job.input('prompts')}: {error}") from error
    pq.write_table(table, job.outputs["plan"])
    plan.rows(table, len(requests), len(prompts)).write(job.outputs["rows"])
