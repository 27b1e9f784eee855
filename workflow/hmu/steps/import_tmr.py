"""Import a TMR checkpoint: the encoders of the second evaluator."""

from hmu.io import files
from hmu.models import origin, storage
from hmu.official import tmr
from hmu.run.job import Job


def run(job: Job) -> None:
    """The files of `hmu.official.tmr.checkpoint` -> encoders, with their sizes and scale. Raises
    InputError when a file is damaged or of another model."""
    state, sizes, scale = tmr.read(job.inputs)
    storage.save_state(job.outputs["model"], state)
    config = {"part": "tmr", "sizes": sizes.model_dump(), "normalisation": scale.as_json()}
    files.write_json(job.outputs["config"], config)
    origin.write(job, "imported")
    job.outputs["training"].mkdir()
