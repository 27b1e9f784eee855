"""Take in the motions of a set that were made elsewhere."""

from hmu.backbones import opening
from hmu.evaluation import asked
from hmu.ingest import elsewhere
from hmu.io import parquet
from hmu.run.job import Job


def run(job: Job) -> None:
    """Requests (those of a set, where its ``plan`` is given), prompts, a directory of motions -> a
    store of their features, whose index has repeat, prompt and draw too.

    Settings: ``kind`` and ``section`` of the backbone, ``prompts``, the name of their source, and
    ``wanted``, the table that says what is wanted. Raises InputError when motions are missing,
    cannot be used, or are of no prompt.
    """
    settings = job.settings
    motions = opening.motions(settings["kind"], settings["section"])
    names = parquet.read(job.input("prompts"), ["prompt"])["prompt"].to_pylist()
    elsewhere.collect(
        job.input("motions"),
        motions,
        asked.read(job.input("requests"), job.optional("plan")),
        (settings["prompts"], names),
        (job.outputs["data"], job.outputs["index"]),
        settings["wanted"],
    )
