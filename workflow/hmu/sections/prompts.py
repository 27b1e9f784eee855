"""Where prompts come from, and the sets of them that are measured."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from hmu.sections.base import Section
from hmu.sections.parametrised import ParametrisedSection

CAPTIONS = "captions"
PROMPTS: Mapping[str, Mapping[str, str]] = {CAPTIONS: {"kind": "captions"}}
"""The prompts that every configuration has."""
SETS: Mapping[str, Mapping[str, str]] = {
    name: {"prompts": CAPTIONS, "clips": name} for name in ("forget", "retain", "all")
}
"""The sets that every configuration has."""


class PromptsSection(ParametrisedSection):
    """Where prompts come from: a kind and its parameters, which stand in the kind's file."""

    plugins: ClassVar = "prompts"
    chosen_by: ClassVar = "kind"

    kind: str = Field(
        description="What they are, a file in hmu/prompts: captions, file, neighbours, "
        "phrase_book, language_model."
    )


class SetSection(Section):
    """Prompts that are measured together."""

    prompts: str = Field(
        default=CAPTIONS, description="Name of the prompts, of the section prompts."
    )
    clips: Literal["forget", "retain", "all"] = Field(
        default="all",
        description="Which of them, by the clips that they stand for: those that a concept "
        "chooses, those that it leaves, or all.",
    )


def completed(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with the prompts and the sets that every one has, under the user's own.

    All prompts of a source are a set of the source's name, unless ``sets`` has one of that name.
    """
    prompts, sets = (config.get(name, {}) for name in ("prompts", "sets"))
    if isinstance(prompts, Mapping):
        prompts = {**PROMPTS, **prompts}
        if isinstance(sets, Mapping):
            whole = {name: {"prompts": name} for name in prompts if name != CAPTIONS}
            sets = {**SETS, **{k: v for k, v in whole.items() if k not in SETS}, **sets}
    return {**config, "prompts": prompts, "sets": sets}
