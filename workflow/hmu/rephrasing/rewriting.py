"""The phrase book at work: captions in which motions are described instead of named.

What a caption says beside the name stays: what acts, on what, where, how often, how fast. The name
is a verb ("kicks a ball"), a noun with a verb that means little ("does a high kick"), a noun by
itself, or stands before one ("a kicking motion").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from hmu.rephrasing import english, parts, reading
from hmu.rephrasing.book import Motion
from hmu.rephrasing.caption import Caption
from hmu.rephrasing.parts import Found
from hmu.rephrasing.reading import Named, Said

Choose = Callable[[int], int]
"""Which of so many phrases to take, from 0."""

# Verbs that say little before the name of a motion: "does a kick", "throws a punch".
_LIGHT = (
    "do perform throw deliver land give make execute take attempt swing launch use show "
    "demonstrate complete try send start begin continue initiate finish repeat"
).split()
# Verbs that stay, before what is only shown or tried: "mimics a punch".
_FEIGNING = "fake simulate mimic mime imitate practice pretend act".split()
_PASSIVE = ("get", "receive")
_BE = {
    "is": english.THIRD, "are": english.BASE, "was": english.PAST, "were": english.PAST,
    "being": english.GERUND, "been": english.PARTICIPLE, "be": english.BASE,
}  # fmt: skip
_HAVE = ("has", "have", "had", "having")
_AS_IF = frozenset("if though he she they is are was were he's she's".split())
_PERSONS = frozenset(
    "person man woman figure human someone he she it guy boy girl individual child kid character "
    "robot sim player fighter boxer somebody male female".split()
)
_BEFORE_NOUN = (
    parts.DETERMINERS
    | set(parts.MANNERS)
    | frozenset(
        "two three four five both several few multiple many more no left right of in with on by "
        "after before for front side roundhouse high low small large heavy wooden cardboard".split()
    )
)
# Nouns before which a motion is named to say what they are like: "a boxing stance".
_KINDS = frozenset(
    "stance stances position positions pose poses style fashion manner way form posture walk "
    "session practice stage figure".split()
)
# Names that are no verbs.
_NOUNS = ("zombie", "kungfu", "karate", "taekwondo", "martial art", "jumping jack")
_UPWARD = frozenset("up upward upwards high higher in into the air straight very".split())


@dataclass(frozen=True)
class Rephrased:
    """A caption in other words; ``motions`` are the names that were described in it."""

    text: str
    motions: tuple[str, ...]


def rephrase(
    caption: str, keywords: Sequence[str], choose: Choose, brief: bool = False
) -> Rephrased:
    """The caption without the ``keywords``, as far as the book knows what they name; ``brief`` is
    in the shortest phrases.

    Words that hold a keyword and mean something else ("white") get another word. Where nothing is
    known of a word, it stays.
    """
    return _Writer(Caption(caption, keywords), choose, brief).write()


class _Writer:
    """Writes one caption anew. Its methods give the text in the place of some words, from a place
    on, and the place after them, or nothing where they are not for these words."""

    def __init__(self, caption: Caption, choose: Choose, brief: bool) -> None:
        self.caption, self.book, self.choose, self.brief = caption, caption.book, choose, brief
        self.motions: list[str] = []
        self.at = 0

    def write(self) -> Rephrased:
        written: list[str] = []
        at = 0
        while at < len(self.caption):
            step = self._step(at)
            if step:
                pauses = " " in step.text and self.caption.word(step.end) == "then"
                written += [step.text, "," if pauses else ""]
                at = step.end
            else:
                written.append(self.caption.words[at])
                at += 1
        text = english.sentence(written)
        if self.caption.text[:1].isupper():
            text = text[:1].upper() + text[1:]
        return Rephrased(text, tuple(self.motions))

    def _step(self, at: int) -> Found | None:
        self.at = at
        for way in (self._label, self._like, self._alike, self._suffered, self._light):
            if step := way(at):
                return step
        if self.caption.name(at):
            return self._noun(at) if self._is_noun(at) else self._verb(at)
        return self._thing(at)

    def _thing(self, at: int) -> Found | None:
        """What is no motion: "a sword", "a white shirt"."""
        word = self.caption.low[at]
        if not self.caption.holds(word):
            return None
        if word in self.book.things:
            self.motions.append(word)
            return Found(self.book.things[word], at + 1)
        return Found(self.book.accidents[word], at + 1) if word in self.book.accidents else None

    def _like(self, at: int) -> Found | None:
        """ "like a zombie", "as if he was a boxer": what one does who does it like this."""
        if self.caption.low[at] not in ("like", "as"):
            return None
        place = at + 1
        while self.caption.word(place) in _AS_IF:
            place += 1
        determined = self.caption.word(place) in parts.DETERMINERS
        for end in (place + determined, place + determined + 1):
            word = self.caption.word(end)
            name = self.caption.name(end) or self._actor(word)
            noun = determined or word.endswith("s") or name in _NOUNS
            noun = noun and (self.caption.low[at] == "like" or name in (*_NOUNS, self._actor(word)))
            if name and noun and not word.endswith("ing") and self.book.motions[name].like:
                self.motions.append(name)
                does = self.caption.word(end + 1) in ("do", "does", "would")
                return Found(self._like_it(self.book.motions[name]), end + 1 + does)
        return None

    def _alike(self, at: int) -> Found | None:
        """ "zombie like", "in a zombie like manner"."""
        name = self.caption.name(at)
        like = self.caption.word(at + 1) in ("like", "style", "esque")
        if not name or not like or self.caption.forms(at)[0] == english.GERUND:
            return None
        motion = self.book.motions[name]
        before = self.caption.word(at - 1) in parts.DETERMINERS
        if not motion.like:
            return None
        self.motions.append(name)
        if before and self.caption.word(at + 2).isalpha():
            return Found(motion.kind, at + 2)
        return Found(self._like_it(motion), at + 2)

    def _actor(self, word: str) -> str:
        """The motion of somebody who is called after it: a boxer."""
        stem = word.removesuffix("s").removesuffix("er")
        known = stem != word and word in self.book.things and self.caption.holds(word)
        return next((name for name in (stem, stem[:-1]) if known and name in self.book.motions), "")

    def _suffered(self, at: int) -> Found | None:
        """ "gets kicked", "is hit"."""
        word, name = self.caption.low[at], self.caption.name(at + 1)
        verb, forms = _light_verbs().get(word, ("", ()))
        form = forms[0] if verb in _PASSIVE else _BE.get(word)
        past = (english.PAST, english.PARTICIPLE)  # "gets beat up"
        if form is None or not name or not {*past} & {*self.caption.forms(at + 1)}:
            return None
        phrases = self.book.motions[name].suffered
        if not phrases:
            return None
        self.motions.append(name)
        end = at + 2 + (self.caption.word(at + 2) == "up")
        return Found(_inflected(self._chosen(phrases), form), end)

    def _light(self, at: int) -> Found | None:
        """ "throws a punch", "does two high kicks and a jab"."""
        verb, forms = _light_verbs().get(self.caption.low[at], ("", ()))
        if not verb or verb in _PASSIVE or self.caption.word(at - 1) in parts.DETERMINERS:
            return None
        start = at + 1 + (self.caption.word(at + 1) in ("out", "up"))
        named = self._named(start)
        if named is None:
            return None
        gerund = named.alone and self.caption.forms(named.last)[0] == english.GERUND
        if gerund and verb not in ("do", "perform"):
            return None  # "starts boxing": two verbs
        if verb in _FEIGNING and not {*named.names} & {*_NOUNS}:
            made = self._listed(named, english.GERUND)
            return Found(f"{self.caption.words[at]} {made.text}", made.end)
        return self._listed(named, self._form(at, forms))

    def _label(self, at: int) -> Found | None:
        """A caption that begins with the name, as a label does: "Side kick with the left leg"."""
        named = self._named(0, strict=True) if at == 0 else None
        if named is None or "zombie" in named.names:
            return None
        noun = english.BASE in self.caption.forms(named.last)
        return self._listed(named, english.GERUND) if noun else None

    def _named(self, at: int, strict: bool = False) -> Named | None:
        return reading.noun_phrase(self.caption, at, self._described, strict)

    def _listed(self, named: Named, form: str) -> Found:
        """A noun and those that follow it, "a jab, a hook and a kick", as verb phrases."""
        said = [self._phrase(named, form)]
        while True:
            joint = reading.joint(self.caption, named.said.end)
            following = self._named(joint.end) if joint else None
            if joint is None or following is None:
                return Found(english.sentence(said), named.said.end)
            nouns = self.caption.word(joint.end - 1) in ("by", "plus", "into", "before")
            if not nouns and not self._goes_on(following, named, form):
                return Found(english.sentence(said), named.said.end)
            pauses = named.said.after or joint.text == "then"
            said += ["," if pauses else "", joint.text, self._phrase(following, form)]
            named = following

    def _goes_on(self, following: Named, named: Named, form: str) -> bool:
        """Whether a name after "and" is a noun like the one before it, and not a verb."""
        if not following.alone:
            return True
        forms = self.caption.forms(following.last)
        if english.GERUND in forms:
            return False
        return named.several if english.THIRD in forms else form != english.BASE

    def _phrase(self, named: Named, form: str) -> str:
        """The motions that a noun names, as a verb phrase."""
        *others, last = named.names
        limb, side = named.said.limb, named.said.side
        end = named.said.end
        said = [self._say(name, form, Said(end, limb, side)) for name in others]
        return " and ".join([*said, self._say(last, form, named.said)])

    def _verb(self, at: int) -> Found:
        """ "kicks a ball with the left foot twice"."""
        name, forms = self.caption.name(at), self.caption.forms(at)
        limb = reading.limb_before(self.caption, at, self.book.motions[name])
        said = Said(at + 1, limb, reading.side_before(self.caption, at))
        reading.complete(self.caption, said, name, self._described)
        return Found(self._say(name, self._form(at, forms), said), said.end)

    def _form(self, at: int, forms: Sequence[str]) -> str:
        """The form of a verb, also where its spelling leaves that open: "a man hit something"."""
        before = self.caption.word(at - 1)
        if before in _HAVE and english.PARTICIPLE in forms:
            return english.PARTICIPLE
        if english.BASE in forms and english.PAST in forms:
            past = any(word.endswith("ed") for word in self.caption.low[:at])
            return english.PAST if before in _PERSONS or (past and before != "to") else english.BASE
        return forms[0]

    def _is_noun(self, at: int) -> bool:
        """Whether a word that may be a noun or a verb is a noun."""
        forms, before = self.caption.forms(at), self.caption.word(at - 1)
        following = self.caption.word(at + 1)
        if forms[0] == english.PAST:
            return False
        if following in reading.GENERIC or following in _KINDS:
            return True
        if forms[0] == english.GERUND:
            return False
        if self.caption.name(at) in _NOUNS:
            return True
        if before in ("and", "or", ",") and self.caption.name(at - 2):
            return self.caption.forms(at - 2) == forms and self._is_noun(at - 2)
        if self.caption.word(at - 2) in ("a", "an") and english.BASE in forms:
            return before not in _PERSONS  # "a deep squat", but "a person squat"
        styles = self.book.motions[self.caption.name(at)].styles
        return before in _BEFORE_NOUN or before in styles

    def _noun(self, at: int) -> Found:
        """ "a kicking motion", "the kick", "on a hook"."""
        name, before = self.caption.name(at), self.caption.word(at - 1)
        word, following = self.caption.low[at], self.caption.word(at + 1)
        motion = self.book.motions[name]
        if self.caption.name(at + 1) and self._is_noun(at + 1):
            return Found("", at + 1)
        of_a_kind = following in reading.GENERIC or following in _KINDS
        marked = of_a_kind or before in ("left", "right") or before in motion.styles
        if word in self.book.accidents and not marked:
            return Found(self.book.accidents[word], at + 1)
        self.motions.append(name)
        several = self.caption.forms(at)[0] == english.THIRD
        return Found(motion.kind if of_a_kind else motion.noun[several], at + 1)

    def _described(self, text: str) -> str:
        """A part of the caption without words of the concept."""
        if not self.caption.holds(text):
            return text
        return rephrase(text, self.caption.keywords, self.choose, self.brief).text

    def _like_it(self, motion: Motion) -> str:
        """What one does who does it like this: the first that says least again."""
        return min(motion.like, key=lambda each: _again(each, self.caption.low))

    def _chosen(self, phrases: Sequence[str]) -> str:
        """One of the phrases, of those that say least again of what was said before."""
        if self.brief:
            return min(phrases, key=lambda phrase: len(phrase.split()))
        again = [_again(phrase, self.caption.low[: self.at]) for phrase in phrases]
        fresh = [each for each, count in zip(phrases, again, strict=True) if count == min(again)]
        return fresh[self.choose(len(fresh))]

    def _say(self, name: str, form: str, said: Said) -> str:
        """A motion as a verb phrase in that form."""
        motion = self.book.motions[name]
        self.motions.append(name)
        limb = said.limb
        if not limb and motion.limb:
            limb = f"the {said.side} {motion.limb[0]}" if said.side else motion.limb[1]
        phrase = self._chosen(_phrases(motion, said, self.brief))
        after = list(said.after)
        if said.where and "{where}" not in phrase and said.where not in ("down", "forward"):
            after.insert(0, said.where)
        text = phrase.format(
            limb=limb,
            it="them" if parts.is_plural(said.object if said.moved else limb) else "it",
            where=said.where or motion.where,
            object=said.object or "something",
        )
        long = phrase.count("~") > 1 or " with " in phrase
        pause = "," if after and long else ""
        return english.sentence([_inflected(text, form), pause, *after])


def _phrases(motion: Motion, said: Said, brief: bool) -> Sequence[str]:
    """The phrases of a motion that go with what is said of it."""
    special = [motion.objects[word] for word in said.objects if word in motion.objects]
    where = said.where.split()
    if special:
        found = special[0]
    elif said.moved:
        found = motion.moved
    elif said.object and motion.object:
        found = motion.object
    elif motion.upward and where and set(where) <= _UPWARD:
        found = motion.upward
    else:
        found = (motion.brief if brief else ()) or motion.say
    if "back" in where:  # "swings it back, then pulls it back" is no motion
        found = tuple(each for each in found if "back" not in each.split()) or found
    return found


def _again(phrase: str, said: Sequence[str]) -> int:
    """How many parts of the body a phrase names that are named already."""
    return len(parts.BODY.intersection(phrase.split(), said))


def _inflected(phrase: str, form: str) -> str:
    """A phrase with its marked verbs in that form."""
    words = phrase.split()
    return " ".join(english.inflected(w[1:], form) if w.startswith("~") else w for w in words)


@cache
def _light_verbs() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The verb of each word, and its forms."""
    return {
        word: (verb, forms)
        for verb in (*_LIGHT, *_FEIGNING, *_PASSIVE)
        for word, forms in english.forms(verb).items()
    }
