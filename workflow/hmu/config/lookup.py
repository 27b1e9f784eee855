"""What follows from a validated configuration for one dataset, concept or backbone."""

from collections.abc import Mapping
from typing import Any

from hmu import registry
from hmu.errors import InputError
from hmu.sections.backbone import of_kind
from hmu.sections.dataset import DatasetSection


def keywords(config: Mapping[str, Any], concept: str, dataset: str) -> list[str]:
    """The keywords of a concept for a dataset.

    A mapping is looked up by the dataset's name, then by its benchmark's. Raises InputError when
    it has neither.
    """
    given = config["concepts"][concept]["keywords"]
    if isinstance(given, list):
        return given
    benchmark = config["datasets"][dataset]["benchmark"]
    for name in (dataset, benchmark):
        if name in given:
            found: list[str] = given[name]
            return found
    raise InputError(
        f"concepts.{concept}.keywords: has none for the dataset {dataset!r}; "
        f"add a list named {dataset!r}{f' or {benchmark!r}' if benchmark else ''}."
    )


def prompt_concepts(prompts: Mapping[str, Any]) -> list[str]:
    """The concepts that a source of prompts names, by the CONCEPTS of its kind, each once."""
    kind: str = prompts["kind"]
    named: list[Any] = []
    if kind not in registry.names("prompts"):
        return []
    for param in registry.literals("prompts", kind).get("CONCEPTS", ()):
        value = prompts.get(param)
        named += value if isinstance(value, list) else [value]
    return list(dict.fromkeys(name for name in named if isinstance(name, str)))


def shortest(config: Mapping[str, Any], dataset: str) -> int:
    """Fewest frames of a motion of a dataset."""
    return DatasetSection(**config["datasets"][dataset]).fewest_frames()


def owner(config: Mapping[str, Any], backbone: str, part: str) -> str:
    """The backbone that trains a part: itself, or the one that it shares the part with."""
    given = config["backbones"][backbone]
    other: str | None = given.get("shares")
    return other if other is not None and part in of_kind(given["kind"]).shared else backbone
