"""The tagger that HumanML3D was made with: spaCy's small English model (text_process.py)."""

import importlib
from collections.abc import Callable
from typing import Any

from hmu.errors import InputError

MODEL = "en_core_web_sm"
NEEDS = {
    "spacy": "The tagger spacy needs the package spacy: install it with `pip install spacy && "
    "python -m spacy download en_core_web_sm`, or set `tagger: rules` for the dataset.",
    "en_core_web_sm": "The tagger spacy needs its English model en_core_web_sm: install it with "
    "`python -m spacy download en_core_web_sm`, or set `tagger: rules` for the dataset.",
}


def tagger() -> Callable[[str], str]:
    """Load the model. Raises InputError with the command that installs what is missing."""
    try:
        # Names of people and places take time, and no token shows them.
        pipeline = importlib.import_module("spacy").load(MODEL, exclude=["ner"])
    except ImportError as error:
        raise InputError(NEEDS["spacy"]) from error
    except OSError as error:
        raise InputError(NEEDS["en_core_web_sm"]) from error

    def tag(sentence: str) -> str:
        tokens = pipeline(sentence.replace("-", ""))
        return " ".join(f"{_word(each)}/{each.pos_}" for each in tokens if each.text.isalpha())

    return tag


def _word(token: Any) -> str:
    lemma: bool = token.pos_ in ("NOUN", "VERB") and token.text != "left"
    return str(token.lemma_ if lemma else token.text)
