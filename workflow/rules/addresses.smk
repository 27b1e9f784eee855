# Where everything lies, and what follows from an address: the paths of every stage and the input
# functions of its rules. A path reads as the address of what it holds.

# Raw data, joints, features

DATA = "results/data/{dataset}"


def raw_of(dataset):
    """The raw directory: the user's own, or the one that the pipeline makes."""
    return config["datasets"][dataset]["raw"] or f"results/data/{dataset}/raw"


def store(stage, dataset="{dataset}"):
    folder = f"results/data/{dataset}/{stage}"
    return {"data": f"{folder}/data.npy", "index": f"{folder}/index.parquet"}


def features(wildcards):
    """The features as models read them."""
    folder = f"results/data/{wildcards.dataset}/features"
    return {
        **store("features", wildcards.dataset),
        "mean": f"{folder}/mean.npy",
        "std": f"{folder}/std.npy",
    }


def stage_of(dataset):
    """Where the dataset's raw data stand already: joints or features."""
    return registry.literals("sources", config["datasets"][dataset]["source"])["STAGE"]


def published_statistics(wildcards):
    """Mean.npy and Std.npy, if the user's directory has both."""
    folder = Path(config["datasets"][wildcards.dataset]["raw"] or ".")
    found = {"published_mean": folder / "Mean.npy", "published_std": folder / "Std.npy"}
    given = all(path.is_file() for path in found.values())
    return {name: str(path) for name, path in found.items()} if given else {}


# Text and concepts

TEXT = "results/data/{dataset}/text"
CONCEPT = "results/data/{dataset}/concepts/{concept}"


# Models and codes

MODEL = "results/models/{dataset}/{backbone}/{trainset}"
CODES = "results/codes/{dataset}/{backbone}/{trainset}/codes.parquet"
PARTS = ("tokenizer", "masked", "residual")
WHOLE_BACKBONES = "|".join(
    re.escape(name) for name, each in config["backbones"].items() if each["shares"] is None
)


def owner(backbone, part):
    """The backbone that trains a part: itself, or the one that it shares the part with."""
    shared = config["backbones"][backbone]["shares"]
    return shared if shared and part in configuration.SHARED else backbone


def backbone_plugin(backbone):
    """The module that holds what is particular to a backbone of this kind."""
    return f"hmu.backbones.{config['backbones'][backbone]['kind']}"


def model(folder):
    """What every trained model leaves in its folder."""
    return {
        "model": f"{folder}/model.safetensors",
        "config": f"{folder}/config.json",
        "training": f"{folder}/log.parquet",
        "curve": f"{folder}/curve.svg",
    }


def of_part(part, path, trainset=None):
    """A path of the backbone that trains a part, as a function of the wildcards."""
    return lambda w: path.format(
        dataset=w.dataset, backbone=owner(w.backbone, part), trainset=trainset or w.trainset
    )


def origin(folder):
    """The file that only one way of making the model in a folder leaves: the log of its training,
    or what its import set aside.

    Whoever reads a model asks for this file too. Otherwise Snakemake, which does not compare the
    params of a job that has never made one of its outputs, would take a model that was trained
    here for an imported one, and the other way round.
    """
    imported = folder.removeprefix("results/models/") in OFFICIAL
    return f"{folder}/{'remainder.safetensors' if imported else 'log.parquet'}"


def weights(part, trainset=None):
    """Inputs `<part>`, `<part>_config` and `<part>_origin`: one part of a backbone, of this
    training set."""
    folder = of_part(part, f"{MODEL}/{part}", trainset)
    return {
        part: lambda w: f"{folder(w)}/model.safetensors",
        f"{part}_config": lambda w: f"{folder(w)}/config.json",
        f"{part}_origin": lambda w: origin(folder(w)),
    }


def codes_of(trainset=None):
    """The codes of the backbone's tokenizer."""
    return of_part("tokenizer", CODES, trainset)


def trainset(wildcards):
    """Which clips the backbone may see: all of them, or those that a concept leaves."""
    if wildcards.trainset == "all":
        return {}
    concept = wildcards.trainset.removeprefix("wo-")
    return {"concept": f"results/data/{wildcards.dataset}/concepts/{concept}/clips.parquet"}


def transformer_settings(wildcards):
    """How a transformer is built and trained; the masked one has a kind."""
    backbone = config["backbones"][wildcards.backbone]
    kind = {"kind": backbone["kind"]} if wildcards.part == "masked" else {}
    return with_device({**backbone[wildcards.part], **kind})


def transformer_plugins(wildcards):
    return [backbone_plugin(wildcards.backbone)] if wildcards.part == "masked" else []


def captions_and_samples(wildcards):
    folder = f"results/embeddings/{wildcards.dataset}/captions"
    return {
        "samples": f"results/data/{wildcards.dataset}/text/samples.parquet",
        "captions": f"{folder}/captions.parquet",
        "embeddings": f"{folder}/embeddings.npy",
    }


# Official files

DOWNLOADED = "results/official/{source}"


def official_backbone_part(backbone, part):
    """What there is to know for the import of one part of a backbone."""
    settings = config["backbones"][backbone]
    tokenizer = config["backbones"][owner(backbone, "tokenizer")]["weights"]
    masked = part == "masked"
    return {
        "place": layout.MASKED[settings["kind"]] if masked else part,
        "folder": settings["weights"],
        "source": settings["kind"] if masked else "momask",
        "tokenizer": tokenizer if part != "tokenizer" else None,
        "plugins": [backbone_plugin(backbone)] if masked else [],
        "section": f"backbones.{backbone}.{part}",
        "expected": {key: value for key, value in settings[part].items() if key != "training"},
    }


# The models that come from official files instead of training, by their folder below
# results/models.
OFFICIAL = {
    f"{dataset}/{backbone}/all/{part}": official_backbone_part(backbone, part)
    for dataset in config["datasets"]
    for backbone, settings in config["backbones"].items()
    for part in PARTS
    if settings["weights"] and owner(backbone, part) == backbone
} | {
    f"{dataset}/{part}": {"place": part, "folder": settings[part], "source": source}
    for dataset, settings in config["datasets"].items()
    for part, source in (("length", "momask"), ("evaluator", "evaluator"))
    if settings[part]
}


def official_settings(place):
    """What the import of a model is told."""
    known = OFFICIAL[place]
    sizes = {key: known[key] for key in ("section", "expected") if key in known}
    return {"part": known["place"], **sizes}


def official_files(folder, source, find):
    """The files that `find` lists below `folder`, or the download where it says so."""
    if folder == DOWNLOAD:
        return {"folder": DOWNLOADED.format(source=source)}
    return {key: str(path) for key, path in find(Path(folder)).items()}


def official_part(place):
    """The files of a model; a downloaded transformer needs the download with its tokenizer too."""
    known = OFFICIAL[place]
    tokenizer = known.get("tokenizer")
    own = None if tokenizer in (None, DOWNLOAD) else Path(tokenizer)
    found = official_files(
        known["folder"],
        known["source"],
        lambda root: layout.inputs(root, known["place"], tokenizer=own),
    )
    if tokenizer is not None:
        # The record then says with which tokenizer the transformer goes.
        dataset, backbone, trainset, part = place.split("/")
        folder = f"results/models/{dataset}/{owner(backbone, 'tokenizer')}/{trainset}/tokenizer"
        found["tokenizer_config"] = f"{folder}/config.json"
        if known["folder"] == DOWNLOAD:
            found["tokenizer_folder"] = DOWNLOADED.format(source="momask")
    return found


def official_clip():
    weights = config["text_encoder"]["weights"]
    return official_files(weights, "clip", lambda path: {"weights": path}) if weights else {}


def official_vocabulary(wildcards):
    """The evaluator's words, if there are official ones."""
    if config["datasets"][wildcards.dataset]["word_vectors"] is None:
        return {}
    folder = f"results/models/{wildcards.dataset}/word_vectors"
    return {
        "word_vectors": f"{folder}/model.safetensors",
        "word_vectors_config": f"{folder}/config.json",
    }


def export_inputs(wildcards):
    """A checkpoint with all its models, and what imports set aside for the export."""
    dataset, backbone = wildcards.dataset, wildcards.backbone
    places = {part: f"{dataset}/{owner(backbone, part)}/all/{part}" for part in PARTS}
    places["length"] = f"{dataset}/length"
    found = delta_of(wildcards)
    for part, place in places.items():
        folder = f"results/models/{place}"
        found[part] = f"{folder}/model.safetensors"
        found[f"{part}_config"] = f"{folder}/config.json"
        found[f"{part}_{'remainder' if place in OFFICIAL else 'origin'}"] = origin(folder)
    return found


def export_settings(dataset):
    """Names of folders, and what the official code calls the dataset."""
    motionx = config["datasets"][dataset]["benchmark"] == "Motion-X"
    return {"names": "official", "dataset": "Motion-X" if motionx else "t2m"}


# Unlearning

CHECKPOINT = "results/checkpoints/{dataset}/{backbone}/{concept}/{variant}"
EXPORT = "results/exports/{dataset}/{backbone}/{concept}/{variant}"
STATISTICS = "results/codes/{dataset}/{backbone}/all/{concept}.parquet"


def method(variant, literal):
    """What a variant's method says of itself: INPUTS (what it reads), CHANGES (what it edits)."""
    return registry.literals("methods", config["variants"][variant]["method"])[literal]


def parameters(variant):
    """What a variant tells its method; how tables speak of it makes no other checkpoint."""
    given = config["variants"][variant]
    return {key: value for key, value in given.items() if key not in ("label", "training_free")}


def trains(variant):
    """Whether a variant's method trains, on a GPU, and leaves a log; others edit a few tensors."""
    return registry.literals("methods", config["variants"][variant]["method"]).get("TRAINS", False)


def variants(chosen):
    """Those for which ``chosen`` is true, as a constraint of a wildcard; it may be that none is."""
    return "|".join(re.escape(name) for name in config["variants"] if chosen(name)) or "(?!)"


def unlearn_inputs(wildcards):
    """The inputs that the variant's method names in its INPUTS."""
    retrained = f"wo-{wildcards.concept}"
    offered = {
        **{part: weights(part, "all") for part in PARTS},
        **{
            f"retrained_{part}": {
                f"retrained_{name}": path for name, path in weights(part, retrained).items()
            }
            for part in PARTS
        },
        "statistics": {
            "statistics": of_part(
                "tokenizer", STATISTICS.replace("{concept}", wildcards.concept), "all"
            )
        },
        "codes": {"codes": codes_of("all")},
        "captions": captions_and_samples(wildcards),
        "concept": {"concept": f"{CONCEPT}/clips.parquet"},
    }
    chosen = {}
    for name in method(wildcards.variant, "INPUTS"):
        chosen.update(offered[name])
    return {
        name: path(wildcards) if callable(path) else path.format(**wildcards)
        for name, path in chosen.items()
    }


def unlearn_plugins(wildcards):
    """The method, and the backbone for a method that runs its masked transformer."""
    runs = [backbone_plugin(wildcards.backbone)] if trains(wildcards.variant) else []
    return [f"hmu.methods.{config['variants'][wildcards.variant]['method']}", *runs]


# Evaluation

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
EVALUATOR = {
    "evaluator": "results/models/{dataset}/evaluator/model.safetensors",
    "evaluator_config": "results/models/{dataset}/evaluator/config.json",
    "evaluator_origin": lambda w: origin(f"results/models/{w.dataset}/evaluator"),
}


def delta_of(wildcards, variant=None):
    """Inputs ``delta`` and ``manifest`` of a variant, and ``delta_origin`` (see `origin`), the log
    of its training if there was one."""
    variant = variant or wildcards.variant
    folder = CHECKPOINT.format(**{**wildcards, "variant": variant})
    found = {"delta": f"{folder}/delta.safetensors", "manifest": f"{folder}/manifest.json"}
    return {**found, "delta_origin": f"{folder}/log.parquet"} if trains(variant) else found


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


# Cells, tables, figures

ADDRESSES = {
    (cell.table, cell.row, cell.column): cell for cells in CELLS.values() for cell in cells
}
DATASETS_USED = sorted({cell.dataset for cell in ADDRESSES.values()})
MODELS = sorted(
    {
        file
        for cell in ADDRESSES.values()
        for model in (
            *(f"{owner(cell.backbone, part)}/all/{part}" for part in PARTS),
            "evaluator",
            "length",
        )
        for folder in [f"results/models/{cell.dataset}/{model}"]
        for file in (f"{folder}/model.safetensors", origin(folder))
    }
)
DEMO_DATASETS = [name for name, dataset in config["datasets"].items() if dataset["demo"]]
DATA_READY = [
    f"results/data/{name}/{file}"
    for name in sorted({*DATASETS_USED, *DEMO_DATASETS})
    for file in ("features/data.npy", "text/samples.parquet")
]


def layout_of(name):
    return os.path.relpath(layouts.path_of(name))


def address(wildcards):
    """The cell of a path. Ends the run, saying which there are, when no table has it."""
    key = (wildcards.table, wildcards.row, wildcards.column)
    if key not in ADDRESSES:
        path = f"results/cells/{'/'.join(key)}.json"
        columns = [column for table, row, column in ADDRESSES if (table, row) == key[:2]]
        rows = dict.fromkeys("/".join(each[:2]) for each in ADDRESSES)
        known = f"the row has {', '.join(columns)}" if columns else f"rows are {', '.join(rows)}"
        # Not an error of Snakemake's, which would come with a traceback.
        raise SystemExit(f"{path} is not a cell of the configured tables; {known}.")
    return ADDRESSES[key]


PICTURE = "results/figures/{dataset}/{backbone}/{concept}/{variant}/{set}.png"
PICTURES = sorted(
    {
        PICTURE.format(**cell.wildcards())
        for cell in ADDRESSES.values()
        if cell.variant not in ("real", "original") and cell.set == "forget"
    }
)

# The paper's Figure 2: one for each dataset and concept of the tables, and one for each concept
# with its datasets side by side.
SHARES = "results/figures/shares/{concept}/{names}.svg"
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
