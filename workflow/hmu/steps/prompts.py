"""Samples -> the prompts of a source, and each of them in each repeat."""

from collections.abc import Callable
from functools import cache

import pyarrow.parquet as pq

from hmu import registry
from hmu.evaluation import plan
from hmu.evaluation.prompts import of_the_test_split, table
from hmu.interface.prompts import PromptContext
from hmu.io import parquet
from hmu.run.job import Job
from hmu.sections.evaluation import Protocol


def run(job: Job) -> None:
    """Settings: ``name`` and ``kind`` of the source, ``params``, ``tagger``, repeats, captions.

    Files that the source reads are inputs under ``file_PARAMETER``. Raises InputError for bad
    prompts, or motions that are not there.
    """
    settings = job.settings
    plugin = registry.load("prompts", settings["kind"])
    samples = of_the_test_split(parquet.frame(job.input("samples")))
    files = {name: job.input(f"file_{name}") for name in plugin.FILES}
    context = PromptContext(samples, settings["params"], files)

    @cache
    def tagger() -> Callable[[str], str]:
        made: Callable[[str], str] = registry.load("taggers", settings["tagger"]).tagger()
        return made

    source = ", ".join(map(str, files.values())) or f"prompts.{settings['name']}"
    prompts = table(plugin.prompts(context), samples, lambda text: tagger()(text), source)
    protocol = Protocol(repeats=settings["repeats"], captions=settings["captions"])
    motions = parquet.read(job.input("motions"), ["motion", "start", "frames"])
    pq.write_table(prompts, job.outputs["prompts"])
    asked = plan.requests(prompts, motions, protocol, job.seed)
    pq.write_table(asked, job.outputs["requests"])
