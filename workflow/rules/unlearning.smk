# Which codes belong to the concept, and one checkpoint a variant: only what differs from the base.


include: "inputs/unlearning.smk"


rule code_statistics:
    input:
        **weights("tokenizer", "all"),
        codes=codes_of("all"),
        clips=f"{CONCEPT}/clips.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        statistics=STATISTICS,
        figure=STATISTICS.replace(".parquet", ".svg"),
    log:
        "results/logs/code_statistics/{dataset}/{backbone}/{concept}.log",
    benchmark:
        "results/benchmarks/code_statistics/{dataset}/{backbone}/{concept}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("code_statistics"),
    shell:
        STEP


# The same, counted in the crops that the reference's LCR draws.
rule reference_codes:
    input:
        **store("features"),
        **weights("tokenizer", "all"),
        motions=f"{TEXT}/motions.parquet",
        samples=f"{TEXT}/samples.parquet",
    output:
        codes=paths.reference_codes("{dataset}", "{backbone}"),
    log:
        "results/logs/reference_codes/{dataset}/{backbone}.log",
    benchmark:
        "results/benchmarks/reference_codes/{dataset}/{backbone}.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=240, gpu=1),
    params:
        **job(
            "reference_codes",
            lambda w: with_device({}),
            lambda w: modules(w.backbone, "tokenizer"),
        ),
    shell:
        STEP


use rule code_statistics as reference_statistics with:
    input:
        **weights("tokenizer", "all"),
        codes=of_part("tokenizer", paths.reference_codes("{dataset}", "{backbone}"), "all"),
        clips=f"{CONCEPT}/clips.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        statistics=REFERENCE_STATISTICS,
        figure=REFERENCE_STATISTICS.replace(".parquet", ".svg"),
    log:
        "results/logs/reference_statistics/{dataset}/{backbone}/{concept}.log",
    benchmark:
        "results/benchmarks/reference_statistics/{dataset}/{backbone}/{concept}.tsv"
    params:
        **job("code_statistics", rule="reference_statistics"),


rule unlearn:
    input:
        unpack(unlearn_inputs),
    output:
        **origin(CHECKPOINT),
        delta=f"{CHECKPOINT}/delta.safetensors",
    log:
        "results/logs/unlearn/{dataset}/{backbone}/{concept}/{variant}.log",
    benchmark:
        "results/benchmarks/unlearn/{dataset}/{backbone}/{concept}/{variant}.tsv"
    wildcard_constraints:
        variant=variants(lambda name: not trains(name)),
    retries: tries(240)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=16_000, runtime=240),
    params:
        **job("unlearn", unlearn_settings, unlearn_plugins, given=unlearn_inputs),
    shell:
        STEP


# For the methods that train: on a GPU, leaving a log and curves.
use rule unlearn as unlearn_by_training with:
    wildcard_constraints:
        variant=variants(trains),
    retries: tries(max(map(training_minutes, filter(trains, DECLARED)), default=0), resumes=True)
    resources:
        **needs(mem_mb=32_000, runtime=lambda w: training_minutes(w.variant), gpu=1),
    params:
        **job("unlearn_by_training", unlearn_settings, unlearn_plugins, given=unlearn_inputs),
