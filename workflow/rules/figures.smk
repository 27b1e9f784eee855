# Pictures for people: the same prompts before and after unlearning, and what the concept takes of
# its datasets.


include: "inputs/figures.smk"


rule film_strips:
    input:
        unpack(delta_of),
        unpack(strip_inputs),
        **store("features"),
        **weights("tokenizer", "all"),
    output:
        picture=report(
            PICTURE,
            caption="../report/film_strips.rst",
            category="Prompts before and after",
            labels={"dataset": "{dataset}", "concept": "{concept}", "variant": "{variant}"},
        ),
    log:
        paths.log("film_strips", "{dataset}/{backbone}/{concept}/{variant}/{place}"),
    benchmark:
        paths.benchmark("film_strips", "{dataset}/{backbone}/{concept}/{variant}/{place}")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=4_000, runtime=30),
    params:
        **job(
            "film_strips",
            lambda w: with_device(
                {
                    "prompts": 5,
                    "variant": w.variant,
                    "keywords": configuration.keywords(config, w.concept, w.dataset),
                    "address": [w.dataset, w.backbone, w.concept, paths.set_at(w.place)[0]],
                }
            ),
            lambda w: modules(w.backbone, "tokenizer"),
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
            caption="../report/concept_figure.rst",
            category="Shares of the concepts",
            labels={"concept": "{concept}", "datasets": "{names}"},
        ),
    log:
        paths.log("concept_figure", "{concept}/{names}"),
    benchmark:
        paths.benchmark("concept_figure", "{concept}/{names}")
    localrule: True
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
