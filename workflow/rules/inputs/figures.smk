# Which pictures there are, and what they are drawn from.

from hmu.figures import curve_plan, multiples_plan, trade_off_plan
from hmu.sections.prompts import CAPTIONS

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


OF_PICTURES = [table for table, entry in config["tables"].items() if entry["pictures"]]


def place_of(cell):
    """Where the set of a cell lies."""
    return paths.place(*cell.place(config["sets"]))


def is_implicit(place):
    """Whether the prompts of a set are to describe what a concept is without naming it."""
    return bool(configuration.prompt_concepts(config["prompts"][source_of(place)]))


def shown_variants(table, dataset, backbone, concept, place):
    """The variants that a table compares there with the original, and their labels, in its order."""
    labels = {row.name: row.label for row in BOUND[table].rows}
    return {
        cell.variant: labels[cell.row]
        for cell in of_motions(CELLS[table])
        if (cell.dataset, cell.backbone, cell.concept) == (dataset, backbone, concept)
        and place_of(cell) == place
        and cell.variant not in (paths.REAL, BOUND[table].original)
    }


def once(pictures):
    """Of pictures, each with what it shows, those that show what none before them does."""
    return list(
        {json.dumps(shown, sort_keys=True): name for name, shown in pictures[::-1]}.values()
    )


# The paper's Figures 5 and 6: one for each model and concept of a table, on the captions that name the
# concept, and on prompts that do not, where no other shows the same.
METHOD_PICTURE = paths.method_strips("{table}", "{dataset}", "{backbone}", "{concept}", "{place}")


def method_pictures():
    for table in OF_PICTURES:
        shown = [
            (cell.dataset, cell.backbone, cell.concept, place_of(cell))
            for cell in of_motions(CELLS[table])
            if cell.set == "forget" or is_implicit(place_of(cell))
        ]
        for address in dict.fromkeys(shown):
            variants = shown_variants(table, *address)
            if len(variants) > 1:
                yield paths.method_strips(table, *address), [*address, sorted(variants)]


METHOD_PICTURES = once([*method_pictures()])

# What a parameter of a method does, and of each table what its methods forget and retain, with the
# curves over the same models.
SWEEPS = {name: curve_plan.of_curve(name, curve, BOUND) for name, curve in config["curves"].items()}
CURVES = {
    name: curve_plan.settings(BOUND[config["curves"][name]["table"]], found)
    for name, found in SWEEPS.items()
}
TRADE_OFFS = {
    table: told
    for table, bound in BOUND.items()
    if (told := trade_off_plan.settings(bound, [s for found in SWEEPS.values() for s in found]))
}
MULTIPLES = {
    table: told for table, bound in BOUND.items() if (told := multiples_plan.settings(bound))
}
CHARTS = [
    *map(paths.curve, CURVES),
    *map(paths.forget_retain, trade_off_plan.apart(TRADE_OFFS)),
    *map(paths.small_multiples, MULTIPLES),
]

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


def strips_before(wildcards):
    """The motions of a set by the original, which they are, and how well it shows the concept."""
    dataset, backbone, place = wildcards.dataset, wildcards.backbone, wildcards.place
    source = source_of(place)
    everything = paths.all_prompts(source)
    explicit = tables_of(dataset, CAPTIONS)["prompts"]
    return {
        **tables_of(dataset, source),
        **({"explicit": explicit} if is_implicit(place) else {}),
        "plan": paths.plan(dataset, place, "plan"),
        "before": paths.generations(dataset, backbone, paths.ORIGINAL, everything),
        "embedded_motions": paths.description(
            dataset, backbone, paths.ORIGINAL, everything, "embedding"
        ),
        "embedded_texts": paths.text_description(dataset, source, "embedding"),
        "embedded_masked": paths.masked_description(
            dataset, wildcards.concept, source, "embedding"
        ),
    }


def strips_after(wildcards, variants):
    """The motions of a set by variants, and what these changed."""
    dataset, backbone, place = wildcards.dataset, wildcards.backbone, wildcards.place
    found = {}
    for variant in variants:
        model = generator_of(backbone, wildcards.concept, variant)
        asked = asked_of(backbone, model, place)
        found[f"after/{variant}"] = paths.generations(dataset, backbone, model, asked)
        delta = delta_of_variant(dataset, backbone, wildcards.concept, variant)
        found |= {f"{name}/{variant}": path for name, path in delta.items()}
    return found


def strip_settings(wildcards, variants, prompts):
    return with_device(
        {
            "prompts": prompts,
            "variants": list(variants.items()),
            "keywords": configuration.keywords(config, wildcards.concept, wildcards.dataset),
            "address": [
                wildcards.dataset,
                wildcards.backbone,
                wildcards.concept,
                paths.set_at(wildcards.place)[0],
            ],
        }
    )


def variants_of_table(wildcards):
    model = (wildcards.dataset, wildcards.backbone, wildcards.concept)
    return shown_variants(wildcards.table, *model, wildcards.place)


def cells_of_curve(wildcards):
    table = config["curves"][wildcards.curve]["table"]
    rows = curve_plan.rows(CURVES[wildcards.curve])
    return [cell.path() for cell in CELLS[table] if cell.row in rows]


def cells_of_multiples(wildcards):
    return [cell.path() for cell in CELLS[wildcards.table]]


def cells_of_trade_off(wildcards):
    table = wildcards.table
    return trade_off_plan.cells(TRADE_OFFS[table], BOUND[table], ADDRESSES.values())


CELLS_BY_FILE = {cell.path(): cell for cell in ADDRESSES.values()}


def detectors_behind(cells):
    """The detectors, by dataset and concept, by which some of the cells are that have these files."""
    found = [CELLS_BY_FILE[file] for file in cells]
    return list(
        dict.fromkeys((c.dataset, c.concept) for c in found if by_model(c.metric, "detector"))
    )


def calibrations(cells):
    """What these are worth."""
    return [calibration_of(*each) for each in detectors_behind(cells)]


def charted(told, cells):
    """What a chart of cells is told, with the names of the detectors behind them."""
    found = detectors_behind(cells)
    several = len({dataset for dataset, _ in found}) > 1
    names = [f"{name} ({dataset})" if several else name for dataset, name in found]
    return {**told, "detectors": names}


# The strongest codes of each concept that a table with pictures forgets, as the tokenizer of a
# backbone decodes them: one sheet where backbones share it.
SHEETS = sorted(
    {
        paths.code_sheet(cell.dataset, owner(cell.backbone, "tokenizer"), cell.concept)
        for table in OF_PICTURES
        for cell in CELLS[table]
        if not made_elsewhere(cell.backbone)
    }
)


def statistics_of(wildcards):
    """Which codes of a backbone's tokenizer are a concept's."""
    path = STATISTICS.replace("{concept}", wildcards.concept)
    return of_part("tokenizer", path, "all")(wildcards)


INJECTION = paths.injection("{dataset}", "{backbone}", "{concept}", "{injection}", "{file}")


def injections(file):
    """A file of every injection."""
    return [
        INJECTION.format(
            dataset=told["dataset"],
            backbone=told["backbone"] or next(iter(config["backbones"])),
            concept=told["concept"],
            injection=name,
            file=file,
        )
        for name, told in config["injections"].items()
    ]


INJECTIONS = injections("picture.png")


def injection_inputs(wildcards):
    """The original's motions for the retain set, their texts, and the concept's detector."""
    dataset, place = wildcards.dataset, paths.place("retain", wildcards.concept)
    source = source_of(place)
    everything = paths.all_prompts(source)
    texts = paths.embeddings(dataset, source)
    return {
        **tables_of(dataset, source),
        "plan": paths.plan(dataset, place, "plan"),
        "before": paths.generations(dataset, wildcards.backbone, paths.ORIGINAL, everything),
        "captions": f"{texts}/captions.parquet",
        "embeddings": f"{texts}/embeddings.npy",
        **detector_of(dataset, wildcards.concept),
    }


INJECTED = ("codes", "strongest", "at", "tokens", "prompts", "measured")


def injection_settings(wildcards):
    told = config["injections"][wildcards.injection]
    return with_device(
        {
            **{key: told[key] for key in INJECTED},
            "sampling": generation_settings(wildcards),
            "kind": config["backbones"][wildcards.backbone]["kind"],
            "address": [wildcards.dataset, wildcards.backbone, wildcards.concept, "retain"],
        }
    )


# The pictures under the names that Snakemake's own report has for them, each kind with its address
# and caption.
KINDS_OF_PICTURES = [
    ("Forget against retain", "forget_retain", paths.forget_retain("{table}")),
    ("Curves", "curve", paths.curve("{curve}")),
    ("Tables as dots", "small_multiples", paths.small_multiples("{table}")),
    ("Methods side by side", "method_strips", METHOD_PICTURE),
    ("Prompts before and after", "film_strips", PICTURE),
    ("Codes", "code_sheet", paths.code_sheet("{dataset}", "{backbone}", "{concept}")),
    ("Codes in other motions", "inject", INJECTION.replace("{file}", "picture.png")),
    ("Shares of the concepts", "concept_figure", SHARES),
]
FIGURES = [*CHARTS, *METHOD_PICTURES, *PICTURES, *SHEETS, *INJECTIONS, *SHARE_FIGURES]


def picture_told(picture):
    """Of a picture its category, title, name, caption and what its caption speaks of."""
    for number, (category, _, address) in enumerate(KINDS_OF_PICTURES):
        inner = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(address))
        inner = inner.replace("(?P<place>[^/]+)", "(?P<place>.+)")
        if match := re.fullmatch(inner, picture):
            return {
                "category": category,
                "title": " · ".join(dict.fromkeys(match.groupdict().values())),
                "name": picture.removeprefix(f"{paths.RESULTS}/"),
                "wildcards": match.groupdict(),
                "caption": number,
            }
    raise SystemExit(f"KINDS_OF_PICTURES in rules/inputs/figures.smk has no kind of {picture}.")


# What the pages that show all figures are told. Now, and not when they are made: a kind of picture that
# is new is to be named above.
FIGURES_TOLD = {
    "pictures": [*map(picture_told, FIGURES)],
    "injections": [name.removeprefix(f"{paths.RESULTS}/") for name in INJECTIONS],
}


def caption_file(name):
    """The caption that Snakemake's own report has for a kind of picture."""
    return users(os.path.relpath(Path(PACKAGE, "report", f"{name}.rst")))


def figures_told(wildcards):
    """All figures, their captions, and what detectors say of some."""
    return {
        "pictures": FIGURES,
        "captions": [caption_file(name) for _, name, _ in KINDS_OF_PICTURES],
        "brought": injections("presence.json"),
    }
