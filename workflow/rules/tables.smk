# Cells and tables. A cell's path is where it stands: table, row and column.


include: "inputs/tables.smk"


rule cell:
    input:
        metric=lambda w: address(w).values(config["sets"]),
    output:
        cell=paths.cell("{table}", "{row}", "{column}"),
    log:
        "results/logs/cell/{table}/{row}/{column}.log",
    benchmark:
        "results/benchmarks/cell/{table}/{row}/{column}.tsv"
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
                "cell": address(w).record(),
                "paper_comparable": (address(w).dataset, address(w).backbone) in COMPARABLE,
            },
        ),
    shell:
        STEP


# What a row's model took to make, from the lineage records beside its files.
rule cost:
    input:
        unpack(delta_of),
        original=original_of,
    output:
        cost=paths.cost("{dataset}", "{backbone}", "{concept}", "{variant}"),
    log:
        "results/logs/cost/{dataset}/{backbone}/{concept}/{variant}.log",
    benchmark:
        "results/benchmarks/cost/{dataset}/{backbone}/{concept}/{variant}.tsv"
    group:
        "measure"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=1_000,
        runtime=5,
    params:
        **job("cost"),
    shell:
        STEP


# Whether the rows of a table differ: a paired bootstrap of all of them at once.
rule differences:
    input:
        unpack(differences_inputs),
    output:
        differences=paths.differences("{table}"),
    log:
        paths.log("differences", "{table}"),
    benchmark:
        paths.benchmark("differences", "{table}")
    wildcard_constraints:
        table="|".join(map(re.escape, config["tables"])),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("differences", lambda w: {"table": w.table, "sets": sets_of_table(w.table)}),
    shell:
        STEP


# What the detectors behind a table are worth.
rule detection:
    input:
        unpack(detection_inputs),
    output:
        detection=paths.detection("{table}"),
    log:
        paths.log("detection", "{table}"),
    benchmark:
        paths.benchmark("detection", "{table}")
    wildcard_constraints:
        table=either(config["tables"]),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("detection", detection_settings),
    shell:
        STEP


# How well the metrics of a table tell models with the concept from models without it.
rule faithfulness:
    input:
        cells=lambda w: [cell.path() for cell in of_motions(CELLS[w.table])],
        layout=lambda w: layout_of(config["tables"][w.table]["layout"]),
    output:
        faithfulness=paths.faithfulness("{table}", "json"),
        page=report(
            paths.faithfulness("{table}", "md"),
            caption="../report/faithfulness.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
    log:
        paths.log("faithfulness", "{table}"),
    benchmark:
        paths.benchmark("faithfulness", "{table}")
    wildcard_constraints:
        table=either(OF_FAITHFULNESS),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("faithfulness", lambda w: {"table": w.table, **binding.settings(config)}),
    shell:
        STEP
