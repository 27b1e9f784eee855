"""Which paths of a configuration are absent, cannot be taken, or lack what they should hold."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

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
    variants = dict.fromkeys(cell.variant for cell in cells if cell.variant in given.variants)
    wanted = _paths(config, datasets, backbones, prompts, variants)
    absent = [fault for each in wanted if (fault := _absent(each, root))]
    sections = ("datasets", "backbones", "prompts", "variants")
    everything = _paths(config, *(config[section] for section in sections))
    # May be absent as yet: the run makes the table that says what is wanted there.
    everything += [
        _Path(f"backbones.{name}.motions", motions)
        for name, backbone in config["backbones"].items()
        if (motions := backbone.get("motions"))
    ]
    braced = [fault for each in everything if (fault := brace_fault(each.key, each.path))]
    return absent or braced or [*_official_faults(given, datasets, backbones, root)]


class _Path(NamedTuple):
    """A path that a configuration gives, and whether it must be a folder, or else a file."""

    key: str
    path: str
    folder: bool = True


def _paths(
    config: Mapping[str, Any],
    datasets: Iterable[str],
    backbones: Iterable[str],
    prompts: Iterable[str],
    variants: Iterable[str],
) -> list[_Path]:
    """The paths that the configuration gives for these."""
    found = {
        f"datasets.{name}.{key}": config["datasets"][name][key]
        for name in datasets
        for key in ("raw", "word_vectors", "length", "evaluator", "tmr", "token_embeddings")
    }
    for name in backbones:
        found[f"backbones.{name}.weights"] = config["backbones"][name].get("weights")
    paths = [_Path(key, path) for key, path in found.items() if path]
    if weights := config["text_encoder"]["weights"]:
        paths.append(_Path("text_encoder.weights", weights, folder=False))
    plugins = [
        *((f"prompts.{name}", "prompts", config["prompts"][name], "kind") for name in prompts),
        *((f"variants.{name}", "methods", config["variants"][name], "method") for name in variants),
    ]
    for place, room, entry, chosen_by in plugins:
        for key in registry.literals(room, entry[chosen_by]).get("FILES", ()):
            given = entry[key] if isinstance(entry[key], list) else [entry[key]]
            paths += [_Path(f"{place}.{key}", path, folder=False) for path in given if path]
    return paths


def _absent(given: _Path, root: Path) -> str | None:
    """What is wrong with a path that is not there, or is a folder in the place of a file."""
    path = root / given.path
    if given.path == DOWNLOAD or (path.is_dir() if given.folder else path.is_file()):
        return None
    if path.exists():
        one, other = ("file", "folder") if given.folder else ("folder", "file")
        return f"{given.key}: {given.path} is a {one}; give a {other}."
    return f"{given.key}: {given.path} does not exist; give the path that it has on this machine."


def _official_faults(
    config: Configuration, datasets: list[str], backbones: list[str], root: Path
) -> Iterator[str]:
    """What the directories of official files lack."""
    for name, backbone in config.trained().items():
        if name in backbones and backbone.weights not in (None, DOWNLOAD):
            yield from _lacking_parts(config, name, root)
    ours = (
        ("tmr", tmr.checkpoint),
        ("token_embeddings", tmr.token_embeddings),
        ("word_vectors", layout.glove),
    )
    for name in datasets:
        for part in ("length", "evaluator"):
            folder = getattr(config.datasets[name], part)
            if folder not in (None, DOWNLOAD):
                key = f"datasets.{name}.{part}"
                yield from _found(key, releases.parts(None), part, root / folder)[1]
        for key, find in ours:
            if (folder := getattr(config.datasets[name], key)) not in (None, DOWNLOAD):
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
