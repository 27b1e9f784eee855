"""What is wrong with the edits that tables show, as far as their methods and the files of these can
tell before anything runs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hmu import registry
from hmu.config.lookup import keywords
from hmu.interface.methods import Planned
from hmu.sections.text_encoder import ClipSizes
from hmu.tables.addresses import CellAddress
from hmu.unlearning import checks, declaration
from hmu.unlearning.declaration import Declaration


def of_methods(config: Mapping[str, Any]) -> Iterator[str]:
    """Faults of the literals of all variants' methods, and parameters that nobody reads."""
    parts = {part for backbone in config["backbones"].values() for part in _parts(backbone)}
    yield from declaration.faults(config["variants"], config["concepts"], sorted(parts))


def of_edits(config: Mapping[str, Any], cells: Sequence[CellAddress], root: Path) -> Iterator[str]:
    """Parameters that a model's sizes, a concept's words or the content of files do not allow, of
    variants whose methods have no faults. Paths are relative to ``root``."""
    shown = [cell for cell in cells if cell.variant in config["variants"]]
    pairs = [(cell.backbone, cell.variant) for cell in shown]
    yield from declaration.out_of_bounds(config["variants"], config["backbones"], pairs)
    every = dict.fromkeys((c.backbone, c.concept, c.dataset, c.variant) for c in shown)
    yield from checks.faults(_planned(config, *each, root) for each in every)


def _planned(
    config: Mapping[str, Any], backbone: str, concept: str, dataset: str, variant: str, root: Path
) -> Planned:
    """What is known of the edit at an address."""
    section, encoder = config["backbones"][backbone], config["text_encoder"]
    declared = Declaration.of(config["variants"][variant])
    return Planned(
        declared.method,
        declared.params,
        {"backbone": backbone, "concept": concept, "dataset": dataset, "variant": variant},
        keywords(config, concept, dataset) if "keywords" in declared.inputs else (),
        {part: section[part] for part in _parts(section)},
        ClipSizes().dim if encoder["weights"] else encoder["dim"],
        {name: [root / path for path in paths] for name, paths in declared.files.items()},
    )


def _parts(backbone: Mapping[str, Any]) -> list[str]:
    return [*registry.literals("backbones", backbone["kind"])["PARTS"]]
