"""`hmu cells`: the address of every cell of the configured tables, with its value if it has one."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from hmu import config
from hmu.io import files
from hmu.tables import layouts


def cells_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="FILE")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")


def cells(arguments: Namespace) -> int:
    """List the cells of the tables of a configuration: path, and value ± interval once made.

    A path is what `snakemake` takes to make that cell alone, and `hmu lineage` to explain it.
    """
    configured = config.load(arguments.config)
    for table in configured["tables"]:
        for address in layouts.addresses(configured, table):
            path = arguments.results / address.path()
            value = ""
            if path.is_file():
                cell = files.read_json(path)
                value = f"  {cell['value']:.3f} ± {cell['interval']:.3f}"
            print(f"{path}{value}")
    return 0
