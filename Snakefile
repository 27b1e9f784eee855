"""Human motion unlearning: from raw motion and text to the tables of the paper.

Rules say what follows from what; the package in workflow/hmu says how. The stages stand in
workflow/rules, one file each, in the order of the data.
"""

import time
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/text.smk"
include: "workflow/rules/official.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/unlearning.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


# What the named stages below make.
MODELS = sorted(
    {
        f"{folder}/model.safetensors"
        for cell in ADDRESSES.values()
        for folder in (
            *(
                paths.part(cell.dataset, owner(cell.backbone, part), "all", part)
                for part in parts(cell.backbone)
            ),
            paths.shared_model(cell.dataset, "evaluator"),
            paths.shared_model(cell.dataset, "length"),
        )
    }
)
DATA_READY = [
    paths.data(name, file)
    for name in sorted({*DATASETS_USED, *DEMO_DATASETS})
    for file in ("features/data.npy", "text/samples.parquet")
]


STARTED = time.time()


# Before Snakemake removes the old results of what it makes again, and begins.
onstart:
    planned = list(workflow.dag.needrun_jobs())
    if faults := [*package_faults(planned), *concept_faults(planned)]:
        raise SystemExit("\n".join(faults))
    look_when_jobs_end(workflow.scheduler)


# The one good line of each job that failed, below all that Snakemake says of it.
onerror:
    print(failures.summary(Path("results/logs"), STARTED, cancelled.NOTED), file=sys.stderr)


rule all:
    default_target: True
    input:
        paths.tables(),
        paths.report(),
        [paths.faithfulness(name, "md") for name in OF_FAITHFULNESS],
        MODELS,
        DATA_READY,
    localrule: True


# Named stages, for whoever wants to stop there.
rule raw:
    input:
        [paths.data(name, "raw") for name in DEMO_DATASETS],
    localrule: True


rule data:
    input:
        DATA_READY,
    localrule: True


# Whose clips they are. Where words choose the same clips as before, nothing that reads these runs
# again, and a dry run says so.
rule concepts:
    input:
        sorted({f"{paths.concept(c.dataset, c.concept)}/clips.parquet" for c in ADDRESSES.values()}),
    localrule: True


rule models:
    input:
        MODELS,
    localrule: True
