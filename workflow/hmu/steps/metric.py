"""One metric of one variant on one set, for every repeat, from stored descriptions."""

from hmu import registry
from hmu.evaluation import measure
from hmu.io import files, npz
from hmu.run.job import Job


def run(job: Job) -> None:
    """Plan and the descriptions that the metric reads -> its values, and those of each motion.

    Inputs: the plan's ``rows``, ``pairs`` where it reads them, and each field of its READS by its
    name.
    Settings: ``metric``; ``planned``, whether generated motions lie in the order of the plan (else
    of the requests); ``real``, whether real motions take their place; and those that it reads.
    """
    settings = job.settings
    metric = registry.load("metrics", settings["metric"])
    stored = {field: job.input(field) for field in metric.READS}
    fields = measure.sources(
        metric.READS,
        stored,
        job.input("rows"),
        job.optional("pairs"),
        settings["planned"],
        measure.all_repeats(metric),
    )
    values, motions = measure.measure(metric, settings["metric"], fields, settings, job.seed)
    files.write_json(job.outputs["values"], values)
    npz.write(job.outputs["motions"], motions)
