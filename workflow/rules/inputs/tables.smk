# The cells of the configured tables.

from functools import cache

ADDRESSES = {
    (cell.table, cell.row, cell.column): cell for cells in CELLS.values() for cell in cells
}
# Those that are of motions in a set; a cost is of the model alone.
MEASURED = of_motions(ADDRESSES.values())
DATASETS_USED = sorted({cell.dataset for cell in ADDRESSES.values()})
# What each source of prompts gave that some set of a table takes its prompts from.
SOURCES_USED = sorted(
    {
        paths.prompt_notes(cell.dataset, config["sets"][name]["prompts"], "origin.json")
        for cell in MEASURED
        for name, _ in [cell.place(config["sets"])]
    }
)
CUTS = cuts.of_tables(config, CELLS)
COMPARABLE = configuration.paper_comparable(config)
# What all tables are told, on their pages and in the report.
TABLES_TOLD = {
    **binding.settings(config),
    "arithmetic": arithmetic.said(config),
    "cuts": CUTS,
    "evaluators": second_evaluator.of_tables(config, CELLS),
}


# The tables that ask how faithful their metrics are.
OF_FAITHFULNESS = [name for name, bound in BOUND.items() if bound.layout == "faithfulness"]


if workflow.is_main_process:
    for warning in (*arithmetic.said(config), *binding.unshown(config, ADDRESSES.values())):
        print(warning, file=sys.stderr)


def cells_of_tables(wildcards):
    """All cells. Snakemake makes no missing input again of what is there itself, and would call the
    tables up to date when a cell was deleted: they are then made again, and so is the cell."""
    cells = [paths.cell(*key) for key in ADDRESSES]
    here = Path(RESULTS).parent
    if (here / paths.tables()).exists() and not all((here / cell).exists() for cell in cells):
        workflow.dag.forcefiles.add(str(here / paths.tables()))
    return cells


def original_of(wildcards):
    """The weights of all parts of the original, with which every row of a backbone begins."""
    return [weights(part, "all")[part](wildcards) for part in parts(wildcards.backbone)]


def layout_of(name):
    return users(os.path.relpath(layout_files.path_of(name)))


# Those of the tables, and those of the paper, whose values the audit reads.
LAYOUTS = sorted(
    map(layout_of, {*layout_files.of_paper(), *(t["layout"] for t in config["tables"].values())})
)


def address(wildcards):
    """The cell of a path. Ends the run, saying which there are, when no table has it."""
    key = (wildcards.table, wildcards.row, wildcards.column)
    if key not in ADDRESSES:
        # Not an error of Snakemake's, which would come with a traceback.
        raise SystemExit(no_such_cell(paths.cell(*key), ADDRESSES.values()))
    return ADDRESSES[key]


@cache
def sets_of_table(table):
    """What a table shows, by the set that it is measured on: the cells of each."""
    found = {}
    for cell in of_motions(CELLS[table]):
        where = (cell.dataset, paths.place(*cell.place(config["sets"])))
        found.setdefault(where, []).append([cell.row, cell.column, cell.metric])
    return [
        {"dataset": dataset, "place": place, "cells": cells}
        for (dataset, place), cells in found.items()
    ]


@cache
def detectors_of_table(table):
    """The detectors behind a table, by dataset and concept, each with the cells that it measures in
    motions of models."""
    found = {}
    for cell in CELLS[table]:
        if not by_model(cell.metric, "detector"):
            continue
        own = found.setdefault((cell.dataset, cell.concept), [])
        if cell.variant != paths.REAL:
            own.append(cell)
    return found


def calibration_of(dataset, concept):
    """What the detector of a concept is worth."""
    return DETECTOR["calibration"].format(dataset=dataset, concept=concept)


def backbones_of(cells):
    return list(dict.fromkeys(cell.backbone for cell in cells))


def ranked(cells):
    """Those by which models are brought into an order: of how much they forgot."""
    sets = {cell: cell.place(config["sets"])[0] for cell in cells if cell.metric == "presence"}
    return [cell for cell, name in sets.items() if config["sets"][name]["clips"] == "forget"]


def detection_settings(wildcards):
    return {
        "detectors": [
            {
                "dataset": dataset,
                "concept": concept,
                "backbones": backbones_of(cells),
                "cells": [f"the {cell.set} set, {cell.backbone}" for cell in ranked(cells)],
            }
            for (dataset, concept), cells in detectors_of_table(wildcards.table).items()
        ]
    }


def detection_inputs(wildcards):
    """Of each detector its calibration, its rate where the original is not asked for the concept,
    and the values by both seeds."""
    found = {}
    detectors = detectors_of_table(wildcards.table)
    for number, ((dataset, concept), cells) in enumerate(detectors.items()):
        found |= {
            f"calibration/{number}": calibration_of(dataset, concept),
            f"fires/{number}": [
                original_presence(wildcards.table, dataset, backbone, concept)
                for backbone in backbones_of(cells)
                if BOUND[wildcards.table].original
            ],
            f"values/{number}": [cell.values(config["sets"]) for cell in ranked(cells)],
        }
    return found


def original_presence(table, dataset, backbone, concept):
    """Presence of a concept in what the original makes of retain prompts."""
    who = paths.measured(backbone, BOUND[table].original)
    place = paths.place("retain", concept)
    return paths.metric(dataset, who, concept, place, "presence", "values.json")


def differences_inputs(wildcards):
    """Of each set of a table its plan and requests, and of its cells the metrics' files."""
    found = {}
    for number, each in enumerate(sets_of_table(wildcards.table)):
        dataset, place = each["dataset"], each["place"]
        cells = [ADDRESSES[wildcards.table, row, column] for row, column, _ in each["cells"]]
        found |= {
            f"rows/{number}": paths.rows(dataset, place, "plan"),
            f"requests/{number}": tables_of(dataset, source_of(place))["requests"],
            f"values/{number}": [cell.values(config["sets"]) for cell in cells],
            f"motions/{number}": [cell.motions(config["sets"]) for cell in cells],
        }
    return found
