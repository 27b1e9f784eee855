"""Raw data of any style -> one store of clips, at the joints or at the features stage."""

from hmu import registry
from hmu.datasets._raw import Clip
from hmu.job import Job
from hmu.motion.features import FEATURES
from hmu.motion.skeleton import JOINTS
from hmu.quarantine import Quarantine
from hmu.store import ClipWriter
from hmu.streaming import stream

TAILS = {"joints": (JOINTS, 3), "features": (FEATURES,)}


def run(job: Job) -> None:
    """Read the clips of the directory ``raw`` by the plugin ``source``, in ``threads`` processes.

    Settings: ``source``, ``on_bad_clip``, ``quarantine_limit``. The index has the columns
    ``source`` (file below ``raw``) and ``mirrored`` too. Raises InputError for bad input.
    """
    raw, source = job.input("raw"), job.settings["source"]
    bad = Quarantine(job.settings)
    work = registry.load("datasets", source).ingest(raw, job.settings)
    tail = TAILS[registry.literals("datasets", source)["STAGE"]]
    with (
        ClipWriter(job.outputs["data"], job.outputs["index"], tail) as store,
        stream(work, tail, job.scratch, job.threads, "ingest") as items,
    ):
        for item in items:
            if isinstance(item, Clip):
                store.add(item.clip, item.frames, source=item.source, mirrored=item.mirrored)
            else:
                bad.add(item.clip, raw / item.file, item.reason)
        bad.settle(len(store.rows), job.outputs["quarantine"])
