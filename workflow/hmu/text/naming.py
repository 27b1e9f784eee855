"""Whether a text names a concept: which of its words hold a keyword.

The benchmark looks for keywords anywhere in a text line, and finds "hit" in "white" too
(:mod:`hmu.text.concepts`). To say that a caption *names* a concept, the keyword must begin a word,
as in "hitting"; to say that a text does *not* name it, the stricter way is taken: it must hold the
keyword nowhere, nor its lemma.
"""

from collections.abc import Callable, Iterable, Sequence

from hmu.text.concepts import contains, has_lemma
from hmu.text.words import words


def names(caption: str, tokens: str, keywords: Iterable[str]) -> bool:
    """Whether a word of the caption, or its lemma among the ``tokens`` ("word/POS"), begins with
    a keyword."""
    said = [*words(caption), *(each.partition("/")[0].lower() for each in tokens.split())]
    return any(word.startswith(keyword.lower()) for keyword in keywords for word in said)


def lemmas(keywords: Iterable[str], tag: Callable[[str], str]) -> dict[str, str]:
    """The lemma of each keyword by a tagger, for :func:`held`."""
    return {keyword: tag(keyword).partition("/")[0] or keyword for keyword in keywords}


def held(caption: str, tokens: str, keywords: Sequence[str], lemmas: dict[str, str]) -> str | None:
    """The first keyword that a text line holds, anywhere in it or, by its lemma, as a whole word.

    Capitals count as small letters.
    """
    line = f"{caption}#{tokens}".lower()
    for keyword in keywords:
        if contains(line, keyword.lower()) or has_lemma(tokens, lemmas.get(keyword, keyword)):
            return keyword
    return None
