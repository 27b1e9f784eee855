"""What is wrong with a whole configuration, known from its plugins and from the files that it names
before anything runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu.config.configuration import Configuration
from hmu.config.contents import of_files
from hmu.config.edits import of_edits, of_methods
from hmu.config.files import missing_paths
from hmu.config.prompts import of_prompts
from hmu.tables import binding
from hmu.tables.addresses import of_motions


def faults(config: Mapping[str, Any], root: Path = Path()) -> list[str]:
    """The faults of a validated configuration, each with the key and what to do; what files hold is
    looked at where none is absent. Paths are relative to ``root``, the folder that Snakemake runs
    in."""
    if first := dict.fromkeys([*of_methods(config), *missing_paths(config, root)]):
        return [*first]
    cells = [cell for table in config["tables"] for cell in binding.addresses(config, table)]
    given = Configuration.model_validate(config, strict=False)
    datasets = list(dict.fromkeys(cell.dataset for cell in cells))
    backbones = list(dict.fromkeys(cell.backbone for cell in cells))
    found = [
        *of_edits(config, cells, root),
        *of_prompts(config, of_motions(cells), root),
        *of_files(given, datasets, backbones, root),
    ]
    return list(dict.fromkeys(found))
