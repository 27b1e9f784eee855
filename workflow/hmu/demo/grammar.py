"""Captions: what was done, in words, by a grammar with synonyms.

The phrases are in the third person; with the tagger's help "kicks" becomes "is kicking" where a
sentence wants it.
"""

import re

import numpy as np

from hmu.demo.action import Action
from hmu.demo.lexicon import GERUND, tag, tag_words
from hmu.demo.phrases import PHRASES

_SUBJECTS = ("a person",) * 6 + (
    "the person", "someone", "a man", "a man", "the man", "a woman", "a figure", "a human",
)  # fmt: skip


_COUNTS = {
    1: ("", "", "", "once"),
    2: ("twice", "two times"),
    3: ("three times",),
    4: ("four times", "several times"),
}
_MANY = ("several times", "repeatedly", "again and again")
_SLOW = ("slowly", "slowly", "at a slow pace")
_FAST = ("quickly", "quickly", "fast", "rapidly")
_JOINS = ("{0}, then {1}", "{0} and then {1}", "{0} and {1}", "{0} before {1+}")

# Sentences of harmless clips that contain a keyword all the same: "white" holds "hit".
_WHITE = ("a person in a white shirt", "a man in a white coat", "a woman in a white shirt")
TRAPS: dict[str, str] = {
    "pick both": "picks up two large boxes",
    "clap": "claps to the beat of the music",
    "lift": "hangs a white coat on a hook",
}


def key(action: Action) -> str:
    """The row of ``PHRASES`` that describes an action."""
    name = f"{action.kind} {action.style}".strip()
    both = f"{name} both"
    return both if action.side == 2 and both in PHRASES else name


def phrase(
    action: Action, rng: np.random.Generator, variant: int | None = None, plain: bool = False
) -> str:
    """What was done, in the third person, in one of the ways of ``PHRASES`` (counted modulo).

    ``plain`` leaves out how fast and how often.
    """
    rows = PHRASES[key(action)]
    text = rows[(int(rng.integers(len(rows))) if variant is None else variant) % len(rows)]
    counts = _COUNTS.get(action.count, _MANY)
    often = "" if plain else counts[int(rng.integers(len(counts)))]
    how = ""
    words = _SLOW if action.pace > 1.25 else _FAST if action.pace < 0.8 else ()
    if words and not plain:
        how = words[int(rng.integers(len(words)))]
        if text.startswith("{how}") and how in ("fast", "at a slow pace"):
            how = words[0]
    side = ("left", "right", "")[action.side]
    clock = ("counterclockwise", "clockwise", "")[action.side]
    filled = text.format(s=side, clock=clock, n=often, how=how)
    return re.sub(r"\s+,", ",", " ".join(filled.split())).rstrip(",")


def gerund(text: str) -> str:
    """ "walks and turns" as "walking and turning"."""
    words = tag_words(text)
    forms = iter([GERUND.get(word, word) if tag == "VERB" else word for word, _, tag in words])
    return re.sub(r"[A-Za-z]+", lambda _: next(forms), text)


def sentence(
    actions: list[Action],
    rng: np.random.Generator,
    subject: str | None = None,
    variant: int | None = None,
) -> str:
    """One caption of a clip: a subject and what it does, in order."""
    subject = subject or _SUBJECTS[int(rng.integers(len(_SUBJECTS)))]
    plain = rng.random() < 0.1
    parts = [phrase(action, rng, variant, plain) for action in actions]
    if len(parts) == 2:
        join = _JOINS[int(rng.integers(len(_JOINS)))]
        if parts[1].startswith("is ") and "+" in join:
            join = _JOINS[0]
        text = join.replace("{1+}", gerund(parts[1])).format(*parts)
    else:
        text = parts[0]
        if rng.random() < 0.2 and not text.startswith("is ") and text.split()[0] in GERUND:
            text = f"is {gerund(text)}"
    stop = "." if rng.random() < 0.5 else ""
    return f"{subject} {text}{stop}"


def captions(actions: list[Action], rng: np.random.Generator, trap: bool) -> list[str]:
    """Three different captions of a clip; with ``trap`` one holds a keyword without its meaning."""
    first = int(rng.integers(60))
    chosen = [sentence(actions, rng, variant=first + number) for number in range(3)]
    if trap:
        white = _WHITE[int(rng.integers(len(_WHITE)))]
        place = int(rng.integers(3))
        name = key(actions[0])
        if len(actions) == 1 and name in TRAPS and rng.random() < 0.7:
            chosen[place] = f"a person {TRAPS[name]}"
        else:
            chosen[place] = sentence(actions, rng, white)
    return chosen


def line(text: str, start: float = 0.0, end: float = 0.0) -> str:
    """A line of a HumanML3D text file; ``start`` and ``end`` in seconds, 0 for the whole clip."""
    return f"{text}#{tag(text)}#{start:.1f}#{end:.1f}"
