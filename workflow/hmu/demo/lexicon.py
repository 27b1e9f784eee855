"""The words of the built-in captions, and a tagger for them that needs no language model.

Tags and lemmas are those that HumanML3D's ``text_process.py`` gets from spaCy: nouns and verbs are
lemmatised (except "left"), all other words stay as they are, and what is not a word is dropped.
"""

import re

_VERBS = """
walk walks walking|stroll strolls strolling|step steps stepping|move moves moving|go goes going
march marches marching|run runs running|jog jogs jogging|sprint sprints sprinting
turn turns turning|rotate rotates rotating|spin spins spinning|pivot pivots pivoting
sidestep sidesteps sidestepping|pace paces pacing|take takes taking|do does doing
make makes making|perform performs performing|crawl crawls crawling|creep creeps creeping
get gets getting|jump jumps jumping|leap leaps leaping|hop hops hopping|bounce bounces bouncing
kick kicks kicking|raise raises raising|punch punches punching|hit hits hitting|jab jabs jabbing
box boxes boxing|land lands landing|give gives giving|strike strikes striking|beat beats beating
pound pounds pounding|hammer hammers hammering|stab stabs stabbing|thrust thrusts thrusting
lunge lunges lunging|throw throws throwing|toss tosses tossing|pitch pitches pitching
squat squats squatting|bend bends bending|duck ducks ducking|lower lowers lowering
shuffle shuffles shuffling|stagger staggers staggering|stumble stumbles stumbling
drag drags dragging|wave waves waving|greet greets greeting|sit sits sitting
stand stands standing|pick picks picking|lift lifts lifting|clap claps clapping
bow bows bowing|stretch stretches stretching|lean leans leaning|reach reaches reaching
hang hangs hanging|put puts putting|say says saying|swing swings swinging|hold holds holding
circle circles circling|travel travels traveling|retreat retreats retreating
cover covers covering|spread spreads spreading|applaud applauds applauding
deliver delivers delivering
"""
_NOUNS = """
person persons|man men|woman women|figure figures|human humans|leg legs|foot feet|knee knees
arm arms|hand hands|fist fists|head heads|elbow elbows|side sides|circle circles|time times
step steps|turn turns|jump jumps|kick kicks|punch punches|jab jabs|hook hooks|uppercut uppercuts
squat squats|bow bows|wave waves|knife knives|sword swords|weapon weapons|ball balls
object objects|chair chairs|seat seats|floor floors|ground grounds|zombie zombies|front fronts
air airs|jack jacks|place places|box boxes|cardboard cardboards|coat coats|beat beats
music musics|shirt shirts|pace paces|table tables|body bodies|line lines
roundhouse roundhouses|waist waists|degree degrees|way ways|blow blows|lap laps
"""
_OTHERS = {
    "DET": "a an the all his her their both some",
    "PRON": "someone something he she it them",
    "ADP": "with in on of at to like from below into over onto up down "
    "off behind before under above",
    "ADV": "then forward backward backwards forwards slowly quickly fast twice once repeatedly "
    "again around ahead straight sideways back out together very rapidly clockwise "
    "counterclockwise overhand underhand hello carefully firmly stiffly upwards downwards "
    "leisurely briskly there",
    "CCONJ": "and or",
    "SCONJ": "while",
    "ADJ": "high low straightened several stretched walking dead angry large heavy white slow "
    "whole full half quarter undead stiff own outstretched small other",
    "NUM": "one two three four",
    "AUX": "is",
    "PART": "not",
}


def _table() -> dict[str, dict[str, str]]:
    """Lemma by tag for each surface form."""
    table: dict[str, dict[str, str]] = {}
    for tag, text in (("NOUN", _NOUNS), ("VERB", _VERBS)):
        for entry in re.split(r"[|\n]", text.strip()):
            lemma, *_ = forms = entry.split()
            for form in forms:
                table.setdefault(form, {})[tag] = lemma
    for tag, words in _OTHERS.items():
        for word in words.split():
            table.setdefault(word, {}).setdefault(tag, word)
    return table


WORDS = _table()
GERUND = {forms[1]: forms[2] for forms in (e.split() for e in re.split(r"[|\n]", _VERBS.strip()))}
"""The -ing form of each verb's third person."""

_WORD = re.compile(r"[A-Za-z]+")


def _tag_side(previous: str, following: str | None) -> str:
    """ "left" and "right": adjectives before a noun, nouns after "the", else adverbs."""
    if following is not None and "NOUN" in WORDS.get(following, {}):
        return "ADJ"
    return "NOUN" if previous == "the" else "ADV"


def tag_words(sentence: str) -> list[tuple[str, str, str]]:
    """(word, lemma or word, tag) of every word of a sentence.

    A word that may be a noun or a verb is a noun after a determiner, an adjective or a number.
    Unknown words are guessed from their ending.
    """
    words = _WORD.findall(sentence.replace("-", ""))
    tagged: list[tuple[str, str, str]] = []
    for number, word in enumerate(words):
        key = word.lower()
        previous = tagged[-1] if tagged else ("", "", "")
        following = words[number + 1].lower() if number + 1 < len(words) else None
        tags = WORDS.get(key)
        if key in ("left", "right"):
            tag = _tag_side(previous[0].lower(), following)
            tagged.append((word, word, tag))
            continue
        if tags is None:
            tag = "ADV" if key.endswith("ly") else "VERB" if key.endswith("ing") else "NOUN"
            tags = {tag: key}
        elif len(tags) == 1:
            tag = next(iter(tags))
        elif "NOUN" in tags and previous[2] in ("DET", "ADJ", "NUM", "NOUN", "ADP"):
            # "a man walks", but "a side kick": after a noun the third person is a verb.
            subject = previous[2] == "NOUN" and key in GERUND
            tag = "VERB" if subject else "NOUN"
        else:
            tag = "VERB" if "VERB" in tags else next(iter(tags))
        lemma = tags[tag] if tag in ("NOUN", "VERB") else word
        tagged.append((word, lemma, tag))
    return tagged


def tag(sentence: str) -> str:
    """The tokens of a sentence as HumanML3D's text files hold them: ``word/TAG word/TAG``."""
    return " ".join(f"{lemma}/{tag}" for _, lemma, tag in tag_words(sentence))
