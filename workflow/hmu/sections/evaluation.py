"""How generated motions are measured."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from hmu.sections.base import Section


class Protocol(Section):
    """Which samples are measured, and how often."""

    repeats: int = Field(
        default=20,
        ge=2,
        description="Repeats of generation and measurement; the interval of a cell comes from "
        "them.",
    )
    pool: int = Field(
        default=32,
        ge=2,
        description="Samples in a pool of R-precision.",
    )
    last_pool: Literal["dropped", "kept"] = Field(
        default="dropped",
        description="What becomes of the samples of a repeat that do not fill a last pool. "
        "dropped: they are not measured, as in MoMask's and BAMM's code; kept: they are, in a pool "
        "of their own, smaller and so easier, as in the paper's code.",
    )
    captions: Literal["all", "one"] = Field(
        default="all",
        description="Which captions are samples. all: every caption of a motion, as in the "
        "paper's code; one: one caption drawn for each motion, as in MoMask's.",
    )


class Multimodality(Section):
    """How MultiModality is measured."""

    pools: int = Field(
        default=3,
        ge=1,
        description="Pools of each repeat, the first ones, whose prompts are generated several "
        "times, if a table asks for MultiModality.",
    )
    draws: int = Field(
        default=30,
        ge=2,
        description="Motions of each of these prompts of which pairs are drawn. Those in no pair "
        "are never generated.",
    )
    pairs: int = Field(
        default=10,
        ge=1,
        description="Pairs of these motions whose distance is averaged; at most as many as draws.",
    )

    def faults(self, key: str) -> Iterator[str]:
        """More pairs than motions that they are drawn from."""
        if self.pairs > self.draws:
            yield f"{key}.pairs: is {self.pairs}; write at most {self.draws} (draws)."


class EvaluationSection(Protocol):
    """How generated motions are measured."""

    reference: ClassVar[dict[str, Any]] = {
        "mm_safe": "reference",
        "decoded": "reference",
        "last_pool": "kept",
    }
    """What the paper's code does otherwise."""

    mm_safe: Literal["paper", "reference"] = Field(
        default="paper",
        description="Arithmetic of MM-Safe. paper: the mean over all samples, as the paper "
        "defines it; reference: that of the paper's code, which adds only pools in which a word "
        "was masked and divides by all samples.",
    )
    decoded: Literal["rescaled", "reference"] = Field(
        default="rescaled",
        description="Scale in which the evaluator sees generated motions. rescaled: its own, as "
        "it sees real ones; reference: as the tokenizer decodes them, as in the paper's code. "
        "They differ only where tokenizer and evaluator were trained with another mean and std, "
        "as official files may have been.",
    )
    diversity_pairs: int = Field(
        default=300,
        ge=1,
        description="Pairs of motions whose distance is averaged for Diversity; all when there "
        "are fewer.",
    )
    multimodality: Multimodality = Field(
        default=Multimodality(), description="How MultiModality is measured."
    )

    def faults(self, key: str) -> Iterator[str]:
        """Those of MultiModality."""
        yield from self.multimodality.faults(f"{key}.multimodality")
