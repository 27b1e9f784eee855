"""Count which codes the motions of the forget and of the retain set contain."""

from hmu.figures import code_statistics as figure
from hmu.io import parquet
from hmu.io.codes import CodeTable
from hmu.models.storage import load_sizes
from hmu.models.stored import Stored
from hmu.run.job import Job
from hmu.sections.tokenizer import Vocabulary
from hmu.unlearning.code_statistics import code_statistics, forgotten


def run(job: Job) -> None:
    """Codes of the training clips and the concept's forget set -> code statistics and figure."""
    table = CodeTable.read(job.input("codes"))
    clips, motions = (parquet.frame(job.input(name)) for name in ("clips", "motions"))
    tokenizer = Stored.among(job.inputs, "tokenizer")
    codebook = load_sizes(tokenizer.config, Vocabulary, others=True).codes
    statistics = code_statistics(table, forgotten(table, clips, motions), codebook)
    statistics.to_parquet(job.outputs["statistics"], index=False)
    figure.draw(statistics, job.outputs["figure"])
