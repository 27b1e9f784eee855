"""What encodes captions: CLIP's text tower, or word vectors."""

from pydantic import Field

from hmu.sections.base import Section


class ClipSizes(Section):
    """Sizes of the text tower; the defaults are those of ViT-B/32."""

    width: int = Field(default=512, ge=1)
    heads: int = Field(default=8, ge=1)
    layers: int = Field(default=12, ge=1)
    dim: int = Field(default=512, ge=1)
    context: int = Field(default=77, ge=1)
    vocabulary: int = Field(default=49408, ge=1)


class WordSizes(Section):
    """Sizes of the word vectors; the defaults are all that the package wordllama has."""

    dim: int = Field(default=256, ge=1)
    vocabulary: int = Field(default=32_000, ge=1)


class TextEncoderSection(Section):
    """What encodes captions for the transformers and the length estimator."""

    weights: str | None = Field(
        default=None,
        min_length=1,
        description="Path of OpenAI's ViT-B-32.pt, the paper's encoder, or download for the "
        "public one; null takes the mean of English word vectors, which small runs need no "
        "download for.",
    )
    dim: int = Field(
        default=WordSizes().dim,
        ge=1,
        le=WordSizes().dim,
        description="Values of the word vectors that are read, from the first. Unused with "
        "weights.",
    )
