"""Raw texts and split lists -> captions, splits, what was set aside, and what labels needed."""

import pyarrow.parquet as pq

from hmu import registry
from hmu.ingest import quarantine
from hmu.io import parquet
from hmu.run.job import Job
from hmu.text import captions


def run(job: Job) -> None:
    """Read the captions of the clips in ``index``, which the features have.

    Clips of ``aside`` are listed there already and pass here; they need no text.
    Settings: ``tagger`` (needed for texts without tokens), ``on_bad_clip``, ``quarantine_limit``.
    Raises InputError for bad input as `hmu.text.captions` says.
    """
    raw, settings = job.input("raw"), job.settings
    table = parquet.read(job.input("index"), columns=["clip", "source", "mirrored"])
    index = dict(zip(*(table[name].to_pylist() for name in ("clip", "source")), strict=True))
    mirrored = table.filter(table["mirrored"])["clip"].to_pylist()
    result = captions.read(
        raw,
        index,
        lambda: registry.load("taggers", settings["tagger"]).tagger(),
        quarantine.clips(job.input_list("aside")),
        frozenset(mirrored),
    )
    captions.settle(result, raw, settings["on_bad_clip"], settings["quarantine_limit"])
    pq.write_table(result.captions, job.outputs["captions"])
    pq.write_table(result.splits, job.outputs["splits"])
    result.labels.write(job.outputs["labels"])
    if result.mirrored:
        print(
            f"{result.mirrored} mirrored clips have no text: they get their original's, mirrored."
        )
    if result.unlisted:
        print(f"{len(result.unlisted)} clips are in no split list: see quarantine.csv.")
    if times := result.labels.files["times"]:
        print(f"{times} files have captions with impossible times, which are left out.")
    aside = [*result.faults, *result.untimely, *result.unlisted]
    rows = ((fault.clip, fault.file or index[fault.clip], fault.reason) for fault in aside)
    quarantine.write(job.outputs["quarantine"], rows)
