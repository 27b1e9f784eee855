"""An injection: codes of a concept put into motions that were made for safe prompts."""

from typing import Annotated

from pydantic import Field

from hmu.sections.base import Section


def needed(at: int | None, tokens: int) -> int:
    """Tokens of the shortest motion in which so many can make way there."""
    return (at or 0) + tokens


class InjectionSection(Section):
    """Codes of the first layer that are put into the sequences made for prompts of the retain set
    (the paper's Figure 7)."""

    dataset: str = Field(description="Name of a dataset of this configuration.")
    backbone: str | None = Field(
        default=None,
        description="Name of a backbone of this configuration; the first one, if left out.",
    )
    concept: str = Field(description="Name of the concept whose codes they are.")
    codes: tuple[Annotated[int, Field(ge=0, description="A code.")], ...] = Field(
        default=(),
        strict=False,  # a list will do
        description="The codes, each by itself; the concept's strongest, if left out. Numbers of "
        "codes belong to one tokenizer.",
    )
    strongest: int = Field(
        default=4, ge=1, le=16, description="How many of the strongest, where no codes are named."
    )
    at: int | None = Field(
        default=None,
        ge=0,
        description="The first token that makes way, from 0; null puts the codes in the middle.",
    )
    tokens: int = Field(default=4, ge=1, description="How many tokens make way for a code.")
    prompts: int = Field(
        default=2, ge=1, le=6, description="How many prompts of the retain set, drawn by the seed."
    )
    measured: int = Field(
        default=32,
        ge=1,
        description="In the motions of how many such prompts, those of the picture among them, the "
        "concept's detector looks for it, before and with each code.",
    )
