# Pictures for people: the same prompts before and after unlearning, and what the concept takes of
# its datasets.


rule film_strips:
    input:
        unpack(delta_of),
        **store("features"),
        **weights("tokenizer", "all"),
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
        base=GENERATIONS.replace("{generator}", "base").replace("{planned}", "{set}"),
        generations=generations_of("{set}"),
    output:
        picture=report(
            PICTURE,
            category="Prompts before and after",
            labels={"dataset": "{dataset}", "concept": "{concept}", "variant": "{variant}"},
        ),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/{set}/film_strips.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/{set}/film_strips.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        mem_mb=4_000,
        runtime=30,
    params:
        **job(
            "film_strips",
            lambda w: with_device(
                {
                    "prompts": 5,
                    "variant": w.variant,
                    "address": [w.dataset, w.backbone, w.concept, w.set],
                }
            ),
        ),
    shell:
        STEP


rule concept_figure:
    input:
        shares=lambda w: expand(
            f"{CONCEPT}/shares.csv", dataset=w.names.split("+"), concept=w.concept
        ),
    output:
        picture=report(
            SHARES,
            category="Shares of the concepts",
            labels={"concept": "{concept}", "datasets": "{names}"},
        ),
    log:
        "results/logs/figures/shares/{concept}/{names}.log",
    benchmark:
        "results/benchmarks/figures/shares/{concept}/{names}.tsv"
    conda:
        ENVIRONMENT
    params:
        **job(
            "concept_figure",
            lambda w: {
                "concept": w.concept,
                "datasets": w.names.split("+"),
                "benchmarks": [
                    config["datasets"][name]["benchmark"] for name in w.names.split("+")
                ],
            },
        ),
    shell:
        STEP
