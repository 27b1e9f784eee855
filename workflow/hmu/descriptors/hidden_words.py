"""How many words of a caption are hidden behind ``***``: where masking changed anything."""

from collections.abc import Sequence

import numpy as np

from hmu.interface.descriptors import Descriptor, DescriptorContext, Motion
from hmu.text.vectors import MASK

SEES: tuple[str, ...] = ()
MODELS: tuple[str, ...] = ()
SETTINGS: tuple[str, ...] = ()


def load(context: DescriptorContext) -> Descriptor:
    """It needs nothing of the context."""
    return HiddenWords()


class HiddenWords:
    """Describes texts alone."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        """No motion has words."""
        raise TypeError("hidden_words describes texts, not motions")

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        """The number of words with ``***`` in them, (texts, 1)."""
        counts = [sum(MASK in word for word in text.split(" ")) for text in tokens]
        return np.array(counts, dtype=np.float32).reshape(-1, 1)
