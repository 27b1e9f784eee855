# The models: parts of the backbones, and the codes by their tokenizers; evaluator, length estimator,
# and a detector of each concept.
# A backbone is trained on everything (`all`) or on the retain set of a concept
# (`without/violence`). One that shares another's parts, as BAMM does MoMask's, trains the others.


include: "inputs/models.smk"


rule part:
    input:
        unpack(part_inputs),
        unpack(trainset),
    output:
        **model(f"{MODEL}/{{part}}"),
    log:
        paths.log("part", "{dataset}/{backbone}/{trainset}/{part}"),
    benchmark:
        paths.benchmark("part", "{dataset}/{backbone}/{trainset}/{part}")
    priority: TRAINING_FIRST
    retries: tries(TRAINING, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=TRAINING, gpu=1),
    params:
        **job(
            "train_part",
            part_settings,
            lambda w: modules(w.backbone, w.part, of=("network", "sizes", "recipe")),
            rule="part",
            seed=training_seed,
        ),
    shell:
        STEP


rule codes:
    input:
        **store("features"),
        **weights("tokenizer"),
        motions=f"{TEXT}/motions.parquet",
    output:
        codes=paths.codes("{dataset}", "{backbone}", "{trainset}"),
    log:
        "results/logs/codes/{dataset}/{backbone}/{trainset}.log",
    benchmark:
        "results/benchmarks/codes/{dataset}/{backbone}/{trainset}.tsv"
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=120, gpu=1),
    params:
        **job("codes", lambda w: with_device({}), lambda w: modules(w.backbone, "tokenizer")),
    shell:
        STEP


rule length:
    input:
        unpack(captions_and_samples),
        motions=f"{TEXT}/motions.parquet",
    output:
        **model(paths.shared_model("{dataset}", "length")),
    log:
        "results/logs/length/{dataset}.log",
    benchmark:
        "results/benchmarks/length/{dataset}.tsv"
    retries: tries(240, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=240, gpu=1),
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
        **model(paths.shared_model("{dataset}", "evaluator")),
    log:
        "results/logs/evaluator/{dataset}.log",
    benchmark:
        "results/benchmarks/evaluator/{dataset}.tsv"
    priority: TRAINING_FIRST
    retries: tries(TRAINING, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=TRAINING, gpu=1),
    params:
        **job("evaluator", lambda w: with_device(config["evaluator"])),
    shell:
        STEP


# The second evaluator, where a table asks for it.
rule tmr:
    input:
        unpack(features),
        unpack(lambda w: token_embeddings(w.dataset, "captions")),
        motions=f"{TEXT}/motions.parquet",
        samples=f"{TEXT}/samples.parquet",
    output:
        **model(paths.shared_model("{dataset}", "tmr")),
    log:
        paths.log("tmr", "{dataset}"),
    benchmark:
        paths.benchmark("tmr", "{dataset}")
    priority: TRAINING_FIRST
    retries: tries(TRAINING, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=TRAINING, gpu=1),
    params:
        **job(
            "tmr",
            lambda w: with_device(config["tmr"]),
            given=lambda w: token_embeddings(w.dataset, "captions"),
        ),
    shell:
        STEP


rule detector:
    input:
        **store("features"),
        motions=f"{TEXT}/motions.parquet",
        clips=f"{CONCEPT}/clips.parquet",
        disagreements=f"{CONCEPT}/disagreements.csv",
    output:
        **model(DETECTOR_FOLDER),
        calibration=DETECTOR["calibration"],
        scores=f"{DETECTOR_FOLDER}/scores.parquet",
    log:
        paths.log("detector", "{dataset}/{concept}"),
    benchmark:
        paths.benchmark("detector", "{dataset}/{concept}")
    priority: TRAINING_FIRST
    retries: tries(480, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=480, gpu=1),
    params:
        **job("detector", lambda w: with_device({**config["detector"], "concept": w.concept})),
    shell:
        STEP
