# Raw data -> joints -> features.

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
    return {**store("features", wildcards.dataset), "mean": f"{folder}/mean.npy", "std": f"{folder}/std.npy"}


def stage_of(dataset):
    """Where the dataset's raw data stand already: joints or features."""
    return registry.literals("datasets", config["datasets"][dataset]["source"])["STAGE"]


def published_statistics(wildcards):
    """A directory of features may bring its own Mean.npy and Std.npy."""
    return {"raw": raw_of(wildcards.dataset)} if stage_of(wildcards.dataset) == "features" else {}


rule demo:
    output:
        raw=directory(DATA + "/raw"),
    params:
        job=job("demo", lambda w: config["datasets"][w.dataset]["demo"]),
    log:
        "results/logs/{dataset}/demo.log",
    benchmark:
        "results/benchmarks/{dataset}/demo.tsv"
    shell:
        STEP


rule ingest:
    input:
        raw=lambda w: raw_of(w.dataset),
    output:
        **store("joints"),
        quarantine=DATA + "/joints/quarantine.csv",
    params:
        job=job(
            "ingest",
            lambda w: {
                key: config["datasets"][w.dataset][key]
                for key in ("source", "on_bad_clip", "quarantine_limit")
            },
            plugin=lambda w: f"hmu.datasets.{config['datasets'][w.dataset]['source']}",
        ),
    log:
        "results/logs/{dataset}/ingest.log",
    benchmark:
        "results/benchmarks/{dataset}/ingest.tsv"
    resources:
        mem_mb=4_000,
        runtime=240,
    shell:
        STEP


rule features:
    input:
        unpack(published_statistics),
        **store("joints"),
    output:
        **store("features"),
        mean=DATA + "/features/mean.npy",
        std=DATA + "/features/std.npy",
        quarantine=DATA + "/features/quarantine.csv",
    params:
        job=job(
            "features",
            lambda w: {
                **{
                    key: config["datasets"][w.dataset][key]
                    for key in ("on_bad_clip", "quarantine_limit")
                },
                "stage": stage_of(w.dataset),
            },
        ),
    log:
        "results/logs/{dataset}/features.log",
    benchmark:
        "results/benchmarks/{dataset}/features.tsv"
    resources:
        mem_mb=4_000,
        runtime=240,
    shell:
        STEP
