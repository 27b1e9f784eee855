# The models: evaluator, length estimator; tokenizer, codes, masked and residual transformers.
# A backbone is trained on everything (`all`) or on the retain set of a concept (`wo-violence`). One
# that shares another's parts, as BAMM does MoMask's, trains its masked transformer only.


rule tokenizer:
    input:
        unpack(features),
        unpack(trainset),
        motions=f"{TEXT}/motions.parquet",
    output:
        **model(f"{MODEL}/tokenizer"),
    log:
        "results/logs/{dataset}/{backbone}/{trainset}/tokenizer.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{trainset}/tokenizer.tsv"
    wildcard_constraints:
        backbone=WHOLE_BACKBONES,
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    params:
        **job("tokenizer", lambda w: with_device(config["backbones"][w.backbone]["tokenizer"])),
    shell:
        STEP


rule codes:
    input:
        **store("features"),
        **weights("tokenizer"),
        motions=f"{TEXT}/motions.parquet",
    output:
        codes=CODES,
    log:
        "results/logs/{dataset}/{backbone}/{trainset}/codes.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{trainset}/codes.tsv"
    wildcard_constraints:
        backbone=WHOLE_BACKBONES,
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=120,
    params:
        **job("codes", lambda w: with_device({})),
    shell:
        STEP


rule transformer:
    input:
        unpack(captions_and_samples),
        unpack(trainset),
        **weights("tokenizer"),
        codes=codes_of(),
    output:
        **model(f"{MODEL}/{{part}}"),
    log:
        "results/logs/{dataset}/{backbone}/{trainset}/{part}.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{trainset}/{part}.tsv"
    wildcard_constraints:
        part="masked|residual",
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    params:
        **job(lambda w: w.part, transformer_settings, transformer_plugins),
    shell:
        STEP


rule length:
    input:
        unpack(captions_and_samples),
        motions=f"{TEXT}/motions.parquet",
    output:
        **model("results/models/{dataset}/length"),
    log:
        "results/logs/{dataset}/length.log",
    benchmark:
        "results/benchmarks/{dataset}/length.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=240,
    params:
        **job("length", lambda w: with_device(config["length"])),
    shell:
        STEP


rule evaluator:
    input:
        unpack(features),
        unpack(official_vocabulary),
        motions=f"{TEXT}/motions.parquet",
        samples=f"{TEXT}/samples.parquet",
    output:
        **model("results/models/{dataset}/evaluator"),
    log:
        "results/logs/{dataset}/evaluator.log",
    benchmark:
        "results/benchmarks/{dataset}/evaluator.tsv"
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    params:
        **job("evaluator", lambda w: with_device(config["evaluator"])),
    shell:
        STEP
