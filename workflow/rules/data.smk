# Raw data -> joints -> features.


rule demo:
    output:
        raw=directory(f"{DATA}/raw"),
    log:
        "results/logs/{dataset}/demo.log",
    benchmark:
        "results/benchmarks/{dataset}/demo.tsv"
    conda:
        ENVIRONMENT
    params:
        **job("demo", lambda w: config["datasets"][w.dataset]["demo"]),
    shell:
        STEP


rule ingest:
    input:
        raw=lambda w: raw_of(w.dataset),
    output:
        **store("joints"),
        quarantine=f"{DATA}/joints/quarantine.csv",
        coverage=f"{DATA}/coverage.json",
        coverage_table=f"{DATA}/coverage.md",
    log:
        "results/logs/{dataset}/ingest.log",
    benchmark:
        "results/benchmarks/{dataset}/ingest.tsv"
    conda:
        ENVIRONMENT
    threads: config["processes"]
    resources:
        mem_mb=4_000,
        runtime=240,
    params:
        **job(
            "ingest",
            lambda w: {
                key: config["datasets"][w.dataset][key]
                for key in ("source", "on_bad_clip", "quarantine_limit")
            },
            plugins=lambda w: [f"hmu.sources.{config['datasets'][w.dataset]['source']}"],
            raw=lambda w: config["datasets"][w.dataset]["raw"],
        ),
    shell:
        STEP


rule features:
    input:
        unpack(published_statistics),
        **store("joints"),
    output:
        **store("features"),
        mean=f"{DATA}/features/mean.npy",
        std=f"{DATA}/features/std.npy",
        report=f"{DATA}/features/report.json",
        quarantine=f"{DATA}/features/quarantine.csv",
    log:
        "results/logs/{dataset}/features.log",
    benchmark:
        "results/benchmarks/{dataset}/features.tsv"
    conda:
        ENVIRONMENT
    threads: config["processes"]
    resources:
        mem_mb=4_000,
        runtime=240,
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
        ),
    shell:
        STEP
