"""Which paths of a configuration are absent, cannot be taken, or lack what they should hold."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hmu import registry
from hmu.config.configuration import Configuration
from hmu.errors import InputError
from hmu.io.names import brace_fault
from hmu.official import layout, releases, tmr
from hmu.official.parts import Part
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
    wanted = _paths(config, datasets, backbones, prompts)
    absent = [
        f"{key}: {path} does not exist; give the path that it has on this machine."
        for key, path in wanted.items()
        if path not in (None, DOWNLOAD) and not (root / path).exists()
    ]
    everything = _paths(config, config["datasets"], config["backbones"], config["prompts"])
    for name, backbone in config["backbones"].items():
        # May be absent as yet: the run makes the table that says what is wanted there.
        everything[f"backbones.{name}.motions"] = backbone.get("motions")
    braced = [f for key, path in everything.items() if path and (f := brace_fault(key, path))]
    return absent or braced or [*_official_faults(given, datasets, backbones, root)]


def _paths(
    config: Mapping[str, Any],
    datasets: Iterable[str],
    backbones: Iterable[str],
    prompts: Iterable[str],
) -> dict[str, str | None]:
    """The paths that the configuration gives for these, by their keys."""
    found = {"text_encoder.weights": config["text_encoder"]["weights"]}
    for name in datasets:
        for key in ("raw", "word_vectors", "length", "evaluator", "tmr", "token_embeddings"):
            found[f"datasets.{name}.{key}"] = config["datasets"][name][key]
    for name in backbones:
        found[f"backbones.{name}.weights"] = config["backbones"][name].get("weights")
    for name in prompts:
        for key in registry.literals("prompts", config["prompts"][name]["kind"]).get("FILES", ()):
            found[f"prompts.{name}.{key}"] = config["prompts"][name][key]
    return found


def _official_faults(
    config: Configuration, datasets: list[str], backbones: list[str], root: Path
) -> Iterator[str]:
    """What the directories of official files lack."""
    for name, backbone in config.trained().items():
        if name in backbones and backbone.weights not in (None, DOWNLOAD):
            yield from _lacking_parts(config, name, root)
    for name in datasets:
        for part in ("length", "evaluator"):
            folder = getattr(config.datasets[name], part)
            if folder not in (None, DOWNLOAD):
                key = f"datasets.{name}.{part}"
                yield from _found(key, releases.parts(None), part, root / folder)[1]
        for key, find in (("tmr", tmr.checkpoint), ("token_embeddings", tmr.token_embeddings)):
            if folder := getattr(config.datasets[name], key):
                try:
                    find(root / folder)
                except InputError as error:
                    yield f"datasets.{name}.{key}: {error}"


def _lacking_parts(config: Configuration, name: str, root: Path) -> Iterator[str]:
    """What the directory of a backbone lacks, and that it has no weights of the name it gives."""
    trained = config.trained()
    backbone = trained[name]
    tokenizer = trained[backbone.shares or name].weights or backbone.weights
    weights = []
    for part in backbone.parts():
        if backbone.shares is None or part not in backbone.shared:
            found, faults = _found(
                f"backbones.{name}.weights",
                releases.parts(backbone.kind),
                part,
                root / str(backbone.weights),
                backbone.file,
                root / str(tokenizer),
            )
            weights += [found["weights"].name] if found else []
            yield from faults
    if backbone.file is not None and backbone.file not in weights:
        yield (
            f"backbones.{name}.file: no part in {backbone.weights} has weights named "
            f"{backbone.file!r}; correct it, or leave it out."
        )


def _found(
    key: str, parts: Mapping[str, Part], part: str, folder: Path, *more: Any
) -> tuple[dict[str, Path], list[str]]:
    """The official files of a part, and what is wrong with them or with their names."""
    try:
        found = layout.inputs(parts, part, folder, *more)
    except InputError as error:
        return {}, [f"{key}: {error}"]
    faults = (brace_fault(key, str(path)) for path in found.values())
    return found, [fault for fault in faults if fault]
