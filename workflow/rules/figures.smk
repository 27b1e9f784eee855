# Pictures for people: the same prompts before and after unlearning.


rule film_strips:
    input:
        unpack(lambda w: {name: path.format(**w) for name, path in delta_of(w.variant).items()}),
        **store("features"),
        **weights("tokenizer", "all"),
        plan=PLAN,
        samples=PLAN.replace("{set}", "{set}-samples"),
        base=GENERATIONS.replace("{generator}", "base"),
        generations=generations_of,
    output:
        picture=PICTURE,
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
