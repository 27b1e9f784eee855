"""A tagger that needs no download: a small lexicon, endings, and the word before.

It knows the vocabulary of motion captions well and English badly; where the captions matter, take
the tagger ``spacy``.
"""

import re
from collections.abc import Callable
from itertools import pairwise

_CLOSED = {
    "DET": "a an the this that these those some any each every both all another no either neither",
    "PRON": "he she it they him them his her their its i you we us me my your our himself herself "
    "itself themselves someone somebody something anyone anything one who what which",
    "ADP": "in on at by with from of for into onto over under above below across through around "
    "along toward towards behind beside between against off like before after near past "
    "without within upon during inside outside beneath",
    "CCONJ": "and or but nor",
    "SCONJ": "as while when if because until though although since than whereas where",
    "AUX": "is are was were be been being am has have had do does did can could will would should "
    "may might must",
    "PART": "not",
    "NUM": "two three four five six seven eight nine ten",
    "ADV": "up down forward forwards backward backwards back away again twice once slowly quickly "
    "there here together sideways very almost slightly just still out apart ahead overhead "
    "clockwise counterclockwise diagonally straight repeatedly first next finally also too then "
    "straight upright upward upwards downward downwards aside fast somewhat soon rightward "
    "leftward",
    "ADJ": "left right small big large slow quick low high other same several few many "
    "circular short long strong hard soft wide open side front tall upper lower happy angry "
    "sad drunk old young own full half heavy light exhausted feminine "
    "masculine tired relaxed",
}
_NOUNS = (
    "person man woman figure human someone people guy boy girl child character zombie robot arm "
    "leg hand foot knee elbow head shoulder hip waist body chest torso back finger thumb heel toe "
    "ankle wrist face neck stomach side front circle line step place direction air ground floor "
    "chair wall ball object thing opponent enemy knife sword gun weapon stick box rope bag step "
    "degree time second moment right left energy lot manner way motion pace speed style stance "
    "position angle clockwise bow dance pose punch kick jump wave turn walk run throw hit swing "
    "squat crawl clap stretch exercise fighter boxer ball bat club golf basketball stair ladder "
    "obstacle fist palm uppercut hook jab movement style balance combat attack defense bottom top"
)
_VERBS = (
    "walk run jog turn jump hop leap kick punch hit beat stab throw toss squat crouch crawl wave "
    "sit stand step swing raise lift lower move put place pick take hold grab bend stretch lean "
    "bow dance spin rotate twist push pull clap kneel lie lay fall stumble trip limp march skip "
    "stop start begin continue return come go get make do use look face reach extend shake nod "
    "point touch bring drop catch dribble shoot swim fly climb balance stagger sway pace stroll "
    "creep slide duck dodge block box jab hook uppercut strike slash slam smash pound fight "
    "perform practice pretend appear seem act stride rush dash sprint hurry drag shuffle wander "
    "rise straighten cross open close fold tilt circle carry roll flip cartwheel drink eat wipe "
    "wash play type answer talk remain stay keep try greet lurch head thrust hurl pitch sneak "
    "tiptoe trudge charge attack defend swipe shift settle pause leave let hang repeat finish work"
)
_IRREGULAR = {
    "men": "man", "women": "woman", "people": "people", "feet": "foot", "children": "child",
    "knives": "knife", "ran": "run", "went": "go", "gone": "go", "goes": "go", "sat": "sit",
    "stood": "stand", "threw": "throw", "thrown": "throw", "took": "take", "taken": "take",
    "held": "hold", "fell": "fall", "fallen": "fall", "bent": "bend", "swung": "swing",
    "lying": "lie", "lay": "lie", "kept": "keep", "made": "make", "came": "come", "got": "get",
    "began": "begin", "begun": "begin", "brought": "bring", "caught": "catch", "fought": "fight",
    "struck": "strike", "rose": "rise", "shook": "shake", "stuck": "stick", "spun": "spin",
    "knelt": "kneel", "leapt": "leap", "crept": "creep", "slid": "slide", "shot": "shoot",
    "swam": "swim", "beaten": "beat", "left": "leave", "hung": "hang", "drank": "drink",
    "does": "do", "has": "have",
}  # fmt: skip

_POS = {word: pos for pos, words in _CLOSED.items() for word in words.split()}
_NOUN_SET, _VERB_SET = set(_NOUNS.split()), set(_VERBS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# After these a word that can be either is a noun; after the others it is a verb.
_BEFORE_NOUN = {"DET", "ADJ", "NUM", "ADP"}
_POSSESSIVE = {"his", "her", "their", "its", "my", "your", "our"}


def tagger() -> Callable[[str], str]:
    """The tagger itself; nothing has to be loaded."""
    return tag


def tag(sentence: str) -> str:
    """Tokens of one sentence, for example ``a/DET man/NOUN kick/VERB``."""
    tokens: list[str] = []
    before, last = "", ""
    found = map(_bare, _WORD.findall(sentence.replace("-", "")))
    words = [word for word in found if word.isalpha()]
    for word, following in pairwise([*words, ""]):
        lower = word.lower()
        pos = _part_of_speech(lower, before, last, following.lower())
        stem = lower if lower == "left" else lemma(lower, pos)
        tokens.append(f"{stem if pos in ('NOUN', 'VERB') else word}/{pos}")
        before, last = pos, lower
    return " ".join(tokens)


def _bare(word: str) -> str:
    """A word without what follows its apostrophe: person's, doesn't."""
    head, mark, tail = word.replace("’", "'").partition("'")
    return head.removesuffix("n") if mark and tail == "t" and head != "can" else head


def _part_of_speech(word: str, before: str, last: str, following: str) -> str:
    """The likeliest part of speech, from the word, the one before with its tag, and the next."""
    noun, verb = lemma(word, "NOUN"), lemma(word, "VERB")
    expects_noun = before in _BEFORE_NOUN or last in _POSSESSIVE
    if word == "to":
        return "ADP" if before == "VERB" else "PART"
    if word == "back" and expects_noun:
        return "NOUN"
    if word in ("left", "right"):
        if lemma(following, "NOUN") in _NOUN_SET:
            return "ADJ"
        return "NOUN" if expects_noun else "ADV"
    if word in _POS:
        return _POS[word]
    is_noun, is_verb = noun in _NOUN_SET, verb in _VERB_SET
    if is_noun and is_verb:
        return "NOUN" if expects_noun and not word.endswith("ing") else "VERB"
    if is_verb:
        return "NOUN" if expects_noun and before != "ADP" and word == verb else "VERB"
    if is_noun:
        return "NOUN"
    if word.endswith("ly"):
        return "ADV"
    if word.endswith(("ing", "ed")) and len(word) > 4:
        return "VERB"
    if word.endswith(("ous", "ful", "ive", "able", "al", "ic", "ish", "less", "y")):
        return "ADJ"
    return "NOUN"


def lemma(word: str, pos: str) -> str:
    """The dictionary form of a word, were it of that part of speech."""
    known = _NOUN_SET if pos == "NOUN" else _VERB_SET
    if word in known:
        return word
    irregular = _IRREGULAR.get(word)
    if irregular is not None:
        return irregular
    guesses = _singulars(word) + (_infinitives(word) if pos == "VERB" else [])
    return next((guess for guess in guesses if guess in known), guesses[0] if guesses else word)


def _singulars(word: str) -> list[str]:
    """Stems without the s of the plural or of the third person, the likeliest first."""
    if not word.endswith("s") or word.endswith(("ss", "us", "is")) or len(word) < 4:
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y", word[:-1]]
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        return [word[:-2], word[:-1]]
    return [word[:-1]]


def _infinitives(word: str) -> list[str]:
    """Stems without -ing or -ed, the likeliest first."""
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1:
            doubled = len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "lsz"
            soft = stem[-1] in "cgsuvz" and not stem.endswith(("ss", "zz"))
            plain = stem[:-1] if doubled else f"{stem}e" if soft else stem
            extra = [f"{stem[:-1]}y"] if ending == "ed" and stem.endswith("i") else []
            return [*extra, plain, stem, f"{stem}e"]
    return []
