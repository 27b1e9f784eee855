"""Captions that name a concept, in words that only describe the motion, by a phrase book of ours.

"a person kicks with the right leg" becomes "a person swings the right leg forward and up, then
pulls it back". The book (rephrasing/book.yaml) knows the concepts of the paper. Which of several
phrases is taken depends on the seed and the caption alone.
"""

from collections.abc import Iterator

from hmu.interface.prompts import Prompt, PromptContext, Rejected
from hmu.prompts._explicit import PARAMS as NAMED
from hmu.prompts._explicit import explicit, unspoken
from hmu.rephrasing.rewriting import rephrase
from hmu.rng import generator
from hmu.text.words import MOST_WORDS

PARAMS = {**NAMED}
FILES: tuple[str, ...] = ()
CONCEPTS = ("concept", "without")
KNOWS = "hmu.rephrasing.book"
UNTAGGED = True


def prompts(context: PromptContext) -> Iterator[Prompt | Rejected]:
    """One prompt for each sample whose caption names the concept, of the sample's name.

    Where the book knows no motion that the caption names, the sample is rejected.
    """
    for sample, caption in explicit(context):
        text = described(caption, unspoken(context), context.seed)
        if text is None:
            yield Rejected(sample, "the phrase book finds no motion that it knows")
        else:
            yield Prompt(sample, text, "", sample)


def described(caption: str, keywords: tuple[str, ...], seed: int) -> str | None:
    """A caption in other words, or None where the book knows no motion that it names.

    One that would be longer than what the evaluator reads is said in shorter phrases.
    """
    noise = generator(seed, "phrase book", caption)
    made = rephrase(caption, keywords, lambda count: int(noise.integers(count)))
    if len(made.text.split()) > MOST_WORDS:
        made = rephrase(caption, keywords, lambda count: 0, brief=True)
    return made.text if made.motions else None
