"""Which paths of a configuration are absent, cannot be taken, or lack what they should hold."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hmu import registry
from hmu.config.configuration import Configuration
from hmu.errors import InputError
from hmu.io.names import brace_fault
from hmu.official import layout, releases
from hmu.official.sources import DOWNLOAD
from hmu.tables import binding
from hmu.tables.addresses import of_motions


def missing_paths(config: Mapping[str, Any], root: Path = Path()) -> list[str]:
    """A fault for each path that the tables of a validated configuration need and that is absent,
    or that Snakemake cannot take.

    Paths are relative to ``root``, the folder that Snakemake runs in.
    """
    cells = [cell for table in config["tables"] for cell in binding.addresses(config, table)]
    given = Configuration.model_validate(config, strict=False)
    datasets = list(dict.fromkeys(cell.dataset for cell in cells))
    backbones = list(dict.fromkeys(cell.backbone for cell in cells))
    sets = [cell.place(config["sets"])[0] for cell in of_motions(cells)]
    prompts = dict.fromkeys(given.sets[name].prompts for name in sets)
    wanted = {"text_encoder.weights": given.text_encoder.weights}
    for name in datasets:
        for key in ("raw", "word_vectors", "length", "evaluator"):
            wanted[f"datasets.{name}.{key}"] = getattr(given.datasets[name], key)
    for name, each in given.trained().items():
        if name in backbones:
            wanted[f"backbones.{name}.weights"] = each.weights
    for name in prompts:
        for key in registry.literals("prompts", given.prompts[name].kind).get("FILES", ()):
            wanted[f"prompts.{name}.{key}"] = config["prompts"][name][key]
    absent = [
        f"{key}: {path} does not exist; give the path that it has on this machine."
        for key, path in wanted.items()
        if path not in (None, DOWNLOAD) and not (root / path).exists()
    ]
    braced = [fault for key, path in wanted.items() if path and (fault := brace_fault(key, path))]
    return absent or braced or [*_official_faults(given, datasets, backbones, root)]


def _official_faults(
    config: Configuration, datasets: list[str], backbones: list[str], root: Path
) -> Iterator[str]:
    """What the directories of official files lack."""
    trained = config.trained()
    for name, backbone in trained.items():
        tokenizer = trained[backbone.shares or name].weights
        for part in backbone.parts() if backbone.weights else ():
            if name in backbones and (backbone.shares is None or part not in backbone.shared):
                key = f"backbones.{name}.weights"
                yield from _lacking(key, backbone.weights, backbone.kind, part, root, tokenizer)
    for name in datasets:
        for part in ("length", "evaluator"):
            folder = getattr(config.datasets[name], part)
            yield from _lacking(f"datasets.{name}.{part}", folder, None, part, root)


def _lacking(
    key: str,
    folder: str | None,
    kind: str | None,
    part: str,
    root: Path,
    tokenizer: str | None = None,
) -> Iterator[str]:
    if folder is None or folder == DOWNLOAD:
        return
    try:
        layout.inputs(
            releases.parts(kind), part, root / folder, tokenizer=root / (tokenizer or folder)
        )
    except InputError as error:
        yield f"{key}: {error}"
