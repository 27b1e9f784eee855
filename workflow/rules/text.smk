# Captions, splits, the units of training and evaluation, concepts, and text embeddings.

TEXT = DATA + "/text"
CONCEPT = DATA + "/concepts/{concept}"


rule captions:
    input:
        raw=lambda w: raw_of(w.dataset),
        index=DATA + "/features/index.parquet",
    output:
        captions=TEXT + "/captions.parquet",
        splits=TEXT + "/splits.parquet",
        quarantine=TEXT + "/quarantine.csv",
    params:
        job=job(
            "captions",
            lambda w: {
                key: config["datasets"][w.dataset][key]
                for key in ("tagger", "on_bad_clip", "quarantine_limit")
            },
            plugin=lambda w: f"hmu.taggers.{config['datasets'][w.dataset]['tagger']}",
        ),
    log:
        "results/logs/{dataset}/captions.log",
    benchmark:
        "results/benchmarks/{dataset}/captions.tsv"
    shell:
        STEP


rule samples:
    input:
        captions=TEXT + "/captions.parquet",
        splits=TEXT + "/splits.parquet",
        index=DATA + "/features/index.parquet",
    output:
        motions=TEXT + "/motions.parquet",
        samples=TEXT + "/samples.parquet",
    params:
        job=job("samples"),
    log:
        "results/logs/{dataset}/samples.log",
    benchmark:
        "results/benchmarks/{dataset}/samples.tsv"
    shell:
        STEP


rule concept:
    input:
        captions=TEXT + "/captions.parquet",
        splits=TEXT + "/splits.parquet",
        motions=TEXT + "/motions.parquet",
    output:
        clips=CONCEPT + "/clips.parquet",
        matches=CONCEPT + "/matches.parquet",
        disagreements=CONCEPT + "/disagreements.parquet",
        lists=directory(CONCEPT + "/lists"),
    params:
        job=job(
            "concept",
            lambda w: {
                "concept": w.concept,
                "dataset": w.dataset,
                "keywords": configuration.keywords(config, w.concept, w.dataset),
                "matching": config["concepts"][w.concept]["matching"],
            },
        ),
    log:
        "results/logs/{dataset}/{concept}/concept.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/concept.tsv"
    shell:
        STEP


rule text_encoder:
    output:
        model="results/models/{dataset}/text_encoder/model.safetensors",
        config="results/models/{dataset}/text_encoder/config.json",
    params:
        job=job("text_encoder", lambda w: config["text_encoder"]),
    log:
        "results/logs/{dataset}/text_encoder.log",
    benchmark:
        "results/benchmarks/{dataset}/text_encoder.tsv"
    shell:
        STEP


rule caption_embeddings:
    input:
        samples=TEXT + "/samples.parquet",
        model="results/models/{dataset}/text_encoder/model.safetensors",
        config="results/models/{dataset}/text_encoder/config.json",
    output:
        captions="results/embeddings/{dataset}/captions/captions.parquet",
        embeddings="results/embeddings/{dataset}/captions/embeddings.npy",
    params:
        job=job("caption_embeddings", lambda w: with_device({})),
    log:
        "results/logs/{dataset}/caption_embeddings.log",
    benchmark:
        "results/benchmarks/{dataset}/caption_embeddings.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=60,
    shell:
        STEP
