# Official files: taken in the place of training, and written for the official code.


ruleorder: import_part > tokenizer
ruleorder: import_part > transformer
ruleorder: import_part > length
ruleorder: import_part > evaluator


rule download:
    output:
        folder=directory(DOWNLOADED),
    log:
        "results/logs/official/{source}.log",
    benchmark:
        "results/benchmarks/official/{source}.tsv"
    wildcard_constraints:
        source="|".join(SOURCES),
    conda:
        ENVIRONMENT
    params:
        **job(
            "download",
            lambda w: {
                "url": SOURCES[w.source].url,
                "file": SOURCES[w.source].file,
                "sha256": SOURCES[w.source].sha256,
                "lock": f"official/{w.source}.json",
            },
        ),
    shell:
        STEP


rule import_part:
    input:
        unpack(lambda w: official_part(w.place)),
    output:
        model="results/models/{place}/model.safetensors",
        config="results/models/{place}/config.json",
        remainder="results/models/{place}/remainder.safetensors",
    log:
        "results/logs/import/{place}.log",
    benchmark:
        "results/benchmarks/import/{place}.tsv"
    wildcard_constraints:
        place="|".join(map(re.escape, OFFICIAL)) or "(?!)",
    conda:
        ENVIRONMENT
    params:
        **job(
            "import_part",
            lambda w: official_settings(w.place),
            lambda w: OFFICIAL[w.place].get("plugins", []),
        ),
    shell:
        STEP


rule word_vectors:
    input:
        unpack(
            lambda w: official_files(
                config["datasets"][w.dataset]["word_vectors"], "glove", layout.glove
            )
        ),
    output:
        model="results/models/{dataset}/word_vectors/model.safetensors",
        config="results/models/{dataset}/word_vectors/config.json",
    log:
        "results/logs/{dataset}/word_vectors.log",
    benchmark:
        "results/benchmarks/{dataset}/word_vectors.tsv"
    conda:
        ENVIRONMENT
    params:
        **job("word_vectors"),
    shell:
        STEP


rule export:
    input:
        unpack(export_inputs),
    output:
        export=directory(EXPORT),
    log:
        "results/logs/{dataset}/{backbone}/{concept}/{variant}/export.log",
    benchmark:
        "results/benchmarks/{dataset}/{backbone}/{concept}/{variant}/export.tsv"
    conda:
        ENVIRONMENT
    params:
        **job("export", lambda w: export_settings(w.dataset)),
    shell:
        STEP
