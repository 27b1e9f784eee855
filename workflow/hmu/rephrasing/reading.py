"""What a caption says of a motion that it names: by a verb, or by a noun with words around it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hmu.rephrasing import english, parts
from hmu.rephrasing.book import Motion
from hmu.rephrasing.caption import Caption

Described = Callable[[str], str]
"""Says a part of the caption without words of the concept."""

GENERIC = frozenset(
    "move moves motion motions movement movements combo combos combination combinations action "
    "actions sequence sequences technique techniques exercise exercises drill drills routine "
    "gesture gestures attack attacks stroke strokes attempt attempts walk practice training".split()
)
"""Nouns that say little after the name of a motion: "a kicking motion"."""

_WITH_TOOLS = ("hit", "beat", "stab", "slash", "throw")
"""What is done with things that are held, too."""

# Words at which a noun phrase ends before a name was found.
_ENDS = frozenset("to with as like while that is are it him them her and or then but if".split())
_LONGEST = 8
_HOW_OFTEN = frozenset("twice once again repeatedly fast hard".split())
_NUMBERS = frozenset(
    "a very quick multiple several two three four five six seven eight ten few many couple "
    "2 3 4 5 6 7 8 9 10".split()
)
_COUNTS = frozenset("once twice times turn ways".split())
_BEFORE_TIMES = frozenset("couple of few more".split())
_NO_OBJECTS = {"left", "right", "low", "high", "straight", *parts.MANNERS, *parts.QUANTITIES}


@dataclass
class Said:
    """What is said of a motion, up to the place ``end``.

    ``limb`` acts, or that of a ``side``; ``object`` is what it is done to, in other words, and
    ``objects`` its words; ``moved`` says that it is a part of the body. ``after`` is how and how
    often.
    """

    end: int
    limb: str = ""
    side: str = ""
    where: str = ""
    object: str = ""
    objects: tuple[str, ...] = ()
    moved: bool = False
    after: list[str] = field(default_factory=list)


@dataclass
class Named:
    """A noun phrase that names motions.

    The last of their names stands at ``last``, ``alone`` if nothing is before or after it.
    """

    names: list[str]
    last: int
    several: bool
    alone: bool
    said: Said


def noun_phrase(caption: Caption, at: int, described: Described, strict: bool) -> Named | None:
    """A noun phrase from its determiner on, with what is said after it, if it names a motion.

    ``strict`` lets nothing but known words stand before the name.
    """
    said = Said(at)
    names: list[str] = []
    several = strange = generic = False
    place = last = at
    while place < min(len(caption), at + _LONGEST):
        word, name = caption.low[place], caption.name(place)
        if name and caption.forms(place)[0] != english.PAST:
            gerund = caption.forms(place)[0] == english.GERUND
            if gerund and strange and caption.word(place + 1) not in GENERIC:
                break
            names.append(name)
            several = several or caption.forms(place)[0] == english.THIRD
            last = place
        elif names and word in GENERIC:
            several, generic = several or word.endswith("s"), True
            place += 1
            break
        elif names and not _joins_names(caption, place):
            break
        elif not names and not _before(caption, place, said):
            plain = word.replace(" ", "").isalpha() and word not in _ENDS
            if strict or not plain or parts.where(caption.low, place):
                break
            strange = True
        place += 1
    if not names:
        return None
    head = caption.book.motions[names[-1]]
    styles = [word for word in caption.low[at:last] if word in head.styles]
    said.where = head.styles[styles[-1]] if styles else ""
    said.end = place
    complete(caption, said, names[-1], described, objects=False)
    if several and not _COUNTS & {*" ".join(said.after).split()}:
        said.after.insert(0, "again and again")
    others = [name for name in dict.fromkeys(names[:-1]) if name not in (*head.styles, names[-1])]
    return Named([*others, names[-1]], last, several, last == at and not generic, said)


def _joins_names(caption: Caption, at: int) -> bool:
    """Whether an "and" stands between two names before a noun: "a punch and kick combo"."""
    joins = caption.word(at) in ("and", "/")
    return joins and bool(caption.name(at + 1)) and caption.word(at + 2) in GENERIC


def _before(caption: Caption, at: int, said: Said) -> bool:
    """Take note of a word before a name; whether it is one that is known to stand there."""
    word = caption.low[at]
    if word in ("left", "right"):
        said.side = f"{said.side} and {word}" if said.side else word
    elif word in parts.QUANTITIES:
        said.after += [parts.QUANTITIES[word]] if parts.QUANTITIES[word] else []
    elif word in parts.MANNERS:
        said.after.append(parts.MANNERS[word])
    elif word in ("and", ","):
        return caption.word(at - 1) in ("left", "right") and caption.word(at + 1) in (
            "left",
            "right",
        )
    elif word in ("of", "handed", "legged"):
        return at > 0
    elif word not in parts.DETERMINERS | parts.LIMBS | {"one"}:
        return any(word in motion.styles for motion in caption.book.motions.values())
    return True


def complete(
    caption: Caption, said: Said, name: str, described: Described, objects: bool = True
) -> None:
    """Take note of what follows the name: what acts, on what, where, how often, how.

    A noun has no ``objects``.
    """
    motion = caption.book.motions[name]
    while said.end < len(caption):
        if said.limb or said.moved:
            _other_side(caption, said)
        end = said.end
        if end == len(caption):
            return
        if (
            not _dropped(caption, said, motion)
            and not (objects and _object(caption, said, motion, described))
            and not _limb(caption, said, motion, name, described)
            and not _where(caption, said, motion, objects)
        ):
            said.end = _adverbs(caption, end)
            said.after += caption.words[end : said.end]
        if said.end == end:
            return


def _travels(motion: Motion) -> bool:
    """Whether the whole body goes somewhere."""
    return not motion.limb or motion.limb[0] == "foot"


def _acts(motion: Motion) -> bool:
    """Whether its phrases say what acts."""
    return any("{limb}" in each for each in (*motion.say, *motion.object))


def _dropped(caption: Caption, said: Said, motion: Motion) -> bool:
    """Pass over what the phrases say already."""
    for text in motion.drops:
        end = said.end + text.count(" ") + 1
        if caption.follows(said.end, text):
            longer = parts.way(caption.low, said.end)
            if motion.upward and longer and longer.end > end:
                return False  # "up" is said, but not "up high"
            said.end = end
            return True
    return False


def _object(caption: Caption, said: Said, motion: Motion, described: Described) -> bool:
    """Take note of what the motion is done to."""
    if said.object or said.limb not in ("", "it", "them"):
        return False
    if motion.object and (caption.follows(said.end, "the air") or caption.word(said.end) == "air"):
        said.end += 1 + (caption.word(said.end) == "the")
        return True
    thing = _thing(caption, said, motion)
    if thing is None:
        return False
    again = thing.text == "it" and bool(said.side)
    said.moved = bool(motion.moved) and (again or parts.is_body(thing.text))
    said.object, said.end = described(thing.text), thing.end
    said.objects = tuple(thing.text.split())
    front = parts.where(caption.low, thing.end, most=1)
    if front and front.text.startswith("in front"):
        said.object, said.end = f"{said.object} {front.text}", front.end
    return True


def _thing(caption: Caption, said: Said, motion: Motion) -> parts.Found | None:
    at, low = said.end, caption.low
    if low[at] == "at" or (low[at] == "on" and "down" in motion.where):
        direction = parts.where(low, at)
        return parts.things(low, at + 1) if motion.object and not direction else None
    limb = parts.limb(low, at, motion.limb[0]) if motion.limb else None
    if limb:
        return limb
    if low[at] in _NO_OBJECTS or not (motion.object or motion.objects or motion.moved):
        return None
    if _travels(motion):
        return None if said.where else parts.things(low, at)
    return parts.things(low, at) or parts.thing(low, at)


def _limb(caption: Caption, said: Said, motion: Motion, name: str, described: Described) -> bool:
    """Take note of what acts."""
    stands = caption.low[said.end] == "on"
    if (
        said.limb not in ("", "it", "them")
        or not motion.limb
        or not _acts(motion)
        or stands != (motion.limb[0] == "foot")
    ):
        return False
    limb = parts.instrument(caption.low, said.end, motion.limb[0], anything=name in _WITH_TOOLS)
    if limb is None:
        return False
    said.limb, said.end = described(limb.text), limb.end
    return True


def _other_side(caption: Caption, said: Said) -> None:
    """Take note of "and then the left one" after what acted first."""
    join = joint(caption, said.end)
    if join is None:
        return
    place = join.end + (caption.word(join.end) == "with")
    named = caption.word(place) in parts.DETERMINERS
    side = place + named
    end = side + 1 + (caption.word(side + 1) in parts.LIMBS)
    direction = parts.where(caption.low, end)
    end = direction.end if direction else end
    ends = not caption.word(end).isalpha() or caption.word(end) in ("and", "then", "while")
    if caption.word(side) in ("left", "right") and ends:
        words = caption.low[place:end]
        said.after += [", then the same with", *([] if named else ["the"]), *words]
        said.end = end


def _where(caption: Caption, said: Said, motion: Motion, objects: bool) -> bool:
    """Take note of directions. What is said after a noun goes before what is said in it, unless it
    says next to nothing."""
    if said.where and objects:
        return False
    if _travels(motion):
        found = parts.way(caption.low, said.end, on_limbs=not _acts(motion))
    else:
        found = parts.where(caption.low, said.end)
    if found is None or (said.where and found.text in ("up", "out")):
        return False
    if not objects and found.text in ("left", "right"):
        said.side = found.text
    else:
        said.where = found.text
    said.end = found.end
    return True


def _adverbs(caption: Caption, at: int) -> int:
    """The place after "quickly", "twice" or "a few times"; ``at`` itself where there is none."""
    word = caption.word(at)
    if word in _HOW_OFTEN or (word.endswith("ly") and len(word) > 4):
        return at + 1
    end = at + 1
    while caption.word(end) in _BEFORE_TIMES:
        end += 1
    return end + 1 if word in _NUMBERS and caption.word(end) in ("times", "time") else at


_JOINTS = {
    "and then": "and then", "followed by": ", then", "as well as": ", and", "and": "and",
    "then": "then", "or": "or", "plus": ", and", "before": ", then", "into": ", then",
}  # fmt: skip


def joint(caption: Caption, at: int) -> parts.Found | None:
    """What joins two nouns, as two verbs are joined."""
    comma = caption.word(at) == ","
    for words, text in _JOINTS.items():
        if caption.follows(at + comma, words):
            end = at + comma + words.count(" ") + 1
            return parts.Found(f", {text}" if comma else text, end)
    return parts.Found(",", at + 1) if comma else None


def side_before(caption: Caption, at: int) -> str:
    """The side of what was moved just before: "raises the left arm up and throws"."""
    if caption.word(at - 1) not in ("and", "then"):
        return ""
    for place in (at - 2, at - 3, at - 4):
        direction = parts.where(caption.low, place + 1) if place < at - 2 else None
        if caption.word(place) in parts.LIMBS and (place == at - 2 or direction):
            side = caption.word(place - 1)
            return side if side in ("left", "right") else ""
    return ""


def limb_before(caption: Caption, at: int, motion: Motion) -> str:
    """ "it" or "them" for what is named to act: "uses the right hand to punch"."""
    if motion.limb and caption.word(at - 1) == "to":
        for place in (at - 4, at - 3):
            limb = parts.limb(caption.low, place, motion.limb[0]) if place >= 0 else None
            if limb and limb.end == at - 1:
                return "them" if parts.is_plural(limb.text) else "it"
    return ""
