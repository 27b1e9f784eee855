"""Captions, splits and motions -> the forget and retain sets of a concept, and the text lists."""

from hmu.io import parquet
from hmu.run.job import Job
from hmu.text import concepts, shares


def run(job: Job) -> None:
    """Match the keywords; write clips, matches, disagreements, shares and the folder ``lists``.

    Clips and matches are Parquet; disagreements and shares, which people look through, are CSV.
    Settings: ``concept``, ``dataset``, ``keywords``, ``matching``. Raises InputError when the
    forget or the retain set is empty.
    """
    settings = job.settings
    captions, splits = (parquet.frame(job.input(name)) for name in ("captions", "splits"))
    motions = parquet.frame(job.input("motions"), columns=["clip"])["clip"]
    found = concepts.partition(
        captions, splits, motions, settings["keywords"], settings["matching"]
    )
    concepts.check(found.clips, settings["concept"], settings["dataset"], settings["keywords"])
    found.clips.to_parquet(job.outputs["clips"], index=False)
    found.matches.to_parquet(job.outputs["matches"], index=False)
    found.disagreements.to_csv(job.outputs["disagreements"], index=False, lineterminator="\n")
    table = shares.table(found.clips, found.matches, settings["keywords"])
    table.to_csv(job.outputs["shares"], index=False, lineterminator="\n")
    folder = job.outputs["lists"]
    folder.mkdir(parents=True)
    for name, clips in concepts.text_lists(found.clips, settings["concept"]).items():
        (folder / name).write_text("".join(f"{clip}\n" for clip in clips), encoding="utf-8")
