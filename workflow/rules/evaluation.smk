# Generate once, measure often: plan, generations, embeddings, and one file a metric.

PLAN = "results/plans/{dataset}/{concept}/{set}.parquet"
GENERATIONS = "results/generations/{dataset}/{backbone}/{concept}/{generator}/{set}.parquet"
SHARED = "results/embeddings/{dataset}/{concept}/{set}"
GENERATED = "results/embeddings/{dataset}/{backbone}/{concept}/{variant}/{set}.npy"
METRIC = "results/metrics/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.parquet"
METRIC_SETTINGS = {
    "pool": config["evaluation"]["pool"],
    "mm_safe": config["evaluation"]["mm_safe"],
    "diversity_pairs": config["evaluation"]["diversity_pairs"],
    "multimodality_pairs": config["evaluation"]["multimodality"]["pairs"],
}
EVALUATOR = {
    "evaluator": "results/models/{dataset}/evaluator/model.safetensors",
    "evaluator_config": "results/models/{dataset}/evaluator/config.json",
}


def delta_of(variant):
    folder = CHECKPOINT.replace("{variant}", variant)
    return {"delta": f"{folder}/delta.safetensors", "manifest": f"{folder}/manifest.json"}


def generations_of(wildcards):
    """A variant that leaves the transformers alone generates the codes that the base generates."""
    changed = set(method(wildcards.variant, "CHANGES")) & {"masked", "residual"}
    generator = wildcards.variant if changed else "base"
    return GENERATIONS.format(generator=generator, **wildcards)


def metric_inputs(wildcards):
    """Real motions are measured like generated ones, with the real embeddings in their place."""
    if wildcards.variant == "real":
        return {}
    return {"generations": generations_of(wildcards), "generated": GENERATED.format(**wildcards)}


rule plan:
    input:
        samples=TEXT + "/samples.parquet",
        motions=TEXT + "/motions.parquet",
        concept=CONCEPT + "/clips.parquet",
    output:
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
    params:
        job=job(
            "plan",
            lambda w: {
                "set": w.set,
                "repeats": config["evaluation"]["repeats"],
                "pool": config["evaluation"]["pool"],
                "captions": config["evaluation"]["captions"],
                "multimodality_pools": config["evaluation"]["multimodality"]["pools"],
            },
        ),
    log:
        "results/logs/{dataset}/{concept}/{set}/plan.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/{set}/plan.tsv"
    shell:
        STEP


rule generate:
    input:
        unpack(
            lambda w: (
                {}
                if w.generator == "base"
                else {name: path.format(**w) for name, path in delta_of(w.generator).items()}
            )
        ),
        plan=PLAN,
        captions="results/embeddings/{dataset}/captions/captions.parquet",
        embeddings="results/embeddings/{dataset}/captions/embeddings.npy",
        samples=PLAN.replace("{set}", "{set}-samples"),
        **weights("masked", "all"),
        **weights("residual", "all"),
    output:
        generations=GENERATIONS,
    params:
        job=job(
            "generate",
            lambda w: with_device(
                {
                    **config["generation"],
                    "draws": config["evaluation"]["multimodality"]["draws"],
                }
            ),
        ),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{generator}/{set}/generate.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{generator}/{set}/generate.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=720,
    shell:
        STEP


rule shared_embeddings:
    input:
        unpack(features),
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
        **EVALUATOR,
    output:
        real=SHARED + "/real.npy",
        text=SHARED + "/text.npy",
        masked=SHARED + "/masked.npy",
        texts=SHARED + "/texts.parquet",
    params:
        job=job(
            "shared_embeddings",
            lambda w: with_device(
                {
                    "keywords": configuration.keywords(config, w.concept, w.dataset),
                    "word_vectors": config["datasets"][w.dataset]["word_vectors"],
                }
            ),
        ),
    log:
        "results/logs/{dataset}/{concept}/{set}/shared_embeddings.log",
    benchmark:
        "results/benchmarks/{dataset}/{concept}/{set}/shared_embeddings.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=120,
    shell:
        STEP


rule embed:
    input:
        unpack(lambda w: {name: path.format(**w) for name, path in delta_of(w.variant).items()}),
        generations=generations_of,
        **weights("tokenizer", "all"),
        **EVALUATOR,
    output:
        generated=GENERATED,
    params:
        job=job("embed", lambda w: with_device({})),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/{set}/embed.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/{set}/embed.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=240,
    shell:
        STEP


rule metric:
    input:
        unpack(metric_inputs),
        plan=PLAN,
        real=SHARED + "/real.npy",
        text=SHARED + "/text.npy",
        masked=SHARED + "/masked.npy",
        texts=SHARED + "/texts.parquet",
    output:
        metric=METRIC,
    params:
        job=job(
            "metric",
            lambda w: {
                "metric": w.metric,
                **{
                    key: METRIC_SETTINGS[key]
                    for key in registry.literals("metrics", w.metric)["SETTINGS"]
                },
            },
            plugin=lambda w: f"hmu.metrics.{w.metric}",
        ),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.tsv"
    group:
        "measure"
    shell:
        STEP
