# The models: evaluator, length estimator; tokenizer, codes, masked and residual transformers.
# A backbone is trained on everything (`all`) or on the retain set of a concept (`wo-violence`).

MODEL = "results/models/{dataset}/{backbone}/{trainset}"
CODES = "results/codes/{dataset}/{backbone}/{trainset}/codes.parquet"
PARTS = ("tokenizer", "masked", "residual")


def model(folder):
    """What every trained model leaves in its folder."""
    return {
        "model": f"{folder}/model.safetensors",
        "config": f"{folder}/config.json",
        "training": f"{folder}/log.parquet",
        "curve": f"{folder}/curve.svg",
    }


def weights(part, trainset="{trainset}"):
    """Inputs `<part>` and `<part>_config`: one part of a backbone."""
    folder = f"results/models/{{dataset}}/{{backbone}}/{trainset}/{part}"
    return {part: f"{folder}/model.safetensors", f"{part}_config": f"{folder}/config.json"}


def trainset(wildcards):
    """Which clips the backbone may see: all of them, or those that a concept leaves."""
    if wildcards.trainset == "all":
        return {}
    concept = wildcards.trainset.removeprefix("wo-")
    return {"concept": f"results/data/{wildcards.dataset}/concepts/{concept}/clips.parquet"}


def captions_and_samples(wildcards):
    folder = f"results/embeddings/{wildcards.dataset}/captions"
    return {
        "samples": f"results/data/{wildcards.dataset}/text/samples.parquet",
        "captions": f"{folder}/captions.parquet",
        "embeddings": f"{folder}/embeddings.npy",
    }


rule tokenizer:
    input:
        unpack(features),
        unpack(trainset),
        motions=TEXT + "/motions.parquet",
    output:
        **model(MODEL + "/tokenizer"),
    params:
        job=job("tokenizer", lambda w: with_device(config["backbones"][w.backbone]["tokenizer"])),
    log:
        "results/logs/{dataset}/{backbone}/{trainset}/tokenizer.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{trainset}/tokenizer.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    shell:
        STEP


rule codes:
    input:
        unpack(features),
        **weights("tokenizer"),
        motions=TEXT + "/motions.parquet",
    output:
        codes=CODES,
    params:
        job=job("codes", lambda w: with_device({})),
    log:
        "results/logs/{dataset}/{backbone}/{trainset}/codes.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{trainset}/codes.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=120,
    shell:
        STEP


rule transformer:
    input:
        unpack(captions_and_samples),
        unpack(trainset),
        codes=CODES,
        **weights("tokenizer"),
    output:
        **model(MODEL + "/{part}"),
    params:
        job=job(
            lambda w: w.part,
            lambda w: with_device(config["backbones"][w.backbone][w.part]),
        ),
    wildcard_constraints:
        part="masked|residual",
    log:
        "results/logs/{dataset}/{backbone}/{trainset}/{part}.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{trainset}/{part}.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    shell:
        STEP


rule length:
    input:
        unpack(captions_and_samples),
        motions=TEXT + "/motions.parquet",
    output:
        **model("results/models/{dataset}/length"),
    params:
        job=job("length", lambda w: with_device(config["length"])),
    log:
        "results/logs/{dataset}/length.log",
    benchmark:
        "results/benchmarks/{dataset}/length.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=240,
    shell:
        STEP


rule evaluator:
    input:
        unpack(features),
        motions=TEXT + "/motions.parquet",
        samples=TEXT + "/samples.parquet",
    output:
        **model("results/models/{dataset}/evaluator"),
    params:
        job=job(
            "evaluator",
            lambda w: with_device(
                {
                    **config["evaluator"],
                    "word_vectors": config["datasets"][w.dataset]["word_vectors"],
                }
            ),
        ),
    log:
        "results/logs/{dataset}/evaluator.log",
    benchmark:
        "results/benchmarks/{dataset}/evaluator.tsv"
    threads: config["threads"]
    resources:
        **GPU,
        runtime=2_880,
    shell:
        STEP
