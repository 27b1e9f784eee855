# Cells and tables. A cell's path is its address: table, row, set and metric.

ADDRESSES = {(cell.table, cell.row, cell.column): cell for cells in CELLS.values() for cell in cells}
DATASETS_USED = sorted({cell.dataset for cell in ADDRESSES.values()})
BASE = [
    *[f"results/models/{{dataset}}/{{backbone}}/all/{part}/model.safetensors" for part in PARTS],
    EVALUATOR["evaluator"],
    "results/models/{dataset}/length/model.safetensors",
]
DEMO_DATASETS = [name for name in DATASETS_USED if not config["datasets"][name]["raw"]]


def layout_of(name):
    return os.path.relpath(tables.path_of(name))


def address(wildcards):
    key = (wildcards.table, wildcards.row, wildcards.column)
    if key not in ADDRESSES:
        columns = [column for table, row, column in ADDRESSES if (table, row) == key[:2]]
        known = f"; row {key[1]!r} has {', '.join(columns)}" if columns else ""
        raise WorkflowError(
            f"results/cells/{'/'.join(key)}.json is no cell of the configured tables{known}. "
            "`hmu cells` lists every address."
        )
    return ADDRESSES[key]


rule cell:
    input:
        metric=lambda w: METRIC.format(**address(w).wildcards()),
    output:
        cell="results/cells/{table}/{row}/{column}.json",
    params:
        job=job(
            "cell",
            lambda w: {
                **address(w).record(),
                "paper_comparable": configuration.paper_comparable(config, address(w).dataset),
            },
        ),
    log:
        "results/logs/cells/{table}/{row}/{column}.log",
    benchmark:
        "results/benchmarks/cells/{table}/{row}/{column}.tsv"
    group:
        "measure"
    shell:
        STEP


rule tables:
    input:
        cells=[f"results/cells/{'/'.join(key)}.json" for key in ADDRESSES],
        layouts=sorted({layout_of(entry["layout"]) for entry in config["tables"].values()}),
    output:
        tables=directory("results/tables"),
    params:
        job=job("tables", lambda w: {"tables": config["tables"], "variants": config["variants"]}),
    log:
        "results/logs/tables.log",
    benchmark:
        "results/benchmarks/tables.tsv"
    shell:
        STEP
