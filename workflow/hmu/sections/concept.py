"""A concept: the words that put a clip in the forget set."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from hmu.sections.base import Section

_Word = Annotated[str, Field(pattern=r"^[^\r\n#]+$(?!\n)", description="A keyword.")]
Words = Annotated[
    tuple[_Word, ...],
    Field(
        strict=False,  # a list will do
        min_length=1,
        json_schema_extra={"uniqueItems": True},
        description="Keywords, taken literally and case-sensitively.",
    ),
]


Lines = Annotated[int, Field(ge=1, description="Lines.")]


class ConceptSection(Section):
    """A concept: the words that put a clip in the forget set."""

    reference: ClassVar[dict[str, Any]] = {"min_lines": {"HumanML3D": 2}}
    """What the paper's code does otherwise: its night script goes through HumanML3D alone."""

    keywords: Words | Annotated[dict[str, Words], Field(min_length=1)] = Field(
        description="Keywords: a list for every dataset, or a list for each dataset by its name "
        "or its benchmark's name.",
    )
    matching: Literal["substring", "lemma"] = Field(
        default="substring",
        description="substring: a clip is forgotten when any line of its text file contains a "
        "keyword, the benchmark's protocol; lemma: when a keyword is a whole word among its "
        "tokens.",
    )
    min_lines: Lines | Annotated[dict[str, Lines], Field(min_length=1)] = Field(
        default=1,
        description="How many lines of a clip's text file must match to put it in the forget set: "
        "a number for every dataset, or by a dataset's name or its benchmark's name, 1 for others. "
        "The script that makes all results of the paper's code asks for two on HumanML3D.",
    )
