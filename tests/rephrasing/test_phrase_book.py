"""The phrase book: English that describes the motion, holds no keyword, and repeats itself."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hmu.cli import main
from hmu.prompts import phrase_book
from hmu.rephrasing.book import book
from hmu.rephrasing.rewriting import rephrase

ROOT = Path(__file__).resolve().parents[2]
VIOLENCE = ("kick", "punch", "hit", "beat", "boxe", "boxing", "jab", "uppercut", "hook", "stab")


def said(caption: str, *keywords: str) -> str:
    """The caption with the first of all phrases."""
    return rephrase(caption, keywords or VIOLENCE, lambda count: 0).text


def paper() -> dict[str, tuple[str, ...]]:
    """The paper's concepts: all keywords of each, of both datasets."""
    text = (ROOT / "workflow/config/paper.yaml").read_text(encoding="utf-8")
    found = {}
    for name, concept in yaml.safe_load(text)["concepts"].items():
        lists = concept["keywords"]
        lists = [lists] if isinstance(lists, list) else lists.values()
        found[name] = tuple(dict.fromkeys(word for words in lists for word in words))
    return {name: words for name, words in found.items() if name != "none"}


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        # The forms of a verb.
        ("a person kicks", "a person swings one leg forward and up, then pulls it back"),
        (
            "a man is kicking with the right leg",
            "a man is swinging the right leg forward and up, then pulling it back",
        ),
        ("he kicked twice", "he swung one leg forward and up, then pulled it back, twice"),
        ("he has kicked", "he has swung one leg forward and up, then pulled it back"),
        ("they try to kick", "they try to swing one leg forward and up, then pull it back"),
        # What acts, where, on what.
        (
            "a person kicks high with their left foot three times.",
            "a person swings their left foot high, then pulls it back, three times.",
        ),
        ("a man kicks both legs up", "a man swings both legs up, then pulls them back"),
        ("a man kicks a ball", "a man swings one leg forward and up into a ball"),
        (
            "he hits something in front from above with the left fist",
            "he swings the left fist from above hard against something in front",
        ),
        ("a man raises the left knee and kicks",
         "a man raises the left knee and swings the left leg forward and up, then pulls it back"),
        ("he uses both hands to punch",
         "he uses both hands to thrust them straight out and pull them back"),
        ("he kicks high with the left foot, then with the right",
         "he swings the left foot high, then pulls it back, then the same with the right"),
        # Nouns with a verb that means little.
        ("a person throws a punch", "a person thrusts one fist straight out and pulls it back"),
        (
            "someone does two high kicks with the right leg",
            "someone swings the right leg high up, then pulls it back, twice",
        ),
        ("he swings a left hook slowly",
         "he swings the left fist around from the side in a short arc with the elbow bent, slowly"),
        ("he throws a jab followed by kicks",
         ("he snaps one fist straight forward and draws it back at once, then swings "
          "one leg forward and up, then pulls it back, again and again")),
        ("a person makes a kicking motion with the left leg",
         "a person swings the left leg forward and up, then pulls it back"),
        # Other nouns.
        ("a man in a boxing stance", "a man in a raised-fist stance"),
        ("he gets hit in the head", "he takes a blow in the head"),
        ("Side kick", "Swinging one leg out to the side, then pulling it back"),
        ("a person is kickboxing",
         "a person is holding both fists up and swinging fists and feet forward in turn"),
        # Words that hold a keyword and mean something else.
        ("a man in a white shirt punches",
         "a man in a pale shirt thrusts one fist straight out and pulls it back"),
    ],
)  # fmt: skip
def test_violence_is_described(caption: str, expected: str) -> None:
    assert said(caption) == expected


@pytest.mark.parametrize(
    ("caption", "keywords", "expected"),
    [
        ("a man walks like a zombie", ("zombie", "dead"),
         "a man walks stiffly, with both arms stretched out and the feet dragging"),
        ("he walks with both arms out like the walking dead", ("zombie", "dead"),
         "he walks with both arms out stiffly, with slow and heavy steps"),
        ("a person jumps over a box", ("jump", "leap", "hop"),
         "a person bends the knees, pushes off over a box with both legs and lands"),
        ("a woman jumps up high", ("jump",),
         "a woman bends the knees, pushes off the ground and rises up high before landing"),
        ("he does ten jumping jacks", ("jump",),
         "he pushes off the ground while opening arms and legs, then closes them again, ten times"),
        ("a man hops forward on the left leg", ("jump", "leap", "hop"),
         "a man pushes off the ground with the left leg and lands on it forward"),
        ("he throws the ball overhand with his right hand", ("throw",),
         "he brings his right hand back, then swings it overhand and lets the ball fly"),
        ("a man throws his arms up", ("throw",), "a man flings his arms up"),
        ("he threw it", ("throw",),
         "he brought one arm back, then swung it forward and let it fly"),
        ("a person does three squats", ("duck", "squat"),
         "a person bends the knees and lowers the hips towards the floor, three times"),
        ("he ducks under a bar", ("duck", "squat"),
         "he bends the knees and lowers the head under a bar"),
        ("a man crawls backward on hands and knees", ("crawl",),
         "a man moves backward on hands and knees"),
        ("a man creeps up slowly", ("crawl", "creep", "slide"),
         "a man moves along slowly and quietly, close to the ground"),
        ("a man shoots a basketball", ("gun", "shoot"),
         "a man raises a ball over the head and pushes it up in an arc"),
        ("he slashes with a sword", ("sword", "slash"),
         "he sweeps a long blade across the body in a fast line"),
        ("a woman does kung fu", ("kungfu", "karate"),
         "a woman steps and snaps hands and feet out in sharp, exact moves"),
    ],
)  # fmt: skip
def test_the_other_concepts_are_described(
    caption: str, keywords: tuple[str, ...], expected: str
) -> None:
    assert said(caption, *keywords) == expected


@pytest.mark.parametrize(
    "caption",
    [
        "a person dances to the beat",
        "a man picks up two boxes",
        "someone hangs a white coat on a hook",
        "a person walks forward",
        "",
    ],
)
def test_captions_without_a_motion_of_the_concept_are_left_out(caption: str) -> None:
    assert phrase_book.described(caption, VIOLENCE, seed=1) is None


def phrases() -> Iterator[str]:
    """Every text of the book that may stand in a prompt."""
    for motion in book().motions.values():
        for group in (motion.say, motion.object, motion.upward, motion.moved, motion.suffered):
            yield from group
        yield from (*motion.noun, *motion.like, *motion.limb, *motion.styles.values())
        yield from (motion.where, motion.kind)
        yield from (phrase for some in motion.objects.values() for phrase in some)
    yield from (*book().things.values(), *book().accidents.values())


def test_the_book_itself_holds_no_keyword_of_the_paper() -> None:
    words = {word for words in paper().values() for word in words}
    held = [(text, word) for text in phrases() for word in words if word in text]
    assert held == []


@pytest.mark.parametrize("concept", paper())
def test_no_way_to_name_a_motion_is_left(concept: str) -> None:
    """Verbs in all forms, nouns with all the words that may stand before them."""
    keywords = paper()[concept]
    forms = [word for word in book().names if any(keyword in word for keyword in keywords)]
    assert forms
    frames = (
        "a man {}", "a man {} the left leg", "he does a quick {} with both hands", "the {}",
        "a {} motion", "he is {}", "two {}", "like a {}", "{} and {}", "he gets {} twice",
    )  # fmt: skip
    for word in forms:
        for frame in frames:
            text = said(frame.replace("{}", word), *keywords)
            assert not re.search("|".join(keywords), text), (frame, word, text)


def test_a_phrase_depends_on_the_seed_and_the_caption_alone() -> None:
    captions = [f"a person {how} kicks" for how in ("slowly", "quickly", "often", "then", "never")]
    first = [phrase_book.described(each, VIOLENCE, 7) for each in captions]
    again = [phrase_book.described(each, VIOLENCE, 7) for each in reversed(captions)]
    assert first == again[::-1]
    assert first != [phrase_book.described(each, VIOLENCE, 8) for each in captions]
    assert len({text.split("kicks")[0].split()[3] for text in first if text}) > 1


def test_the_command_line_shows_what_the_book_makes_of_a_caption(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kick, walk = "a man kicks high", "a man walks"
    assert main(["rephrase", kick, walk, "--without", "kick", "--seed", "7"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{phrase_book.described(kick, ('kick',), 7)}\n\n"
    assert err == "hmu: the phrase book knows no motion in 'a man walks'\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("he jumps and throws a ball\n"))
    assert main(["rephrase"]) == 0
    assert not re.search("jump|throw", capsys.readouterr().out)


def test_what_would_be_longer_than_the_evaluator_reads_is_said_briefly() -> None:
    long = "a person walks sideways to the left very slowly and then kicks with the right foot once"
    assert phrase_book.described(long, VIOLENCE, 1) == (
        "a person walks sideways to the left very slowly and then swings the right foot "
        "forward and up and back once"
    )
    assert len(said(long).split()) > 20


WORDS = [
    *book().names, *"a the his both left right leg hands with in to and then , . twice times ball "
    "something up high is gets does throws like as if of boxer white three quickly {x} é".split(),
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_any_words_get_an_answer(words: list[str]) -> None:
    caption = " ".join(words)
    made = rephrase(caption, VIOLENCE, lambda count: count - 1)
    assert made == rephrase(caption, VIOLENCE, lambda count: count - 1)
    if not any(word in caption for word in (*VIOLENCE, "box")):
        assert made.motions == ()
    assert "~" not in made.text
