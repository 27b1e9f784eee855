# Official files: where they are, and what there is to know of them.

DOWNLOADS = releases.downloads()


def official_backbone_part(dataset, backbone, part):
    """What there is to know for the import of one part of a backbone."""
    settings = config["backbones"][backbone]
    kind, trained_on = settings["kind"], owner(backbone, "tokenizer")
    return {
        "part": part,
        "kind": kind,
        "folder": settings["weights"],
        "file": settings["file"],
        "tokenizer": config["backbones"][trained_on]["weights"],
        "tokenizer_part": paths.part(dataset, trained_on, "all", "tokenizer"),
        "plugins": [*modules(backbone, part), releases.module(kind)],
        "section": f"backbones.{backbone}.{part}",
        "expected": {key: value for key, value in settings[part].items() if key != "training"},
    }


# The models that come from official files instead of training, by their folder.
OFFICIAL = {
    paths.part(dataset, backbone, "all", part): official_backbone_part(dataset, backbone, part)
    for dataset in config["datasets"]
    for backbone, settings in config["backbones"].items()
    for part in parts(backbone)
    if settings["weights"] and owner(backbone, part) == backbone
} | {
    paths.shared_model(dataset, part): {"part": part, "folder": settings[part]}
    for dataset, settings in config["datasets"].items()
    for part in releases.parts(None)
    if settings[part]
}


def official_settings(place):
    """What the import of a model is told."""
    told = ("part", "kind", "section", "expected")
    return {key: OFFICIAL[place][key] for key in told if key in OFFICIAL[place]}


def official_files(folder, source, find):
    """The files that `find` lists below `folder`, or the download where it says so."""
    if folder == DOWNLOAD:
        return {"folder": paths.official(source)}
    return {key: known(str(path)) for key, path in find(Path(folder)).items()}


def official_part(place):
    """The files of a model; a downloaded transformer needs the download with its tokenizer too."""
    known = OFFICIAL[place]
    folder, part, tokenizer = known["folder"], known["part"], known.get("tokenizer")
    released = releases.parts(known.get("kind"))
    found = official_files(
        folder,
        released[part].place.download,
        lambda root: layout.inputs(
            released, part, root, known.get("file"), Path(tokenizer) if tokenizer else None
        ),
    )
    if released[part].place.tokenizer:
        # The record then says with which tokenizer the transformer goes.
        found["tokenizer_config"] = f"{known['tokenizer_part']}/config.json"
        if folder == DOWNLOAD:
            found["tokenizer_folder"] = paths.official(released["tokenizer"].place.download)
    return found


def official_clip(wildcards):
    weights = config["text_encoder"]["weights"]
    return official_files(weights, "clip", lambda path: {"weights": path}) if weights else {}


def official_words(wildcards):
    """The files of GloVe vectors."""
    folder = config["datasets"][wildcards.dataset]["word_vectors"]
    return official_files(folder, "glove", layout.glove)


def official_vocabulary(wildcards):
    """The evaluator's words, if there are official ones."""
    if config["datasets"][wildcards.dataset]["word_vectors"] is None:
        return {}
    folder = paths.shared_model(wildcards.dataset, "word_vectors")
    return {
        "word_vectors": f"{folder}/model.safetensors",
        "word_vectors_config": f"{folder}/config.json",
    }


def official_tmr(wildcards):
    """The files of a TMR checkpoint."""
    folder = config["datasets"][wildcards.dataset]["tmr"]
    found = tmr_files.checkpoint(Path(folder))
    return {name: known(str(path)) for name, path in found.items()}


def export_inputs(wildcards):
    """A checkpoint with all its models, where they are from and what their training left."""
    dataset, backbone = wildcards.dataset, wildcards.backbone
    folders = {
        part: paths.part(dataset, owner(backbone, part), "all", part) for part in parts(backbone)
    }
    folders["length"] = paths.shared_model(dataset, "length")
    found = delta_of(wildcards)
    for part, folder in folders.items():
        found[part] = f"{folder}/model.safetensors"
        found[f"{part}_config"] = f"{folder}/config.json"
        found |= {f"{part}_{name}": str(path) for name, path in origin(folder).items()}
    return found


def export_settings(wildcards):
    """Names of folders, and what the official code calls the dataset."""
    motionx = config["datasets"][wildcards.dataset]["benchmark"] == "Motion-X"
    return {
        "kind": config["backbones"][wildcards.backbone]["kind"],
        "names": "official",
        "dataset": "Motion-X" if motionx else "t2m",
    }
