"""Which texts name a concept, and which hold no word of it."""

import pytest

from hmu.taggers import rules
from hmu.text import naming

KEYWORDS = ("hit", "boxe", "boxing", "throw")


@pytest.mark.parametrize(
    ("caption", "named"),
    [
        ("he hits a ball", True),
        ("Hitting", True),
        ("he threw a ball", True),  # by the lemma among the tokens
        ("a man in a white shirt", False),  # the benchmark finds "hit" here
        ("he walks", False),
    ],
)
def test_a_caption_names_a_concept_by_the_beginning_of_a_word(caption: str, named: bool) -> None:
    assert naming.names(caption, rules.tag(caption), KEYWORDS) == named


@pytest.mark.parametrize(
    ("caption", "word"),
    [
        ("he hits a ball", "hit"),
        ("a man in a White shirt", "hit"),  # not for a filter, which is to find nothing
        ("he threw a ball", "throw"),
        ("he picks up a box", "boxing"),  # its lemma
        ("he swings one arm", None),
    ],
)
def test_a_prompt_holds_a_keyword_anywhere_or_its_lemma(caption: str, word: str | None) -> None:
    lemmas = naming.lemmas(KEYWORDS, rules.tag)
    assert lemmas == {"hit": "hit", "boxe": "boxe", "boxing": "box", "throw": "throw"}
    assert naming.held(caption, rules.tag(caption), KEYWORDS, lemmas) == word
