"""The captions that name a concept: what an implicit prompt stands for."""

from collections.abc import Iterator

from hmu.errors import InputError
from hmu.interface.prompts import PromptContext
from hmu.text import naming

PARAMS = {
    "concept": {
        "type": "string",
        "minLength": 1,
        "description": "The concept whose captions are said in other words.",
    },
    "without": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Other concepts whose words no prompt may hold either.",
    },
}
"""What each source that says captions in other words takes."""


def explicit(context: PromptContext) -> Iterator[tuple[str, str]]:
    """Sample and caption of each sample of the test split whose caption names the ``concept``.

    Raises InputError where there is none.
    """
    concept = context.params["concept"]
    keywords = context.concepts[concept]
    rows = context.samples[["sample", "caption", "tokens"]].itertuples(index=False)
    found = [
        (sample, caption)
        for sample, caption, tokens in rows
        if naming.names(caption, tokens, keywords)
    ]
    if not found:
        raise InputError(
            f"No caption of the test split names the concept {concept!r} ({', '.join(keywords)}): "
            "take another concept for these prompts, or other keywords."
        )
    yield from found


def unspoken(context: PromptContext) -> tuple[str, ...]:
    """The keywords that no prompt may hold: those of all concepts that are named, each once."""
    return tuple(dict.fromkeys(word for words in context.concepts.values() for word in words))
