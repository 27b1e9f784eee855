"""What a configuration may say of MoMask; the defaults are the paper's."""

import math
from collections.abc import Iterator

from pydantic import Field

from hmu.sections.backbone import Trained
from hmu.sections.tokenizer import UNIT_LENGTH, TokenizerSection
from hmu.sections.transformer import MaskedSection, ResidualSection


class Section(Trained):
    """A text-to-motion model: sizes and training of its three parts, or official weights."""

    shared = ("tokenizer", "residual")
    in_paper = True

    tokenizer: TokenizerSection = Field(
        default=TokenizerSection(), description="The motion tokenizer, a residual VQ-VAE."
    )
    masked: MaskedSection = Field(
        default=MaskedSection(),
        description="The masked transformer, which generates the tokens of the first layer.",
    )
    residual: ResidualSection = Field(
        default=ResidualSection(),
        description="The residual transformer, which generates the tokens of the other layers.",
    )

    def fewest_frames(self) -> tuple[int, str]:
        """A crop of it must begin at any frame of a token."""
        a_token = self.tokenizer.frames_per_token
        shortest = max(UNIT_LENGTH, a_token - 1 + math.gcd(a_token, UNIT_LENGTH))
        return shortest, f"{a_token} frames a token"

    def faults(self, key: str) -> Iterator[str]:
        """Those of the parts, and no layer left for the residual transformer."""
        yield from super().faults(key)
        if self.tokenizer.quantizers < 2:
            yield f"{key}.tokenizer.quantizers: is {self.tokenizer.quantizers}; write at least 2."
