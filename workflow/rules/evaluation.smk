# Generate once, measure often: plan, generations, embeddings, and one file a metric.


rule plan:
    input:
        samples=f"{TEXT}/samples.parquet",
        motions=f"{TEXT}/motions.parquet",
        concept=f"{CONCEPT}/clips.parquet",
    output:
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
    log:
        "results/logs/{dataset}/{concept}/{set}/plan.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/{set}/plan.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "plan",
            lambda w: {
                "set": w.set,
                "repeats": config["evaluation"]["repeats"],
                "pool": config["evaluation"]["pool"],
                "captions": config["evaluation"]["captions"],
            },
        ),
    shell:
        STEP


rule pairs:
    input:
        plan=PLAN,
    output:
        pairs=PAIRS,
    log:
        "results/logs/{dataset}/{concept}/{set}/pairs.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/{set}/pairs.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "pairs",
            lambda w: {
                "set": w.set,
                "samples": config["evaluation"]["multimodality"]["pools"]
                * config["evaluation"]["pool"],
                "draws": config["evaluation"]["multimodality"]["draws"],
                "pairs": config["evaluation"]["multimodality"]["pairs"],
            },
        ),
    shell:
        STEP


rule generate:
    input:
        unpack(lambda w: {} if w.generator == "base" else delta_of(w, w.generator)),
        **weights("masked", "all"),
        **weights("residual", "all"),
        tokenizer_config=weights("tokenizer", "all")["tokenizer_config"],
        plan=PLAN.replace("{set}", "{planned}"),
        captions="results/embeddings/{dataset}/captions/captions.parquet",
        embeddings="results/embeddings/{dataset}/captions/embeddings.npy",
        samples=f"{TEXT}/samples.parquet",
    output:
        generations=GENERATIONS,
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{generator}/{planned}/generate.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{generator}/{planned}/generate.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=720,
    params:
        **job(
            "generate",
            lambda w: with_device(generation_settings(w.backbone)),
            plugins=lambda w: [backbone_plugin(w.backbone)],
        ),
    shell:
        STEP


rule shared_embeddings:
    input:
        unpack(official_vocabulary),
        **store("features"),
        **EVALUATOR,
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
    output:
        real=f"{SHARED}/real.npy",
        text=f"{SHARED}/text.npy",
        masked=f"{SHARED}/masked.npy",
        texts=f"{SHARED}/texts.parquet",
    log:
        "results/logs/{dataset}/{concept}/{set}/shared_embeddings.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/{set}/shared_embeddings.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=120,
    params:
        **job(
            "shared_embeddings",
            lambda w: with_device(
                {
                    "keywords": configuration.keywords(config, w.concept, w.dataset),
                }
            ),
        ),
    shell:
        STEP


rule embed:
    input:
        unpack(delta_of),
        **weights("tokenizer", "all"),
        **EVALUATOR,
        generations=generations_of("{planned}"),
    output:
        generated=GENERATED,
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/{planned}/embed.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/{planned}/embed.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=240,
    params:
        **job("embed", lambda w: with_device({"decoded": config["evaluation"]["decoded"]})),
    shell:
        STEP


rule metric:
    input:
        unpack(metric_inputs),
        plan=PLAN,
        real=f"{SHARED}/real.npy",
        text=f"{SHARED}/text.npy",
        masked=f"{SHARED}/masked.npy",
        texts=f"{SHARED}/texts.parquet",
    output:
        metric=METRIC,
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.tsv"
    group:
        "measure"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1_000,
        runtime=5,
    params:
        **job(
            "metric",
            lambda w: {
                "metric": w.metric,
                **{
                    key: METRIC_SETTINGS[key]
                    for key in registry.literals("metrics", w.metric)["SETTINGS"]
                },
            },
            plugins=lambda w: [f"hmu.metrics.{w.metric}"],
        ),
    shell:
        STEP
