# The models: evaluator, length estimator; tokenizer, codes, masked and residual transformers.
# A backbone is trained on everything (`all`) or on the retain set of a concept (`without/violence`). One
# that shares another's parts, as BAMM does MoMask's, trains its masked transformer only.

MODEL = paths.backbone("{dataset}", "{backbone}", "{trainset}")
EVALUATOR = {
    "evaluator": f"{paths.shared_model('{dataset}', 'evaluator')}/model.safetensors",
    "evaluator_config": f"{paths.shared_model('{dataset}', 'evaluator')}/config.json",
    "evaluator_origin": lambda w: origin(paths.shared_model(w.dataset, "evaluator")),
}
WHOLE_BACKBONES = "|".join(
    re.escape(name) for name, each in config["backbones"].items() if each["shares"] is None
)


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
    imported = folder in OFFICIAL
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
    path = paths.codes("{dataset}", "{backbone}", "{trainset}")
    return of_part("tokenizer", path, trainset)


def trainset(wildcards):
    """Which clips the backbone may see: all of them, or those that a concept leaves."""
    concept = paths.left_out(wildcards.trainset)
    if concept is None:
        return {}
    return {"concept": f"{paths.concept(wildcards.dataset, concept)}/clips.parquet"}


def transformer_settings(wildcards):
    """How a transformer is built and trained; the masked one has a kind."""
    backbone = config["backbones"][wildcards.backbone]
    kind = {"kind": backbone["kind"]} if wildcards.part == "masked" else {}
    return with_device({**backbone[wildcards.part], **kind})


def transformer_plugins(wildcards):
    return [backbone_plugin(wildcards.backbone)] if wildcards.part == "masked" else []


rule tokenizer:
    input:
        unpack(features),
        unpack(trainset),
        motions=f"{TEXT}/motions.parquet",
    output:
        **model(f"{MODEL}/tokenizer"),
    log:
        "results/logs/tokenizer/{dataset}/{backbone}/{trainset}.log",
    benchmark:
        "results/benchmarks/tokenizer/{dataset}/{backbone}/{trainset}.tsv"
    wildcard_constraints:
        backbone=WHOLE_BACKBONES,
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    params:
        **job("tokenizer", lambda w: with_device(config["backbones"][w.backbone]["tokenizer"])),
    shell:
        STEP


rule codes:
    input:
        **store("features"),
        **weights("tokenizer"),
        motions=f"{TEXT}/motions.parquet",
    output:
        codes=paths.codes("{dataset}", "{backbone}", "{trainset}"),
    log:
        "results/logs/codes/{dataset}/{backbone}/{trainset}.log",
    benchmark:
        "results/benchmarks/codes/{dataset}/{backbone}/{trainset}.tsv"
    wildcard_constraints:
        backbone=WHOLE_BACKBONES,
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=120,
    params:
        **job("codes", lambda w: with_device({})),
    shell:
        STEP


rule transformer:
    input:
        unpack(captions_and_samples),
        unpack(trainset),
        **weights("tokenizer"),
        codes=codes_of(),
    output:
        **model(f"{MODEL}/{{part}}"),
    log:
        "results/logs/transformer/{dataset}/{backbone}/{trainset}/{part}.log",
    benchmark:
        "results/benchmarks/transformer/{dataset}/{backbone}/{trainset}/{part}.tsv"
    wildcard_constraints:
        part="masked|residual",
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    params:
        **job(lambda w: w.part, transformer_settings, transformer_plugins),
    shell:
        STEP


rule length:
    input:
        unpack(captions_and_samples),
        motions=f"{TEXT}/motions.parquet",
    output:
        **model(paths.shared_model("{dataset}", "length")),
    log:
        "results/logs/length/{dataset}.log",
    benchmark:
        "results/benchmarks/length/{dataset}.tsv"
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=240,
    params:
        **job("length", lambda w: with_device(config["length"])),
    shell:
        STEP


rule evaluator:
    input:
        unpack(features),
        unpack(official_vocabulary),
        motions=f"{TEXT}/motions.parquet",
        samples=f"{TEXT}/samples.parquet",
    output:
        **model(paths.shared_model("{dataset}", "evaluator")),
    log:
        "results/logs/evaluator/{dataset}.log",
    benchmark:
        "results/benchmarks/evaluator/{dataset}.tsv"
    priority: TRAINING_FIRST
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    params:
        **job("evaluator", lambda w: with_device(config["evaluator"])),
    shell:
        STEP
