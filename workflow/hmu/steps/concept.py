"""Captions, splits and motions -> the forget and retain sets of a concept, and the text lists."""

from hmu.io import csv_table
from hmu.run.job import Job
from hmu.text import concepts, shares


def run(job: Job) -> None:
    """Match the keywords; write clips, matches, disagreements, shares and the folder ``lists``.

    Clips and matches are Parquet; disagreements and shares, which people look through, are CSV.
    Settings: ``concept``, ``dataset``, ``keywords``, ``matching``, ``min_lines``. Raises
    InputError when the forget or the retain set is empty.
    """
    settings = job.settings
    found = concepts.of_files(
        job.input("captions"), job.input("splits"), job.input("motions"), **settings
    )
    found.clips.to_parquet(job.outputs["clips"], index=False)
    found.matches.to_parquet(job.outputs["matches"], index=False)
    lines = found.disagreements.itertuples(index=False, name=None)
    csv_table.write(job.outputs["disagreements"], found.disagreements.columns, lines)
    table = shares.table(found.clips, found.matches, settings["keywords"])
    shares.write(job.outputs["shares"], table)
    folder = job.outputs["lists"]
    folder.mkdir(parents=True)
    for name, clips in concepts.text_lists(found.clips, settings["concept"]).items():
        (folder / name).write_text("".join(f"{clip}\n" for clip in clips), encoding="utf-8")
