"""Raw texts and split lists -> captions, splits, what was set aside, and what labels needed."""

import csv

import pyarrow.parquet as pq

from hmu import registry
from hmu.job import Job
from hmu.text import captions


def run(job: Job) -> None:
    """Read the captions of the clips in ``index``, which the features have.

    Settings: ``tagger`` (needed for texts without tokens), ``on_bad_clip``, ``quarantine_limit``.
    Raises InputError for bad input as `hmu.text.captions` says.
    """
    raw, settings = job.input("raw"), job.settings
    motions = pq.read_table(job.input("index"), columns=["clip"])["clip"].to_pylist()
    result = captions.read(
        raw, motions, lambda: registry.load("taggers", settings["tagger"]).tagger()
    )
    captions.settle(result, raw, settings["on_bad_clip"], settings["quarantine_limit"])
    pq.write_table(result.captions, job.outputs["captions"])
    pq.write_table(result.splits, job.outputs["splits"])
    result.labels.write(job.outputs["labels"])
    with job.outputs["quarantine"].open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("clip", "file", "reason"))
        writer.writerows((fault.clip, fault.file, fault.reason) for fault in result.faults)
