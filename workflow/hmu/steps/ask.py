"""Captions -> what a language model makes of them."""

from hmu import registry
from hmu.evaluation.prompts import of_the_test_split
from hmu.interface.prompts import PromptContext
from hmu.io import parquet
from hmu.run.job import Job


def run(job: Job) -> None:
    """Settings: ``kind`` of the source of prompts, its ``params`` and ``concepts``, as of the step
    ``prompts``. Raises InputError where the model cannot be asked."""
    settings = job.settings
    samples = of_the_test_split(parquet.frame(job.input("samples")))
    concepts = {name: tuple(words) for name, words in settings["concepts"].items()}
    context = PromptContext(samples, settings["params"], {}, concepts, job.seed)
    answers = registry.load("prompts", settings["kind"]).ask(context)
    job.outputs["answers"].write_text(answers, encoding="utf-8")
