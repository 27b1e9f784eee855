# Raw data -> joints -> features.


include: "inputs/data.smk"


rule demo:
    output:
        raw=directory(paths.data("{dataset}", "raw")),
    log:
        "results/logs/demo/{dataset}.log",
    benchmark:
        "results/benchmarks/demo/{dataset}.tsv"
    conda:
        ENVIRONMENT
    params:
        **job("demo", lambda w: config["datasets"][w.dataset]["demo"]),
    shell:
        STEP


rule ingest:
    input:
        raw=raw_input,
    output:
        **store("joints"),
        quarantine=f"{JOINTS}/quarantine.csv",
        coverage=f"{JOINTS}/coverage.json",
        coverage_table=f"{JOINTS}/coverage.md",
    log:
        "results/logs/ingest/{dataset}.log",
    benchmark:
        "results/benchmarks/ingest/{dataset}.tsv"
    retries: tries(240, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["processes"]
    resources:
        **needs(mem_mb=4_000, runtime=240),
    params:
        **job(
            "ingest",
            lambda w: {
                key: config["datasets"][w.dataset][key]
                for key in ("source", "on_bad_clip", "quarantine_limit")
            },
            plugins=lambda w: [f"hmu.sources.{config['datasets'][w.dataset]['source']}"],
            raw=lambda w: (config["datasets"][w.dataset]["raw"], patterns.MOTIONS),
        ),
    shell:
        STEP


rule features:
    input:
        unpack(published_statistics),
        **store("joints"),
    output:
        **store("features"),
        mean=f"{FEATURES}/mean.npy",
        std=f"{FEATURES}/std.npy",
        report=f"{FEATURES}/report.json",
        quarantine=f"{FEATURES}/quarantine.csv",
    log:
        "results/logs/features/{dataset}.log",
    benchmark:
        "results/benchmarks/features/{dataset}.tsv"
    retries: tries(240, resumes=True)
    conda:
        ENVIRONMENT
    threads: config["processes"]
    resources:
        **needs(mem_mb=4_000, runtime=240),
    params:
        **job(
            "features",
            lambda w: {
                **{
                    key: config["datasets"][w.dataset][key]
                    for key in ("statistics", "on_bad_clip", "quarantine_limit")
                },
                "stage": stage_of(w.dataset),
            },
            given=published_statistics,
        ),
    shell:
        STEP
