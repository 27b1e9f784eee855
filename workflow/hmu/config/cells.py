"""What the cells of a configuration's tables need of it."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hmu import registry
from hmu.config import elsewhere, pictures
from hmu.config.configuration import Configuration
from hmu.config.lookup import keywords, prompt_concepts
from hmu.errors import InputError
from hmu.tables import binding, faithfulness
from hmu.tables.addresses import CellAddress, of_motions


def of_cells(config: Configuration) -> Iterator[str]:
    """Addresses that are incomplete, concepts without keywords, motions too short for a model, or
    from elsewhere where a model is meant; pictures of what there is not."""
    plain = config.plain()
    bound = {}
    for table in config.tables:
        try:
            bound[table] = binding.bind(plain, table)
        except InputError as error:
            yield str(error)
            continue
        cells = bound[table].cells
        unknown = [*_keyword_faults(plain, of_motions(cells))]
        yield from unknown or _lacking(plain, of_motions(cells))
        yield from _length_faults(config, cells)
        yield from elsewhere.of_cells(config, of_motions(cells))
        if bound[table].layout == "faithfulness":
            yield from (f"tables.{table}: {said}" for said in faithfulness.faults(bound[table]))

    if len(bound) == len(config.tables):
        yield from pictures.of_curves(plain, bound)
    yield from pictures.of_injections(config)


def _keyword_faults(config: Mapping[str, Any], cells: Sequence[CellAddress]) -> Iterator[str]:
    concepts = {(cell.concept, cell.dataset) for cell in cells}
    concepts |= {(own, c.dataset) for c in cells if (own := c.place(config["sets"])[1]) is not None}
    for cell in cells:
        name, _ = cell.place(config["sets"])
        prompts = config["prompts"][config["sets"][name]["prompts"]]
        concepts |= {(own, cell.dataset) for own in prompt_concepts(prompts)}
    for concept, dataset in sorted(concepts):
        try:
            keywords(config, concept, dataset)
        except InputError as error:
            yield str(error)


def _lacking(config: Mapping[str, Any], cells: Sequence[CellAddress]) -> Iterator[str]:
    """Sources of prompts that know nothing of their concept."""
    sources = {
        (config["sets"][cell.place(config["sets"])[0]]["prompts"], cell.dataset) for cell in cells
    }
    for name, dataset in sorted(sources):
        prompts = config["prompts"][name]
        if knows := registry.literals("prompts", prompts["kind"]).get("KNOWS"):
            words = keywords(config, prompts["concept"], dataset)
            if said := importlib.import_module(knows).lacks(words):
                yield f"prompts.{name}.concept: is {prompts['concept']!r}, and {said}."


def _length_faults(config: Configuration, cells: Sequence[CellAddress]) -> Iterator[str]:
    for dataset, backbone in sorted({(cell.dataset, cell.backbone) for cell in cells}):
        frames = config.datasets[dataset].fewest_frames()
        needed, setting = config.backbones[backbone].fewest_frames()
        if frames < needed:
            yield (
                f"datasets.{dataset}.shortest: is {frames}; write at least {needed} for the "
                f"tokenizer of the backbone {backbone!r} ({setting})."
            )
