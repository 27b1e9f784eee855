"""Captions of mirrored clips: left and right change places, and so does the sense of turning.

HumanML3D's ``texts`` have a file for every mirrored copy; its code for them is not public, its
README says "left" to "right" and "clockwise" to "counterclockwise". Where such a file is missing,
it is made by these rules, which hold for sentences and for tokens "word/POS" alike:

* ``left`` and ``right`` change places as words, in compounds with a hyphen, and before ``ward``,
  ``most``, ``side``, ``hand``, ``arm``, ``foot`` and ``leg`` ("leftwards", "righthanded");
* ``clockwise`` becomes ``counterclockwise``, and ``counterclockwise``, ``counter clockwise`` and
  the same with ``anti`` become ``clockwise``;
* capitals stay where they are; "upright", "rightly" and "cleft" stay as they are.

"Right" in "right away" and "left" for went away change with them, as in any rule by words.
"""

import re

_SIDES = r"\b(?:left|right)(?:(?=(?:ward|most|side|hand|arm|foot|leg)\w*)|\b)"
_TURNS = r"\b(?:(?:counter|anti)(?:/\w+)?[- ]?)?clockwise\b"
_PATTERN = re.compile(f"{_SIDES}|{_TURNS}", re.IGNORECASE)
_OTHER = {"left": "right", "right": "left", "clockwise": "counterclockwise"}


def mirrored(text: str) -> str:
    """The caption, or the tokens, of the mirrored clip."""
    return _PATTERN.sub(_changed, text)


def _changed(found: re.Match[str]) -> str:
    word = found[0]
    other = _OTHER.get(word.lower(), "clockwise")
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other
