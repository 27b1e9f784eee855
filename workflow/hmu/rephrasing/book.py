"""The phrase book's data: book.yaml, which says what its keys mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hmu.io import yaml_document
from hmu.rephrasing import english

_BOOK = Path(__file__).with_name("book.yaml")


@dataclass(frozen=True)
class Motion:
    """How a motion is said; the keys are those of the file."""

    say: tuple[str, ...]
    brief: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    upward: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    limb: tuple[str, ...] = ()
    where: str = ""
    objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    noun: tuple[str, ...] = ()
    kind: str = ""
    styles: Mapping[str, str] = field(default_factory=dict)
    like: tuple[str, ...] = ()
    suffered: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """The file, ready for look-up: ``names`` has each form of each motion's name."""

    motions: Mapping[str, Motion]
    names: Mapping[str, tuple[str, tuple[str, ...]]]
    compounds: Mapping[str, str]
    things: Mapping[str, str]
    accidents: Mapping[str, str]


@cache
def book() -> Book:
    """The phrase book."""
    raw = yaml_document.parse(_BOOK.read_text(encoding="utf-8"))
    motions = {name: _motion(entry) for name, entry in raw["motions"].items()}
    names = {word: (name, found) for name in motions for word, found in english.forms(name).items()}
    things = {
        word: said
        for thing, (one, several) in raw["things"].items()
        for word, said in ((thing, one), (english.plural(thing), several))
    }
    return Book(motions, names, raw["compounds"], things, raw["accidents"])


def lacks(keywords: Sequence[str]) -> str | None:
    """What to do where no name of a motion in the book holds one of the ``keywords``; else None."""
    if any(keyword.lower() in name for keyword in keywords for name in book().names):
        return None
    return (
        f"the phrase book has no motion that {', '.join(keywords)} name; add phrases to it, or "
        "take `kind: language_model`, or `kind: file` with prompts of your own"
    )


def _motion(entry: Mapping[str, Any]) -> Motion:
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    objects = {
        word: tuple(phrases)
        for words, phrases in entry.get("objects", {}).items()
        for word in words.split()
    }
    return Motion(**{**plain, "objects": objects})
