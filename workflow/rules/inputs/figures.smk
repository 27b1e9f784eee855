# Which pictures there are, and what they are drawn from.

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
        for cell in MEASURED
        if cell.variant not in ("real", "original") and cell.set == "forget"
        if config["tables"][cell.table]["pictures"]
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
    """The motions of a set by the original and by the variant, which they are, and how well the
    original shows the concept."""
    dataset, backbone, place = wildcards.dataset, wildcards.backbone, wildcards.place
    source = source_of(place)
    model = generator_of(backbone, wildcards.concept, wildcards.variant)
    everything = paths.all_prompts(source)
    return {
        **tables_of(dataset, source),
        "plan": paths.plan(dataset, place, "plan"),
        "before": paths.generations(dataset, backbone, paths.ORIGINAL, everything),
        "embedded_motions": paths.description(
            dataset, backbone, paths.ORIGINAL, everything, "embedding"
        ),
        "embedded_texts": paths.text_description(dataset, source, "embedding"),
        "embedded_masked": paths.masked_description(
            dataset, wildcards.concept, source, "embedding"
        ),
        "after": paths.generations(dataset, backbone, model, asked_of(backbone, model, place)),
    }
