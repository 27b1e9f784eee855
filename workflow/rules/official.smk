# Official files: taken in the place of training, and written for the official code.


include: "inputs/official.smk"


ruleorder: import_part > part
ruleorder: import_part > length
ruleorder: import_part > evaluator
ruleorder: import_tmr > tmr


rule download:
    output:
        folder=directory(paths.official("{source}")),
    log:
        "results/logs/download/{source}.log",
    benchmark:
        "results/benchmarks/download/{source}.tsv"
    wildcard_constraints:
        source="|".join(DOWNLOADS),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job(
            "download",
            lambda w: {
                "url": DOWNLOADS[w.source].url,
                "file": DOWNLOADS[w.source].file,
                "sha256": DOWNLOADS[w.source].sha256,
                "lock": f"official/{w.source}.json",
            },
        ),
    shell:
        STEP


rule import_part:
    input:
        unpack(lambda w: official_part(w.folder)),
    output:
        **model("{folder}"),
    log:
        "results/logs/import_part/{folder}.log",
    benchmark:
        "results/benchmarks/import_part/{folder}.tsv"
    wildcard_constraints:
        folder=either(OFFICIAL),
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=8_000, runtime=30),
    params:
        **job(
            "import_part",
            lambda w: official_settings(w.folder),
            lambda w: OFFICIAL[w.folder].get("plugins", []),
            given=lambda w: official_part(w.folder),
        ),
    shell:
        STEP


rule import_tmr:
    input:
        unpack(official_tmr),
    output:
        **model(paths.shared_model("{dataset}", "tmr")),
    log:
        paths.log("import_tmr", "{dataset}"),
    benchmark:
        paths.benchmark("import_tmr", "{dataset}")
    wildcard_constraints:
        dataset=either(name for name, each in config["datasets"].items() if each["tmr"]),
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=8_000, runtime=30),
    params:
        **job("import_tmr", given=official_tmr),
    shell:
        STEP


rule word_vectors:
    input:
        unpack(official_words),
    output:
        model=f"{paths.shared_model('{dataset}', 'word_vectors')}/model.safetensors",
        config=f"{paths.shared_model('{dataset}', 'word_vectors')}/config.json",
        origin=f"{paths.shared_model('{dataset}', 'word_vectors')}/origin.json",
    log:
        "results/logs/word_vectors/{dataset}.log",
    benchmark:
        "results/benchmarks/word_vectors/{dataset}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("word_vectors", given=official_words),
    shell:
        STEP


rule export:
    input:
        unpack(export_inputs),
    output:
        export=directory(paths.export("{dataset}", "{backbone}", "{concept}", "{variant}")),
    log:
        "results/logs/export/{dataset}/{backbone}/{concept}/{variant}.log",
    benchmark:
        "results/benchmarks/export/{dataset}/{backbone}/{concept}/{variant}.tsv"
    conda:
        ENVIRONMENT
    resources:
        **needs(mem_mb=8_000, runtime=30),
    params:
        **job(
            "export",
            export_settings,
            lambda w: [releases.module(config["backbones"][w.backbone]["kind"])],
        ),
    shell:
        STEP
