# What methods declare, and the files that follow from it.

from hmu.unlearning.declaration import Declaration

ALL_PARTS = sorted({part for name in config["backbones"] for part in parts(name)})

CHECKPOINT = paths.checkpoint("{dataset}", "{backbone}", "{concept}", "{variant}")
STATISTICS = paths.code_statistics("{dataset}", "{backbone}", "{concept}", "statistics.parquet")
REFERENCE_STATISTICS = STATISTICS.replace("statistics.parquet", "reference.parquet")
TABLES_OF_CODES = {"statistics": STATISTICS, "reference_statistics": REFERENCE_STATISTICS}
ADDRESS = ("dataset", "backbone", "concept", "variant")
DECLARED = {name: Declaration.of(variant) for name, variant in config["variants"].items()}


def changed_parts(backbone, variant):
    """The parts of a backbone that a variant's method may edit."""
    return set(DECLARED[variant].changed(parts(backbone)))


def trains(variant):
    """Whether a variant's method trains, on a GPU, and leaves a log; others edit a few tensors."""
    return DECLARED[variant].trains


def training_minutes(variant):
    """What a variant that trains is given: for each part as much as an epoch of its training is."""
    declared = DECLARED[variant]
    epochs = declared.params.get("epochs", 0)
    return 240 + math.ceil(TRAINING / 500 * epochs) * len(declared.changed(ALL_PARTS))


def variants(chosen):
    """Those for which ``chosen`` is true, as a constraint of a wildcard; it may be that none is."""
    return either(name for name in config["variants"] if chosen(name))


def concepts_of(wildcards):
    """The concept to forget, and those that the variant's parameters name beside it."""
    return list(dict.fromkeys([wildcards.concept, *DECLARED[wildcards.variant].concepts]))


def unlearn_inputs(wildcards):
    """What the variant's method declares that it reads, named as `hmu.unlearning.context` reads it."""
    declared = DECLARED[wildcards.variant]
    reads, dataset, everything = set(declared.inputs), wildcards.dataset, parts(wildcards.backbone)
    text = paths.data(dataset, "text")
    found = {}
    for part in declared.parts(everything):
        stored = weights(part, "all")
        found |= stored if "model" in reads else {part: stored[part]}
    if "sampling" in reads:  # the longest motion is the tokenizer's to say
        found["tokenizer_config"] = weights("tokenizer", "all")["tokenizer_config"]
    if "retrained" in reads:
        for part in everything:
            found[f"retrained_{part}"] = weights(part, paths.without(wildcards.concept))[part]
    for concept in concepts_of(wildcards):
        for name, path in TABLES_OF_CODES.items():
            if name in reads:
                own = path.replace("{concept}", concept)
                found[f"{name}/{concept}"] = of_part("tokenizer", own, "all")
        if "clips" in reads:
            found[f"clips/{concept}"] = f"{paths.concept(dataset, concept)}/clips.parquet"
    if "codes" in reads:
        found["codes"] = codes_of("all")
    if "captions" in reads:
        found |= captions_and_samples(wildcards)
    if "motions" in reads:
        found["motions"] = f"{text}/motions.parquet"
    if "features" in reads:
        found |= store("features", dataset)
    if "text_encoder" in reads:
        found |= {
            "text_encoder": TEXT_ENCODER["model"].format(dataset=dataset),
            "text_encoder_config": TEXT_ENCODER["config"].format(dataset=dataset),
        }
    found |= {f"file_{name}": known(each) for name, each in declared.files.items() if each}
    return {name: path(wildcards) if callable(path) else path for name, path in found.items()}


def unlearn_plugins(wildcards):
    """The method, and what runs a network for a method that asks for that."""
    declared = DECLARED[wildcards.variant]
    found = [f"hmu.methods.{declared.method}"]
    if "model" in declared.inputs:
        read = declared.parts(parts(wildcards.backbone))
        found += ["hmu.backbones.opening", *modules(wildcards.backbone, *read)]
    if "sampling" in declared.inputs:
        found += ["hmu.backbones.opening", *modules(wildcards.backbone, "tokenizer", of=("sizes",))]
    if "text_encoder" in declared.inputs:
        found += ["hmu.unlearning.encoding"]
    return list(dict.fromkeys(found))


def unlearn_settings(wildcards):
    """What the variant tells its method; how tables speak of it makes no other checkpoint."""
    declared = DECLARED[wildcards.variant]
    changes = declared.changed(parts(wildcards.backbone))
    backbone = config["backbones"][wildcards.backbone]
    words = concepts_of(wildcards) if "keywords" in declared.inputs else []
    trained = changes if declared.trains else []
    return with_device(
        {
            "method": declared.method,
            "params": declared.params,
            "address": {key: wildcards[key] for key in ADDRESS},
            "transformers": transformers(wildcards.backbone),
            "changes": changes,
            "keywords": {
                name: configuration.keywords(config, name, wildcards.dataset) for name in words
            },
            "training": {part: backbone[part]["training"] for part in trained},
            "sampling": generation_settings(wildcards) if "sampling" in declared.inputs else None,
        }
    )


def delta_of(wildcards):
    """The checkpoint that the wildcards name, as inputs."""
    names = (wildcards.dataset, wildcards.backbone, wildcards.concept, wildcards.variant)
    return delta_of_variant(*names)


def delta_of_variant(dataset, backbone, concept, variant):
    """Inputs ``delta`` and ``delta_origin`` of a variant."""
    folder = paths.checkpoint(dataset, backbone, concept, variant)
    return {"delta": f"{folder}/delta.safetensors", "delta_origin": f"{folder}/origin.json"}
