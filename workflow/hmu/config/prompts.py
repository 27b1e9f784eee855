"""Prompts that are written already, in a file or a list of ours: what is wrong with them is known
before anything runs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hmu import registry
from hmu.config.lookup import keywords, prompt_concepts
from hmu.errors import InputError
from hmu.evaluation import prompts as evaluated
from hmu.interface.prompts import Prompt, PromptContext
from hmu.tables.addresses import REAL, CellAddress, subjects


def of_prompts(
    config: Mapping[str, Any], cells: Sequence[CellAddress], root: Path
) -> Iterator[str]:
    """Prompts that cannot be taken, too few for a set, or without the real motions that a column
    compares with; of the sets of ``cells``, which are of motions. Paths are relative to ``root``.
    """
    shown: dict[tuple[str, str], list[CellAddress]] = {}
    for cell in cells:
        name, _ = cell.place(config["sets"])
        shown.setdefault((config["sets"][name]["prompts"], cell.dataset), []).append(cell)
    for (source, dataset), own in shown.items():
        kind = config["prompts"][source]["kind"]
        if registry.literals("prompts", kind).get("WRITTEN"):
            try:
                prompts = _taken(config, source, dataset, root)
            except InputError as error:
                yield f"prompts.{source}: {error}"
                continue
            yield from _too_few(config, own, source, prompts)
            yield from _without_motions(own, source, prompts)


def _taken(config: Mapping[str, Any], source: str, dataset: str, root: Path) -> list[Prompt]:
    """The prompts of a source that do not hold a keyword as it is written. Others may be left out
    when they are tagged."""
    given = config["prompts"][source]
    plugin, concepts = registry.load("prompts", given["kind"]), prompt_concepts(given)
    words = {name: tuple(keywords(config, name, dataset)) for name in concepts}
    files = {name: root / given[name] for name in plugin.FILES}
    context = PromptContext(None, given, files, words, config["seed"])
    unspoken = [word for each in words.values() for word in each]
    kept, rejected = evaluated.sifted(plugin.prompts(context), unspoken, lambda text: "")
    if rejected and not kept:
        raise InputError(evaluated.none_taken(rejected, concepts))
    return [*evaluated.checked(kept, ", ".join(map(str, files.values())) or given["kind"])]


def _too_few(
    config: Mapping[str, Any], cells: Sequence[CellAddress], source: str, prompts: Sequence[Prompt]
) -> Iterator[str]:
    """Sets that cannot fill a pool: those of a concept's clips are of prompts with a sample."""
    protocol, least, remedy = config["evaluation"], 1, "add some"
    if protocol["last_pool"] == "dropped":
        least = protocol["pool"]
        remedy = "add some, lower evaluation.pool, or write evaluation.last_pool: kept"
    for name in dict.fromkeys(cell.place(config["sets"])[0] for cell in cells):
        every = config["sets"][name]["clips"] == "all"
        count = sum(every or prompt.sample is not None for prompt in prompts)
        if count < least:
            stand = "" if every else " that stand for a clip"
            yield (
                f"prompts.{source}: has {count} prompts{stand}, and the set {name!r} needs "
                f"{least}; {remedy}."
            )


def _without_motions(
    cells: Sequence[CellAddress], source: str, prompts: Sequence[Prompt]
) -> Iterator[str]:
    """Columns that compare with real motions, where a prompt stands for none."""
    alone = next((prompt.name for prompt in prompts if prompt.sample is None), None)
    comparing = [
        cell
        for cell in cells
        if cell.variant == REAL or {"real", "all_real"} & subjects(cell.metric)
    ]
    if alone is not None and comparing:
        cell = comparing[0]
        yield (
            f"tables.{cell.table}, row {cell.row!r}, column {cell.column!r}: compares with real "
            f"motions, and the prompt {alone!r} of prompts.{source} stands for none; give its "
            "`sample`, or leave the column out."
        )
