# Where texts and concepts lie.

TEXT = paths.data("{dataset}", "text")
CONCEPT = paths.concept("{dataset}", "{concept}")
TEXT_EMBEDDINGS = paths.embeddings("{dataset}", "{prompts}")
TEXT_ENCODER = {
    "model": f"{paths.shared_model('{dataset}', 'text_encoder')}/model.safetensors",
    "config": f"{paths.shared_model('{dataset}', 'text_encoder')}/config.json",
}


# Files below a raw directory that are read as captions and lists.
TEXT_FILES = ("*.txt", "texts.zip")


def captions_and_samples(wildcards):
    """Which motion each caption describes, and the captions' embeddings."""
    folder = paths.embeddings(wildcards.dataset, "captions")
    return {
        "samples": f"{paths.data(wildcards.dataset, 'text')}/samples.parquet",
        "captions": f"{folder}/captions.parquet",
        "embeddings": f"{folder}/embeddings.npy",
    }


def texts_to_embed(wildcards):
    """The captions of all splits, which models are trained with, or the prompts of a source."""
    if wildcards.prompts == "captions":
        return f"{paths.data(wildcards.dataset, 'text')}/samples.parquet"
    return paths.prompts(wildcards.dataset, wildcards.prompts, "prompts")
