"""Which prompts are drawn: those that show the concept."""

import numpy as np
import pandas as pd

from hmu.figures.examples import clearest_first


def test_whole_words_come_first_and_then_what_the_original_shows() -> None:
    tokens = {
        "white": "a/DET white/ADJ dog/NOUN",
        "walks": "somebody/NOUN hit/VERB a/DET ball/NOUN",
        "kicks": "somebody/NOUN kick/VERB",
        "black": "a/DET dog/NOUN",
    }
    asked = pd.DataFrame({"name": tokens.keys(), "tokens": tokens.values()})
    # On a line: each caption at 0, the same without the concept's words at 10.
    texts, masked = np.zeros((4, 1)), np.full((4, 1), 10.0)
    motions = np.array([[1.0], [9.0], [2.0], [0.0]])
    found = clearest_first(asked, ["hit", "kick"], motions, texts, masked)
    assert list(found["name"]) == ["kicks", "walks", "black", "white"]
    none = clearest_first(asked, ["punch"], motions, texts, masked)
    assert list(none["name"]) == ["black", "white", "kicks", "walks"]
    # Where nothing is masked: those whose motion is nearest to the caption.
    implicit = clearest_first(asked, ["punch"], motions, texts, texts)
    assert list(implicit["name"]) == ["black", "white", "kicks", "walks"]
