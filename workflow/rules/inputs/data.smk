# Where raw data and clips lie, and what reads them.


def raw_of(dataset):
    """The raw directory: the user's own, or the one that the pipeline makes."""
    return config["datasets"][dataset]["raw"] or paths.data(dataset, "raw")


def raw_input(wildcards):
    """The same as an input. The time of a user's directory means nothing: `version` has its
    content."""
    given = config["datasets"][wildcards.dataset]["raw"]
    return known(given) if given else raw_of(wildcards.dataset)


def store(stage, dataset="{dataset}"):
    """The clips of a dataset at a stage, ``joints`` or ``features``."""
    folder = paths.data(dataset, stage)
    return {"data": f"{folder}/data.npy", "index": f"{folder}/index.parquet"}


def features(wildcards):
    """The features as models read them."""
    folder = paths.data(wildcards.dataset, "features")
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
    return {name: known(str(path)) for name, path in found.items()} if given else {}


JOINTS = paths.data("{dataset}", "joints")
FEATURES = paths.data("{dataset}", "features")
# Those that the pipeline makes itself.
DEMO_DATASETS = [name for name, dataset in config["datasets"].items() if dataset["demo"]]
