"""The tagger that HumanML3D was made with: spaCy's small English model."""

import importlib
from collections.abc import Callable

from hmu.errors import InputError

MODEL = "en_core_web_sm"


def tagger() -> Callable[[str], str]:
    """Load the model. Raises InputError with the commands that install it when it is absent."""
    try:
        pipeline = importlib.import_module("spacy").load(MODEL)
    except (ImportError, OSError) as error:
        raise InputError(
            f"The tagger spacy needs the package spacy and its model {MODEL}: install them with "
            f"`pip install spacy && python -m spacy download {MODEL}`, or set `tagger: rules` for "
            "the dataset."
        ) from error

    def tag(sentence: str) -> str:
        return " ".join(
            f"{_word(token)}/{token.pos_}"
            for token in pipeline(sentence.replace("-", ""))
            if token.text.isalpha()
        )

    return tag


def _word(token: object) -> str:
    text: str = getattr(token, "text")  # noqa: B009
    lemma: str = getattr(token, "lemma_")  # noqa: B009
    return lemma if getattr(token, "pos_") in ("NOUN", "VERB") and text != "left" else text  # noqa: B009
