# Cells and tables. A cell's path is its address: table, row, set and metric.


rule cell:
    input:
        metric=lambda w: METRIC.format(**address(w).wildcards()),
    output:
        cell="results/cells/{table}/{row}/{column}.json",
    log:
        "results/logs/cells/{table}/{row}/{column}.log",
    benchmark:
        "results/benchmarks/cells/{table}/{row}/{column}.tsv"
    group:
        "measure"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1_000,
        runtime=5,
    params:
        **job(
            "cell",
            lambda w: {
                **address(w).record(),
                "paper_comparable": configuration.paper_comparable(config, address(w).dataset),
            },
        ),
    shell:
        STEP


rule tables:
    input:
        cells=[f"results/cells/{'/'.join(key)}.json" for key in ADDRESSES],
        layouts=sorted({layout_of(entry["layout"]) for entry in config["tables"].values()}),
    output:
        tables=report(
            directory("results/tables"),
            patterns=["{page}.html"],
            category="Tables",
            labels={"table": "{page}"},
        ),
    log:
        "results/logs/tables.log",
    benchmark:
        "results/benchmarks/tables.tsv"
    conda:
        ENVIRONMENT
    params:
        **job("tables", lambda w: {"tables": config["tables"], "variants": config["variants"]}),
    shell:
        STEP
