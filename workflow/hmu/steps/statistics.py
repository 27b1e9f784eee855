"""Count which codes the motions of the forget and of the retain set contain."""

from hmu.io import parquet
from hmu.io.codes import CodeTable
from hmu.models.storage import load_sizes
from hmu.models.tokenizer import TokenizerSizes
from hmu.run.job import Job
from hmu.unlearning.code_statistics import code_statistics, draw


def run(job: Job) -> None:
    """Codes of the training clips and the concept's forget set -> code statistics and figure."""
    table = CodeTable.read(job.input("codes"))
    clips = parquet.frame(job.input("concept"))
    trained = clips[clips["split"] != "test"]
    forget = dict(zip(trained["clip"], trained["forget"], strict=True))
    motions = parquet.frame(job.input("motions"))
    clip_of = table.keys["motion"].map(dict(zip(motions["motion"], motions["clip"], strict=True)))
    codebook = load_sizes(job.input("tokenizer_config"), TokenizerSizes).codes
    statistics = code_statistics(table, clip_of.map(forget), codebook)
    statistics.to_parquet(job.outputs["statistics"], index=False)
    draw(statistics, job.outputs["figure"])
