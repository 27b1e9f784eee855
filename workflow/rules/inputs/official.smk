# Official files: where they are, and what there is to know of them.


def official_backbone_part(dataset, backbone, part):
    """What there is to know for the import of one part of a backbone."""
    settings = config["backbones"][backbone]
    tokenizer = config["backbones"][owner(backbone, "tokenizer")]["weights"]
    masked = part == "masked"
    return {
        "place": layout.MASKED[settings["kind"]] if masked else part,
        "folder": settings["weights"],
        "source": settings["kind"] if masked else "momask",
        "tokenizer": tokenizer if part != "tokenizer" else None,
        "tokenizer_part": paths.part(dataset, owner(backbone, "tokenizer"), "all", "tokenizer"),
        "plugins": modules(backbone, part),
        "kind": settings["kind"],
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
    paths.shared_model(dataset, part): {"place": part, "folder": settings[part], "source": source}
    for dataset, settings in config["datasets"].items()
    for part, source in (("length", "momask"), ("evaluator", "evaluator"))
    if settings[part]
}


def official_settings(place):
    """What the import of a model is told."""
    known = OFFICIAL[place]
    sizes = {key: known[key] for key in ("kind", "section", "expected") if key in known}
    return {"part": known["place"], **sizes}


def official_files(folder, source, find):
    """The files that `find` lists below `folder`, or the download where it says so."""
    if folder == DOWNLOAD:
        return {"folder": paths.official(source)}
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
        found["tokenizer_config"] = f"{known['tokenizer_part']}/config.json"
        if known["folder"] == DOWNLOAD:
            found["tokenizer_folder"] = paths.official("momask")
    return found


def official_clip():
    weights = config["text_encoder"]["weights"]
    return official_files(weights, "clip", lambda path: {"weights": path}) if weights else {}


def official_vocabulary(wildcards):
    """The evaluator's words, if there are official ones."""
    if config["datasets"][wildcards.dataset]["word_vectors"] is None:
        return {}
    folder = paths.shared_model(wildcards.dataset, "word_vectors")
    return {
        "word_vectors": f"{folder}/model.safetensors",
        "word_vectors_config": f"{folder}/config.json",
    }


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


def export_settings(dataset):
    """Names of folders, and what the official code calls the dataset."""
    motionx = config["datasets"][dataset]["benchmark"] == "Motion-X"
    return {"names": "official", "dataset": "Motion-X" if motionx else "t2m"}
