# Captions, splits, the units of training and evaluation, concepts, and text embeddings.


rule captions:
    input:
        raw=lambda w: raw_of(w.dataset),
        index=f"{DATA}/features/index.parquet",
        aside=[f"{DATA}/{stage}/quarantine.csv" for stage in ("joints", "features")],
    output:
        captions=f"{TEXT}/captions.parquet",
        splits=f"{TEXT}/splits.parquet",
        quarantine=f"{TEXT}/quarantine.csv",
        labels=f"{TEXT}/label_report.csv",
    log:
        "results/logs/{dataset}/captions.log",
    benchmark:
        "results/benchmarks/{dataset}/captions.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "captions",
            lambda w: {
                key: config["datasets"][w.dataset][key]
                for key in ("tagger", "on_bad_clip", "quarantine_limit")
            },
            plugins=lambda w: [f"hmu.taggers.{config['datasets'][w.dataset]['tagger']}"],
            raw=lambda w: config["datasets"][w.dataset]["raw"],
        ),
    shell:
        STEP


rule samples:
    input:
        captions=f"{TEXT}/captions.parquet",
        splits=f"{TEXT}/splits.parquet",
        index=f"{DATA}/features/index.parquet",
    output:
        motions=f"{TEXT}/motions.parquet",
        samples=f"{TEXT}/samples.parquet",
    log:
        "results/logs/{dataset}/samples.log",
    benchmark:
        "results/benchmarks/{dataset}/samples.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "samples",
            lambda w: {"shortest": configuration.shortest(config, w.dataset)},
        ),
    shell:
        STEP


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
        "results/logs/{dataset}/{concept}/concept.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/concept.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "concept",
            lambda w: {
                "concept": w.concept,
                "dataset": w.dataset,
                "keywords": configuration.keywords(config, w.concept, w.dataset),
                "matching": config["concepts"][w.concept]["matching"],
            },
        ),
    shell:
        STEP


rule text_encoder:
    input:
        **official_clip(),
    output:
        model="results/models/{dataset}/text_encoder/model.safetensors",
        config="results/models/{dataset}/text_encoder/config.json",
    log:
        "results/logs/{dataset}/text_encoder.log",
    benchmark:
        "results/benchmarks/{dataset}/text_encoder.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "text_encoder",
            lambda w: {k: v for k, v in config["text_encoder"].items() if k != "weights"},
        ),
    shell:
        STEP


rule caption_embeddings:
    input:
        samples=f"{TEXT}/samples.parquet",
        model="results/models/{dataset}/text_encoder/model.safetensors",
        config="results/models/{dataset}/text_encoder/config.json",
    output:
        captions="results/embeddings/{dataset}/captions/captions.parquet",
        embeddings="results/embeddings/{dataset}/captions/embeddings.npy",
    log:
        "results/logs/{dataset}/caption_embeddings.log",
    benchmark:
        "results/benchmarks/{dataset}/caption_embeddings.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=60,
    params:
        **job("caption_embeddings", lambda w: with_device({})),
    shell:
        STEP
