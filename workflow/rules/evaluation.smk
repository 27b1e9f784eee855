# Generate once, measure often: plan, generations, embeddings, and one file a metric.

# `planned` is a set, or a set with "-pairs": the motions that MultiModality compares. They are
# made apart, because no other metric needs them.
PLAN = "results/plans/{dataset}/{concept}/{set}.parquet"
PAIRS = "results/plans/{dataset}/{concept}/{set}-pairs.parquet"
GENERATIONS = "results/generations/{dataset}/{backbone}/{concept}/{generator}/{planned}.parquet"
SHARED = "results/embeddings/{dataset}/{concept}/{set}"
GENERATED = "results/embeddings/{dataset}/{backbone}/{concept}/{variant}/{planned}.npy"
METRIC = "results/metrics/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.parquet"
METRIC_SETTINGS = {
    "pool": config["evaluation"]["pool"],
    "mm_safe": config["evaluation"]["mm_safe"],
    "diversity_pairs": config["evaluation"]["diversity_pairs"],
}


def generation_settings(backbone):
    """What the samplers of the backbone's two transformers are told."""
    asked = registry.literals("backbones", config["backbones"][backbone]["kind"])["SETTINGS"]
    both = ("residual_guidance", "temperature", "keep", "batch", "precision")
    return {key: config["generation"][key] for key in dict.fromkeys((*asked, *both))}


def generations_of(planned):
    """A variant that leaves the transformers alone generates the codes that the base generates."""

    def path(wildcards):
        changed = set(method(wildcards.variant, "CHANGES")) & {"masked", "residual"}
        generator = wildcards.variant if changed else "base"
        found = GENERATIONS.replace("{planned}", planned)
        return found.format(**{"generator": generator, **wildcards})

    return path


def metric_inputs(wildcards):
    """The generated motions that the metric reads.

    Real motions are measured like generated ones, with the real embeddings in their place.
    """
    reads = registry.literals("metrics", wildcards.metric)["INPUTS"]
    if wildcards.variant == "real":
        return {}
    found = {}
    if "generated" in reads:
        found["generations"] = generations_of("{set}")(wildcards)
        found["generated"] = GENERATED.format(planned=wildcards.set, **wildcards)
    if "pairs" in reads:
        planned = f"{wildcards.set}-pairs"
        found["pairs"] = PAIRS.format(**wildcards)
        found["pair_generations"] = generations_of(planned)(wildcards)
        found["pair_generated"] = GENERATED.format(planned=planned, **wildcards)
    return found


rule plan:
    input:
        samples=f"{TEXT}/samples.parquet",
        motions=f"{TEXT}/motions.parquet",
        concept=f"{CONCEPT}/clips.parquet",
    output:
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
    log:
        "results/logs/plan/{dataset}/{concept}/{set}.log",
    benchmark:
        "results/benchmarks/plan/{dataset}/{concept}/{set}.tsv"
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
        "results/logs/pairs/{dataset}/{concept}/{set}.log",
    benchmark:
        "results/benchmarks/pairs/{dataset}/{concept}/{set}.tsv"
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
        captions=f"{CAPTION_EMBEDDINGS}/captions.parquet",
        embeddings=f"{CAPTION_EMBEDDINGS}/embeddings.npy",
        samples=f"{TEXT}/samples.parquet",
    output:
        generations=GENERATIONS,
    log:
        "results/logs/generate/{dataset}/{backbone}/{concept}/{generator}/{planned}.log",
    benchmark:
        "results/benchmarks/generate/{dataset}/{backbone}/{concept}/{generator}/{planned}.tsv"
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
        "results/logs/shared_embeddings/{dataset}/{concept}/{set}.log",
    benchmark:
        "results/benchmarks/shared_embeddings/{dataset}/{concept}/{set}.tsv"
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
        "results/logs/embed/{dataset}/{backbone}/{concept}/{variant}/{planned}.log",
    benchmark:
        "results/benchmarks/embed/{dataset}/{backbone}/{concept}/{variant}/{planned}.tsv"
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
        "results/logs/metric/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.log",
    benchmark:
        "results/benchmarks/metric/{dataset}/{backbone}/{concept}/{variant}/{set}/{metric}.tsv"
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
