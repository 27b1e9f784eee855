"""The words of texts, and which of them a set of captions never says."""

import re
from collections.abc import Iterable

MOST_WORDS = 20
"""Tokens of a caption that the evaluator reads, besides start and end."""

_WORD = re.compile(r"[^\W\d_]+")


def words(text: str) -> list[str]:
    """The words of a text in small letters."""
    return _WORD.findall(text.lower())


def unseen(captions: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Words of ``texts`` that are in none of ``captions``, each once, as they come."""
    known = {word for caption in captions for word in words(caption)}
    return list(dict.fromkeys(w for text in texts for w in words(text) if w not in known))
