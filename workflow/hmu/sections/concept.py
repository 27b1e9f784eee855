"""A concept: the words that put a clip in the forget set."""

from typing import Annotated, Literal

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


class ConceptSection(Section):
    """A concept: the words that put a clip in the forget set."""

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
