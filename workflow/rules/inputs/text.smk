# Where texts and concepts lie.

TEXT = paths.data("{dataset}", "text")
CONCEPT = paths.concept("{dataset}", "{concept}")
TEXT_EMBEDDINGS = paths.embeddings("{dataset}", "{prompts}")
TEXT_ENCODER = {
    "model": f"{paths.shared_model('{dataset}', 'text_encoder')}/model.safetensors",
    "config": f"{paths.shared_model('{dataset}', 'text_encoder')}/config.json",
}


def captions_and_samples(wildcards):
    """Which motion each caption describes, and the captions' embeddings."""
    folder = paths.embeddings(wildcards.dataset, "captions")
    return {
        "samples": f"{paths.data(wildcards.dataset, 'text')}/samples.parquet",
        "captions": f"{folder}/captions.parquet",
        "embeddings": f"{folder}/embeddings.npy",
    }


def token_embeddings(dataset, prompts):
    """The token embeddings of the texts of a source of prompts, or of the captions of all splits:
    the user's, or what the text encoder says of each text."""
    if folder := config["datasets"][dataset]["token_embeddings"]:
        found = tmr_files.token_embeddings(Path(folder))
        return {name: known(str(path)) for name, path in found.items()}
    folder = paths.embeddings(dataset, prompts)
    return {"captions": f"{folder}/captions.parquet", "embeddings": f"{folder}/embeddings.npy"}


def texts_to_embed(wildcards):
    """The captions of all splits, which models are trained with, or the prompts of a source."""
    if wildcards.prompts == "captions":
        return f"{paths.data(wildcards.dataset, 'text')}/samples.parquet"
    return paths.prompts(wildcards.dataset, wildcards.prompts, "prompts")


def concept_settings(wildcards):
    """How the clips of a concept are found."""
    return {
        "concept": wildcards.concept,
        "dataset": wildcards.dataset,
        "keywords": configuration.keywords(config, wildcards.concept, wildcards.dataset),
        "matching": config["concepts"][wildcards.concept]["matching"],
        "min_lines": configuration.min_lines(config, wildcards.concept, wildcards.dataset),
    }


def concept_faults(planned):
    """What is wrong with the concepts that are to be made, as far as it can be known: of those
    whose captions are there and are not to be made again.

    Snakemake would make all that follows again, also where other words choose the same clips. It
    sees that they are the same once the concept is made.
    """
    made = {file for job in planned for file in job.output}
    known = [job for job in planned if job.rule.name == "concept" and made.isdisjoint(job.input)]
    faults = []
    for job in known:
        from hmu.text import concepts  # with pandas, which planning does without

        tables = (Path(job.input[name]) for name in ("captions", "splits", "motions"))
        try:
            found = concepts.of_files(*tables, **concept_settings(job.wildcards))
        except InputError as error:
            faults.append(str(error))
            continue
        follow = any(each.output and not {*job.output}.isdisjoint(each.input) for each in planned)
        if follow and concepts.same_clips(found, Path(job.output.clips)):
            faults.append(
                f"concepts.{job.wildcards.concept}: is to be made again, and its clips are the"
                " same. Run `snakemake concepts` first, with the same options: then only what"
                " reads the words themselves is made again, and a dry run says what that is."
            )
    return faults
