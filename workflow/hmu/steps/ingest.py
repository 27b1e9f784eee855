"""Raw data of any style -> one store of clips, at the joints or at the features stage."""

from pathlib import Path
from typing import Any

from hmu import registry
from hmu.errors import InputError
from hmu.ingest import coverage
from hmu.ingest.axes import Axes
from hmu.ingest.quarantine import Quarantine
from hmu.ingest.streaming import stream
from hmu.interface.sources import Clip, Work
from hmu.io import files
from hmu.io.store import ClipWriter
from hmu.motion.features import FEATURES
from hmu.motion.skeleton import JOINTS
from hmu.run.job import Job

# A run that a bad clip stopped goes on when it is told to set bad clips aside.
RESUMES_ACROSS = ("on_bad_clip", "quarantine_limit", "threads")

TAILS = {"joints": (JOINTS, 3), "features": (FEATURES,)}


def run(job: Job) -> None:
    """Read the clips of the directory ``raw`` by the plugin ``source``, in ``threads`` processes.

    Settings: ``source``, ``on_bad_clip``, ``quarantine_limit``. The index has the columns
    ``source`` (file below ``raw``) and ``mirrored`` too. ``coverage`` and ``coverage_table`` say
    what there is of the dataset. Raises InputError for bad input; with ``on_bad_clip: stop`` also
    when files are missing. Raises it too when most clips have another axis than y up.
    """
    raw, source = job.input("raw"), job.settings["source"]
    bad = Quarantine(job.settings)
    work = registry.load("sources", source).ingest(raw, job.settings)
    _say_what_is_missing(raw, work, bad.stops)
    absent = {file for each in work.sequences if each.absent for file in each.missing}
    stage, axes = registry.literals("sources", source)["STAGE"], Axes()
    tail = TAILS[stage]
    with (
        ClipWriter(job.outputs["data"], job.outputs["index"], tail) as store,
        stream(work, tail, job.scratch, job.threads, "ingest") as items,
    ):
        for item in items:
            if isinstance(item, Clip):
                store.add(item.clip, item.frames, source=item.source, mirrored=item.mirrored)
                if stage == "joints":
                    axes.add(item.frames, item.source)
            elif item.file in absent:
                bad.note_absent(item.clip, raw / item.file, item.reason)
            else:
                bad.add(item.clip, raw / item.file, item.reason)
        bad.settle(len(store.rows), job.outputs["quarantine"])
        axes.settle(raw)
    whole = coverage.measure(raw, work.sequences, [row["clip"] for row in store.rows])
    files.write_json(job.outputs["coverage"], whole.record())
    job.outputs["coverage_table"].write_text(whole.table(), encoding="utf-8", newline="\n")


def _say_what_is_missing(raw: Path, work: Work[Any], stops: bool) -> None:
    """Print it. Raises InputError when it is everything, or when bad clips stop the run."""
    if work.fault:
        raise InputError(work.fault)
    expected = coverage.measure(raw, work.sequences)
    if expected.missing and stops:
        raise InputError(
            f"{raw}: {' '.join(expected.lines())} Add what is missing, or go on without it: set "
            "this dataset's `on_bad_clip: quarantine`."
        )
    if expected.sequences:
        print("\n".join(expected.lines()), flush=True)
