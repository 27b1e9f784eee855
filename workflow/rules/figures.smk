# Pictures for people: the same prompts before and after unlearning, and what the concept takes of
# its datasets.

PICTURE = paths.film_strips("{dataset}", "{backbone}", "{concept}", "{variant}", "{place}")
PICTURES = sorted(
    {
        PICTURE.format(
            dataset=cell.dataset,
            backbone=cell.backbone,
            concept=cell.concept,
            variant=cell.variant,
            place=paths.place(*cell.place(config["sets"])),
        )
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


def strip_inputs(wildcards):
    """The motions of a set by the original and by the variant, and which they are."""
    dataset, backbone, place = wildcards.dataset, wildcards.backbone, wildcards.place
    source = source_of(place)
    model = generator_of(backbone, wildcards.concept, wildcards.variant)
    everything = paths.all_prompts(source)
    return {
        **tables_of(dataset, source),
        "plan": paths.plan(dataset, place, "plan"),
        "before": paths.generations(dataset, backbone, paths.ORIGINAL, everything),
        "after": paths.generations(dataset, backbone, model, asked_of(model, place)),
    }


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
