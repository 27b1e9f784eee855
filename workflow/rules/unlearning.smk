# Which codes belong to the concept, and one checkpoint a variant: only what differs from the base.


rule statistics:
    input:
        **weights("tokenizer", "all"),
        codes=codes_of("all"),
        concept=f"{CONCEPT}/clips.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        statistics=STATISTICS,
        figure=STATISTICS.replace(".parquet", ".svg"),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/statistics.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/statistics.tsv"
    wildcard_constraints:
        backbone=WHOLE_BACKBONES,
    conda:
        ENVIRONMENT
    params:
        **job("statistics"),
    shell:
        STEP


rule unlearn:
    input:
        unpack(unlearn_inputs),
    output:
        delta=f"{CHECKPOINT}/delta.safetensors",
        manifest=f"{CHECKPOINT}/manifest.json",
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/unlearn.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/unlearn.tsv"
    wildcard_constraints:
        variant=variants(lambda name: not trains(name)),
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        mem_mb=16_000,
        runtime=240,
    params:
        **job(
            "unlearn",
            lambda w: with_device(
                {
                    **parameters(w.variant),
                    "training": {
                        part: config["backbones"][w.backbone][part]["training"]
                        for part in method(w.variant, "CHANGES")
                    },
                    "address": {
                        key: w[key] for key in ("dataset", "backbone", "concept", "variant")
                    },
                }
            ),
            plugins=unlearn_plugins,
        ),
    shell:
        STEP


# For the methods that train: on a GPU, leaving a log and curves.
use rule unlearn as unlearn_by_training with:
    output:
        **rules.unlearn.output,
        training=f"{CHECKPOINT}/log.parquet",
        curve=f"{CHECKPOINT}/curve.svg",
    wildcard_constraints:
        variant=variants(trains),
    resources:
        **GPU,
        runtime=240,
