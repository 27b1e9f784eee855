# Pictures for people: the same prompts before and after unlearning, and what the concept takes of
# its datasets.

PICTURE = paths.film_strips("{dataset}", "{backbone}", "{concept}", "{variant}", "{set}")
PICTURES = sorted(
    {
        PICTURE.format(**cell.wildcards())
        for cell in ADDRESSES.values()
        if cell.variant not in ("real", "original") and cell.set == "forget"
    }
)

# The paper's Figure 2: one for each dataset and concept of the tables, and one for each concept
# with its datasets side by side.
SHARES = paths.shares("{concept}", "{names}")
SHARE_FIGURES = sorted(
    {
        SHARES.format(concept=concept, names=names)
        for concept in {cell.concept for cell in ADDRESSES.values()}
        for used in [
            sorted({cell.dataset for cell in ADDRESSES.values() if cell.concept == concept})
        ]
        for names in [*used, "+".join(used)]
    }
)


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
        "results/logs/film_strips/{dataset}/{backbone}/{concept}/{variant}/{set}.log",
    benchmark:
        "results/benchmarks/film_strips/{dataset}/{backbone}/{concept}/{variant}/{set}.tsv"
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
        "results/logs/concept_figure/{concept}/{names}.log",
    benchmark:
        "results/benchmarks/concept_figure/{concept}/{names}.tsv"
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
