"""Import the evaluator's vocabulary of GloVe vectors."""

from safetensors.numpy import save

from hmu.io import files
from hmu.models import origin
from hmu.official import glove, layout
from hmu.official.sources import folder_of
from hmu.run.job import Job


def run(job: Job) -> None:
    """The three official files, or the ``folder`` of their download -> vectors, rows and origin."""
    folder = job.optional("folder")
    inputs = layout.glove(folder / folder_of("glove")) if folder else job.inputs
    vectors, rows = glove.read(inputs)
    job.outputs["model"].write_bytes(save({"vectors": vectors}))
    files.write_json(job.outputs["config"], {"part": "word_vectors", "rows": rows})
    origin.write(job, "imported")
