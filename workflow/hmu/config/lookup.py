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
    found: list[str] | None = _of_dataset(config, given, dataset)
    if found is not None:
        return found
    benchmark = config["datasets"][dataset]["benchmark"]
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


def min_lines(config: Mapping[str, Any], concept: str, dataset: str) -> int:
    """How many lines of a clip's text must match to put it in the forget set of a concept.

    A mapping is looked up as that of keywords is.
    """
    given = config["concepts"][concept]["min_lines"]
    return given if isinstance(given, int) else _of_dataset(config, given, dataset) or 1


def _of_dataset(config: Mapping[str, Any], given: Mapping[str, Any], dataset: str) -> Any:
    """What a mapping says of a dataset, by its name or by its benchmark's; None if nothing."""
    benchmark = config["datasets"][dataset]["benchmark"]
    return next((given[name] for name in (dataset, benchmark) if name in given), None)


def shortest(config: Mapping[str, Any], dataset: str) -> int:
    """Fewest frames of a motion of a dataset."""
    return DatasetSection(**config["datasets"][dataset]).fewest_frames()


def owner(config: Mapping[str, Any], backbone: str, part: str) -> str:
    """The backbone that trains a part: itself, or the one that it shares the part with."""
    given = config["backbones"][backbone]
    other: str | None = given.get("shares")
    return other if other is not None and part in of_kind(given["kind"]).shared else backbone
