"""`hmu cells`: the address of every cell of the configured tables, with its value if it has one."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from hmu import config, paths
from hmu.io import files
from hmu.tables import binding
from hmu.tables.addresses import KEYS
from hmu.tables.writers import number, of_cell, paper_of


def cells_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="FILE")
    parser.add_argument("--results", type=Path, default=Path(paths.RESULTS), metavar="FOLDER")


def cells(arguments: Namespace) -> int:
    """List the cells of the tables of a configuration, a line each.

    First the path, which `snakemake` takes to make that cell alone and `hmu lineage` to explain
    it; then dataset, backbone, concept, variant, set and metric; then what is known once it is
    made: value ± the benchmark's spread over the repeats, repeats, n, and the paper's value if it
    is comparable.
    """
    configured = config.load(arguments.config)
    for table in configured["tables"]:
        for address in binding.addresses(configured, table):
            path = arguments.results / Path(address.path()).relative_to(paths.RESULTS)
            known = _measured(files.read_json(path)) if path.is_file() else []
            measured = ", ".join(filter(None, (getattr(address, key) for key in KEYS)))
            print("  ".join([str(path), f"({measured})", *known]))
    return 0


def _measured(cell: dict[str, Any]) -> list[str]:
    paper = [f"paper {paper_of(cell, ' ± ')}"] if cell["paper"] else []
    if cell["value"] is None:
        return ["undefined" if "undefined" in cell else "unknown", *paper]
    if cell["interval"] is None:
        return [of_cell(cell), *paper]
    return [
        f"{of_cell(cell)} ± {number(cell['interval'])}",
        f"{cell['repeats']} repeats, n = {cell['n']}",
        *paper,
    ]
