# The files of models, and which of them a rule reads.

MODEL = paths.backbone("{dataset}", "{backbone}", "{trainset}")
EVALUATOR = {
    "evaluator": f"{paths.shared_model('{dataset}', 'evaluator')}/model.safetensors",
    "evaluator_config": f"{paths.shared_model('{dataset}', 'evaluator')}/config.json",
}
TMR = {
    "tmr": f"{paths.shared_model('{dataset}', 'tmr')}/model.safetensors",
    "tmr_config": f"{paths.shared_model('{dataset}', 'tmr')}/config.json",
}

DETECTOR_FOLDER = paths.detector("{dataset}", "{concept}")
DETECTOR = {
    "detector": f"{DETECTOR_FOLDER}/model.safetensors",
    "detector_config": f"{DETECTOR_FOLDER}/config.json",
    "calibration": f"{DETECTOR_FOLDER}/calibration.json",
}


def of_part(part, path, trainset=None):
    """A path of the backbone that trains a part, as a function of the wildcards."""
    return lambda w: path.format(
        dataset=w.dataset, backbone=owner(w.backbone, part), trainset=trainset or w.trainset
    )


def weights(part, trainset=None):
    """Inputs `<part>` and `<part>_config`: one part of a backbone, of this training set."""
    folder = of_part(part, f"{MODEL}/{part}", trainset)
    return {
        part: lambda w: f"{folder(w)}/model.safetensors",
        f"{part}_config": lambda w: f"{folder(w)}/config.json",
    }


def codes_of(trainset=None):
    """The codes of the backbone's tokenizer."""
    path = paths.codes("{dataset}", "{backbone}", "{trainset}")
    return of_part("tokenizer", path, trainset)


def trainset(wildcards):
    """Which clips the backbone may see: all of them, or those that a concept leaves."""
    concept = paths.left_out(wildcards.trainset)
    if concept is None:
        return {}
    return {"concept": f"{paths.concept(wildcards.dataset, concept)}/clips.parquet"}


def part_inputs(wildcards):
    """What the recipe of a part reads."""
    reads = backbone_says(wildcards.backbone, "PARTS")[wildcards.part]["reads"]
    found = {}
    if "features" in reads:
        found |= features(wildcards)
        found["motions"] = f"{paths.data(wildcards.dataset, 'text')}/motions.parquet"
    if "codes" in reads:
        found |= {**weights("tokenizer"), "codes": codes_of()}
    if "captions" in reads:
        found |= captions_and_samples(wildcards)
    return {name: path(wildcards) if callable(path) else path for name, path in found.items()}


def part_settings(wildcards):
    """Which part it is, of what kind of backbone, and what the configuration says of it."""
    backbone = config["backbones"][wildcards.backbone]
    section = backbone[wildcards.part]
    return with_device({"kind": backbone["kind"], "part": wildcards.part, "section": section})


def training_seed(wildcards):
    """The seed of a backbone's training: its own, if it has one."""
    own = config["backbones"][wildcards.backbone]["seed"]
    return config["seed"] if own is None else own


# Minutes that training a part or the evaluator on a GPU is given, for the paper's number of epochs.
TRAINING = 2_880
