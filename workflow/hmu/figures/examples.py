"""Which prompts of a set show what its concept is: the first of them are drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hmu.text.concepts import has_lemma


def clearest_first(
    asked: Any,
    keywords: Sequence[str],
    motions: np.ndarray,
    texts: np.ndarray,
    masked: np.ndarray,
) -> Any:
    """The motions that were ``asked`` for (a pandas frame with ``tokens``), the clearest first.

    First come those in whose caption a keyword is a whole word: "hit", not "white". Of these, and
    of the others, first those whose motion by the original model is nearer to its caption than to
    the same caption without the concept's words, by how much: there the original shows the concept,
    as far as the evaluator sees. ``motions``, ``texts`` and ``masked`` are the evaluator's
    embeddings (n, width) of these motions and captions, row by row. Where captions have none of
    the concept's words, those come first whose motion is nearest to the caption.
    """
    whole = [any(has_lemma(each, word) for word in keywords) for each in asked["tokens"]]
    apart = np.linalg.norm(motions - texts, axis=1)
    nearer = np.linalg.norm(motions - masked, axis=1) - apart
    return asked.iloc[np.lexsort([apart, -nearer, ~np.array(whole, dtype=bool)])]
