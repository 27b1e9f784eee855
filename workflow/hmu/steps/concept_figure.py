"""Shares of a concept in one or several datasets -> the paper's Figure 2."""

from hmu.run.job import Job
from hmu.text import shares


def run(job: Job) -> None:
    """Draw the tables of shares side by side.

    Settings: ``concept``, and for each table its dataset's name and benchmark (or None), as the
    lists ``datasets`` and ``benchmarks``.
    """
    concept = job.settings["concept"]
    panels = [
        shares.Panel(
            benchmark or name, shares.read(path), shares.PAPER.get((benchmark, concept), {})
        )
        for path, name, benchmark in zip(
            job.input_list("shares"),
            job.settings["datasets"],
            job.settings["benchmarks"],
            strict=True,
        )
    ]
    shares.draw(concept, panels, job.outputs["picture"])
