"""The parts of a caption around a verb of motion: what acts, on what, where, how often.

Each function reads words in small letters from a place on, and gives what it found and the place
after it, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Words = Sequence[str]

DETERMINERS = frozenset(
    "a an the this that his her their its one's some another each every".split()
)
_POSSESSIVES = frozenset("his her their its the a one's".split())
QUANTITIES = {
    "two": "twice", "both": "twice", "couple": "twice", "three": "three times",
    "four": "four times", "five": "five times", "six": "six times", "seven": "seven times",
    "eight": "eight times", "ten": "ten times", "several": "several times",
    "some": "several times", "few": "a few times", "multiple": "several times",
    "many": "many times", "various": "several times", "numerous": "many times",
    "2": "twice", "3": "three times", "4": "four times", "5": "five times",
    "another": "once more", "once": "once", "series": "several times",
    "combination": "", "combo": "", "set": "several times",
    "variety": "in many ways", "flurry": "many times", "number": "several times",
}  # fmt: skip
"""Words before a noun that say how often, and how that is said of a verb."""

MANNERS = {
    "quick": "quickly", "fast": "fast", "rapid": "rapidly", "slow": "slowly", "hard": "hard",
    "strong": "forcefully", "powerful": "forcefully", "forceful": "forcefully", "big": "widely",
    "light": "lightly", "soft": "softly", "gentle": "gently", "aggressive": "aggressively",
    "wide": "widely", "sudden": "suddenly", "careful": "carefully", "violent": "violently",
    "swift": "swiftly", "weak": "weakly", "angry": "angrily",
}  # fmt: skip
"""Words before a noun that say how, and how that is said of a verb."""

_LIMBS = {
    "leg": "leg foot knee heel shin thigh ankle toe legs feet knees heels foots".split(),
    "foot": "leg foot legs feet".split(),
    "fist": "hand fist arm elbow forearm hands fists arms elbows".split(),
    "hand": "hand fist arm elbow forearm head palm hands fists arms elbows palms".split(),
    "arm": "hand arm hands arms".split(),
}
LIMBS = frozenset(word for words in _LIMBS.values() for word in words)
BODY = LIMBS | {"head", "body", "shoulder", "shoulders", "hips", "hip", "torso", "chest", "finger"}

_DIRECTIONS = frozenset(
    "forward forwards ahead up upward upwards down downward downwards high higher low out outward "
    "outwards sideways sidewards back backward backwards around straight over diagonally across "
    "overhand underhand overarm underarm overhead sidearm behind inward inwards inside away "
    "forth off together apart far".split()
)
_SIDES = ("left", "right")
_UNITS = (
    "up and down", "down and up", "back and forth", "left and right", "right and left",
    "side to side", "from side to side", "from one foot to the other", "from left to right",
    "from right to left", "in place", "on the spot", "in the air", "into the air", "in mid air",
    "in midair", "from the side", "from above", "from below", "from behind", "in all directions",
    "in front", "at an angle", "all around",
)  # fmt: skip
_PLACES = frozenset(
    "left right side sides front back air ground floor head waist knee knees chest height level "
    "shoulder shoulders hip hips face body stomach direction directions center middle".split()
)
_OVER = frozenset("over off onto across through into towards toward".split())

# Words that a noun and what is before it never hold.
STOPS = frozenset(
    "with in on at by from of for into onto over under above below across through around along "
    "towards toward behind beside between against off like before after near past without within "
    "upon during inside outside beneath to and or but nor then as while when if because until that "
    "is are was were be being been has have had do does did can could will would should not he she "
    "it they him them who which twice once again times repeatedly slowly quickly fast very back "
    "while using starting several multiple many three two four five".split()
) | (_DIRECTIONS - {"back", "off", "over", "around", "across", "behind", "inside"})
PRONOUNS = frozenset(
    "something someone somebody it him her them himself anything others things people "
    "everything".split()
)


@dataclass(frozen=True)
class Found:
    """A text, and the place after it."""

    text: str
    end: int


def limb(words: Words, at: int, kind: str) -> Found | None:
    """A part of the body that is fit for such a motion: "his left leg", "both fists", "right foot".

    Without a determiner it gets one: "the right foot"; also "left and right leg".
    """
    found = list(words[at : at + 1])
    place, said = at + 1, False
    if found and found[0] in _POSSESSIVES:
        said = True
    elif found and found[0] in ("both", "one", "alternating", "each"):
        said = True
        if words[place : place + 1] and words[place] in _POSSESSIVES:
            found.append(words[place])
            place += 1
    else:
        found, place = [], at
    while place < len(words):
        word = words[place]
        if word in _LIMBS[kind]:
            text = " ".join([*found, word])
            if said or (_is_plural(word) and not set(_SIDES) & set(found)):
                return Found(text, place + 1)
            return Found(f"the {text}", place + 1)
        joins = word in ("and", "then", "or") and words[place - 1] in _SIDES
        again = word in _POSSESSIVES and words[place - 1] in ("and", "then", "or")
        if word not in (*_SIDES, "front", "rear", "back", "other", "opposite", "same") and not (
            joins or again
        ):
            return None
        found.append(word)
        place += 1
    return None


def instrument(words: Words, at: int, kind: str, anything: bool) -> Found | None:
    """What a motion is done with: "with the left leg", or, of ``anything``, "with a bat"."""
    if words[at : at + 1] == ["by"] and words[at + 1 : at + 2] == ["using"]:
        at += 1
    if not words[at : at + 1] or words[at] not in ("with", "using", "on"):
        return None
    found = limb(words, at + 1, kind) or _side(words, at + 1, kind)
    if found is None and anything and words[at] != "on":
        found = things(words, at + 1) or thing(words, at + 1)
        if found and words[found.end : found.end + 1] == ["in"]:
            held = limb(words, found.end + 1, "hand")
            if held:
                return Found(f"{found.text} in {held.text}", held.end)
    return found


def _side(words: Words, at: int, kind: str) -> Found | None:
    """A part of the body of which the side alone is said: "with his right"."""
    side, after = [*words[at + 1 : at + 3], "", ""][:2]
    ends = not after.isalpha() or after in STOPS
    if words[at : at + 1] and words[at] in _POSSESSIVES and side in _SIDES and ends:
        return Found(f"{words[at]} {side} {kind}", at + 2)
    return None


def things(words: Words, at: int) -> Found | None:
    """What is done something to: "a ball", "the punching bag", "something"."""
    if list(words[at : at + 2]) == ["each", "other"]:
        return Found("each other", at + 2)
    if words[at : at + 1] and words[at] in PRONOUNS:
        return Found(words[at], at + 1)
    end = at
    while end < len(words) and end - at < 4 and _is_part_of_name(words[end], first=end == at):
        end += 1
    if end == at or (end == at + 1 and words[at] in DETERMINERS):
        return None
    if words[at] not in DETERMINERS and not _is_plural(words[end - 1]) and end - at < 2:
        return Found(words[at], end) if words[at] in ("rope", "balls", "air") else None
    return Found(" ".join(words[at:end]), end)


def thing(words: Words, at: int) -> Found | None:
    """One thing without a determiner: "with knife", "throws baseballs"."""
    word = words[at] if at < len(words) else ""
    plain = _is_part_of_name(word, first=False) and not word.endswith(("ing", "ed"))
    return Found(word, at + 1) if plain else None


def is_body(text: str) -> bool:
    """Whether a text ends with a part of the body."""
    return text.rpartition(" ")[2] in BODY


def where(words: Words, at: int, most: int = 9) -> Found | None:
    """Directions, as many as follow one another: "forward", "high in the air", "to the left"."""
    end = at
    while end < len(words) and most:
        step = _direction(words, end)
        if step == end:
            break
        end, most = step, most - 1
    return Found(" ".join(words[at:end]), end) if end > at else None


def way(words: Words, at: int, on_limbs: bool = True) -> Found | None:
    """Like `where`, for what moves as a whole: also "over the box", "on one leg" (``on_limbs``)."""
    end = at
    while end < len(words):
        found = where(words, end)
        if found:
            end = found.end
            continue
        if words[end] == "on" and on_limbs:
            on = limb(words, end + 1, "foot")
            if on:
                end = on.end
                continue
        if words[end] in _OVER:
            over = things(words, end + 1)
            if over:
                end = over.end
                continue
        break
    return Found(" ".join(words[at:end]), end) if end > at else None


def is_plural(text: str) -> bool:
    """Whether what acts is more than one: "both fists", "the left and right leg"."""
    words = text.split()
    if not words:
        return False
    return "and" in words or _is_plural(words[-1]) or words[0] in ("both", "them")


def _is_plural(word: str) -> bool:
    return word == "feet" or (word.endswith("s") and not word.endswith(("ss", "us", "is")))


def _is_part_of_name(word: str, first: bool) -> bool:
    if word in DETERMINERS:
        return first
    return word.isalpha() and word not in STOPS and not word.endswith("ly")


def _direction(words: Words, at: int) -> int:
    """The place after one direction; ``at`` itself where there is none."""
    for unit in _UNITS:
        count = unit.count(" ") + 1
        if " ".join(words[at : at + count]) == unit:
            return _of_whom(words, at + count) if unit == "in front" else at + count
    word, rest = words[at], list(words[at + 1 : at + 4])
    if word in _SIDES and (not rest or rest[0] not in LIMBS):
        return at + 1
    if word in ("to", "at", "from", "towards", "toward", "above", "over", "in", "on") and rest:
        skip = 1 if rest[0] in _POSSESSIVES or rest[0] in ("chest", "head", "waist") else 0
        more = 1 if rest[skip : skip + 1] and rest[skip] in (*_SIDES, "other", "opposite") else 0
        last = rest[skip + more : skip + more + 1]
        if last and last[0] in _PLACES and (word not in ("in", "on") or last[0] == "air"):
            return at + 1 + skip + more + 1
        if skip and more and (not last or last[0] not in LIMBS):
            return at + 1 + skip + more
        return at
    if word == "behind" and rest and rest[0] in PRONOUNS:
        return at + 2
    if word in _DIRECTIONS:
        if word in ("over", "around", "across", "off", "behind", "inside") and rest:
            named = things(words, at + 1)
            if named or rest[0] in ("him", "her", "them", "the"):
                return at
        return at + 1
    return at


def _of_whom(words: Words, at: int) -> int:
    """The place after "of him", "of the body"."""
    if words[at : at + 1] != ["of"]:
        return at
    if words[at + 1 : at + 2] and words[at + 1] in PRONOUNS:
        return at + 2
    named = things(words, at + 1)
    return named.end if named else at
