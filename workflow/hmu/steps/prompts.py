"""Samples -> the prompts of a source, each of them in each repeat, and what was rejected."""

from collections.abc import Callable
from functools import cache

import pyarrow.parquet as pq

from hmu import registry
from hmu.errors import InputError
from hmu.evaluation import plan
from hmu.evaluation.prompts import none_taken, of_the_test_split, rejections, sifted, table
from hmu.interface.prompts import PromptContext
from hmu.io import csv_table, files, parquet
from hmu.run.job import Job
from hmu.sections.evaluation import Protocol


def run(job: Job) -> None:
    """Settings: ``name`` and ``kind`` of the source, ``params``, ``concepts`` (the keywords of each
    that it names), ``tagger``, repeats, captions.

    Files that the source reads are inputs under ``file_PARAMETER``. Raises InputError for bad
    prompts, motions that are not there, or where no prompt is left.
    """
    settings = job.settings
    plugin = registry.load("prompts", settings["kind"])
    samples = of_the_test_split(parquet.frame(job.input("samples")))
    named = {
        name.removeprefix("file_"): job.input(name)
        for name in job.inputs
        if name.startswith("file_")
    }
    concepts = {name: tuple(words) for name, words in settings["concepts"].items()}
    context = PromptContext(samples, settings["params"], named, concepts, job.seed)

    @cache
    def tagger() -> Callable[[str], str]:
        made: Callable[[str], str] = registry.load("taggers", settings["tagger"]).tagger()
        return made

    source = ", ".join(map(str, named.values())) or f"prompts.{settings['name']}"
    unspoken = [word for words in concepts.values() for word in words]
    kept, rejected = sifted(plugin.prompts(context), unspoken, lambda text: tagger()(text))
    if rejected and not kept:
        raise InputError(f"{source}: {none_taken(rejected, concepts)}")
    prompts = table(kept, samples, source)
    left_out = rejections(rejected, samples)
    lines = [row.values() for row in left_out.to_pylist()]
    csv_table.write(job.outputs["rejected"], left_out.column_names, lines)
    origin = {"kind": settings["kind"], "params": settings["params"], "concepts": concepts}
    counts = {"prompts": len(kept), "rejected": len(rejected)}
    files.write_json(job.outputs["origin"], {**origin, **counts})
    if rejected:
        print(f"{len(rejected)} of {len(kept) + len(rejected)} prompts were rejected.")
    protocol = Protocol(repeats=settings["repeats"], captions=settings["captions"])
    motions = parquet.read(job.input("motions"), ["motion", "start", "frames"])
    pq.write_table(prompts, job.outputs["prompts"])
    asked = plan.requests(prompts, motions, protocol, job.seed)
    pq.write_table(asked, job.outputs["requests"])
