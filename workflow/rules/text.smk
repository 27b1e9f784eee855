# Captions, splits, the units of training and evaluation, concepts, and text embeddings.


include: "inputs/text.smk"


rule captions:
    input:
        raw=raw_input,
        index=f"{FEATURES}/index.parquet",
        aside=[f"{folder}/quarantine.csv" for folder in (JOINTS, FEATURES)],
    output:
        captions=f"{TEXT}/captions.parquet",
        splits=f"{TEXT}/splits.parquet",
        quarantine=f"{TEXT}/quarantine.csv",
        labels=f"{TEXT}/label_report.csv",
    log:
        "results/logs/captions/{dataset}.log",
    benchmark:
        "results/benchmarks/captions/{dataset}.tsv"
    retries: tries(240)
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=8_000, runtime=240),
    params:
        **job(
            "captions",
            lambda w: {
                key: config["datasets"][w.dataset][key]
                for key in ("tagger", "on_bad_clip", "quarantine_limit")
            },
            plugins=lambda w: [f"hmu.taggers.{config['datasets'][w.dataset]['tagger']}"],
            raw=lambda w: (config["datasets"][w.dataset]["raw"], patterns.TEXTS),
        ),
    shell:
        STEP


rule samples:
    input:
        captions=f"{TEXT}/captions.parquet",
        splits=f"{TEXT}/splits.parquet",
        index=f"{FEATURES}/index.parquet",
    output:
        motions=f"{TEXT}/motions.parquet",
        samples=f"{TEXT}/samples.parquet",
    log:
        "results/logs/samples/{dataset}.log",
    benchmark:
        "results/benchmarks/samples/{dataset}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job(
            "samples",
            lambda w: {"shortest": configuration.shortest(config, w.dataset)},
        ),
    shell:
        STEP


# First of all: a word that no caption has is known before anything is trained.
rule concept:
    input:
        captions=f"{TEXT}/captions.parquet",
        splits=f"{TEXT}/splits.parquet",
        motions=f"{TEXT}/motions.parquet",
    output:
        clips=f"{CONCEPT}/clips.parquet",
        matches=f"{CONCEPT}/matches.parquet",
        disagreements=f"{CONCEPT}/disagreements.csv",
        shares=f"{CONCEPT}/shares.csv",
        lists=directory(f"{CONCEPT}/lists"),
    log:
        "results/logs/concept/{dataset}/{concept}.log",
    benchmark:
        "results/benchmarks/concept/{dataset}/{concept}.tsv"
    priority: TRAINING_FIRST + 1
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("concept", concept_settings),
    shell:
        STEP


rule text_encoder:
    input:
        unpack(lambda w: official_clip(w)),
    output:
        **TEXT_ENCODER,
        origin=f"{paths.shared_model('{dataset}', 'text_encoder')}/origin.json",
    log:
        "results/logs/text_encoder/{dataset}.log",
    benchmark:
        "results/benchmarks/text_encoder/{dataset}.tsv"
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=8_000, runtime=30),
    params:
        **job(
            "text_encoder",
            lambda w: {k: v for k, v in config["text_encoder"].items() if k != "weights"},
            given=lambda w: official_clip(w),
        ),
    shell:
        STEP


rule text_embeddings:
    input:
        **TEXT_ENCODER,
        texts=texts_to_embed,
    output:
        captions=f"{TEXT_EMBEDDINGS}/captions.parquet",
        embeddings=f"{TEXT_EMBEDDINGS}/embeddings.npy",
    log:
        paths.log("text_embeddings", "{dataset}/{prompts}"),
    benchmark:
        paths.benchmark("text_embeddings", "{dataset}/{prompts}")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=32_000, runtime=60, gpu=1),
    params:
        **job("text_embeddings", lambda w: with_device({})),
    shell:
        STEP
