"""Shares of a concept in one or several datasets -> the paper's Figure 2."""

from hmu.figures import shares as figure
from hmu.run.job import Job
from hmu.text import shares


def run(job: Job) -> None:
    """Draw the tables of shares side by side.

    Settings: ``concept``, and for each table its dataset's name and benchmark (or None), as the
    lists ``datasets`` and ``benchmarks``.
    """
    concept = job.settings["concept"]
    panels = [
        figure.Panel(
            benchmark or name, shares.read(path), figure.PAPER.get((benchmark, concept), {})
        )
        for path, name, benchmark in zip(
            job.input_list("shares"),
            job.settings["datasets"],
            job.settings["benchmarks"],
            strict=True,
        )
    ]
    figure.draw(concept, panels, job.outputs["picture"])
