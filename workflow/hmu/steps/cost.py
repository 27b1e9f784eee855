"""Step: what the model of a variant took to make."""

from hmu.io import files
from hmu.run.job import Job
from hmu.tables import cost


def run(job: Job) -> None:
    """A checkpoint's ``delta`` and the parts of the ``original`` -> the seconds between the two, as
    `hmu.tables.cost.of_model` has them. Their lineage records are read beside them."""
    found = cost.of_model(job.input("delta"), job.input_list("original"))
    files.write_json(job.outputs["cost"], found)
