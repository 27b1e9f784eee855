"""CLIP's text tower."""

from collections.abc import Iterator

from pydantic import Field

from hmu.sections.base import Section, multiple


class ClipSizes(Section):
    """Sizes of the text tower; the defaults are those of ViT-B/32."""

    width: int = Field(default=512, ge=1)
    heads: int = Field(default=8, ge=1)
    layers: int = Field(default=12, ge=1)
    dim: int = Field(default=512, ge=1)
    context: int = Field(default=77, ge=1)
    vocabulary: int = Field(default=49408, ge=1)


class TextEncoderSection(Section):
    """The CLIP text tower that encodes captions for the transformers and the length estimator."""

    weights: str | None = Field(
        default=None,
        min_length=1,
        description="Path of OpenAI's ViT-B-32.pt, the paper's encoder, or download for the "
        "public one; null lets the pipeline make a small one of the sizes below.",
    )
    width: int = Field(
        default=128,
        ge=1,
        description="Width of the small encoder; a multiple of heads. Unused with weights.",
    )
    layers: int = Field(
        default=2, ge=1, description="Layers of the small encoder. Unused with weights."
    )
    heads: int = Field(
        default=4, ge=1, description="Attention heads of the small encoder. Unused with weights."
    )
    dim: int = Field(
        default=128,
        ge=1,
        description="Values in an embedding of the small encoder. Unused with weights.",
    )

    def faults(self, key: str) -> Iterator[str]:
        """Heads that cannot share the width."""
        yield from multiple(key, self, "width", "heads")
