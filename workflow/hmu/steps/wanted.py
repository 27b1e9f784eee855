"""List the motions that are to be made elsewhere, before there are any."""

from collections.abc import Iterator

from hmu.backbones import opening
from hmu.evaluation import asked
from hmu.ingest import elsewhere
from hmu.io import parquet
from hmu.run.job import Job


def run(job: Job) -> None:
    """Requests of sets, in their plans -> a table for whoever makes the motions.

    Settings: ``kind`` and ``section`` of the backbone; ``asked``, what is asked for together, each
    with its source of prompts. The inputs of each of these are ``ASKED/prompts``,
    ``ASKED/requests`` and, of a set, ``ASKED/plan``.
    """
    motions = opening.motions(job.settings["kind"], job.settings["section"])

    def rows() -> Iterator[elsewhere.Wanted]:
        for each, source in job.settings["asked"].items():
            captions = parquet.read(job.input(f"{each}/prompts"), ["caption"])["caption"]
            requests = asked.read(job.input(f"{each}/requests"), job.optional(f"{each}/plan"))
            yield from elsewhere.wanted(motions, source, requests, captions.to_pylist())

    elsewhere.write(job.outputs["wanted"], rows())
