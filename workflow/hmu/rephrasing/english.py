"""As much English as rewriting a caption needs: forms of verbs, articles, words and marks."""

import re
from collections.abc import Iterable

BASE, THIRD, PAST, PARTICIPLE, GERUND = "base", "third", "past", "participle", "gerund"

_IRREGULAR = {
    "beat": ("beat", "beaten"), "bend": ("bent", "bent"), "bring": ("brought", "brought"),
    "come": ("came", "come"), "creep": ("crept", "crept"), "do": ("did", "done"),
    "draw": ("drew", "drawn"), "drive": ("drove", "driven"), "fall": ("fell", "fallen"),
    "fling": ("flung", "flung"), "get": ("got", "got"), "give": ("gave", "given"),
    "go": ("went", "gone"), "hit": ("hit", "hit"), "hold": ("held", "held"),
    "leave": ("left", "left"), "let": ("let", "let"), "lie": ("lay", "lain"),
    "make": ("made", "made"), "put": ("put", "put"), "rise": ("rose", "risen"),
    "send": ("sent", "sent"), "set": ("set", "set"), "shoot": ("shot", "shot"),
    "sink": ("sank", "sunk"), "slide": ("slid", "slid"), "sweep": ("swept", "swept"),
    "swing": ("swung", "swung"), "take": ("took", "taken"), "throw": ("threw", "thrown"),
    "thrust": ("thrust", "thrust"),
}  # fmt: skip
# Verbs whose last consonant is doubled before -ed and -ing.
_DOUBLING = frozenset(
    "beg dip drag drop get grab grip hit hop jab let put set skip slip snap squat stab step "
    "whip".split()
)
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")


def inflected(verb: str, form: str) -> str:
    """A verb in the infinitive, in one of the five forms."""
    if form == BASE:
        return verb
    if form == THIRD:
        if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
            return f"{verb}es"
        return f"{verb[:-1]}ies" if _ends_in_y(verb) else f"{verb}s"
    if form == GERUND:
        if verb.endswith("ie"):
            return f"{verb[:-2]}ying"
        silent = verb.endswith("e") and not verb.endswith(("ee", "oe", "ye"))
        return f"{verb[:-1] if silent else _doubled(verb)}ing"
    if verb in _IRREGULAR:
        return _IRREGULAR[verb][form == PARTICIPLE]
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if _ends_in_y(verb) else f"{_doubled(verb)}ed"


def forms(verb: str) -> dict[str, tuple[str, ...]]:
    """Each way to write the verb, with the forms that it may then be in, the likeliest first."""
    found: dict[str, tuple[str, ...]] = {}
    for form in (BASE, THIRD, PAST, PARTICIPLE, GERUND):
        word = inflected(verb, form)
        found[word] = (*found.get(word, ()), form)
    return found


def plural(noun: str) -> str:
    """The plural of a regular noun."""
    return inflected(noun, THIRD)


def tokens(text: str) -> list[str]:
    """The words and marks of a text; a hyphen parts two words."""
    return [each for each in _TOKEN.findall(text) if each != "-"]


def sentence(parts: Iterable[str]) -> str:
    """Words and marks as a text: spaces, "a" or "an", no two commas in a row."""
    text = " ".join(filter(None, parts))
    text = re.sub(r"\s+([.,;:!?)])", r"\1", text)
    text = re.sub(r"([(])\s+", r"\1", text)
    text = re.sub(r",(\s*,)+", ",", text)
    text = re.sub(r"\b([Aa])n (?=[bcdfghjklmnpqrstvwxyz])", r"\1 ", text)
    return re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", text)


def _ends_in_y(verb: str) -> bool:
    return verb.endswith("y") and not verb.endswith(("ay", "ey", "oy", "uy"))


def _doubled(verb: str) -> str:
    return f"{verb}{verb[-1]}" if verb in _DOUBLING else verb
