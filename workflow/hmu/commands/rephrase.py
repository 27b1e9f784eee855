"""`hmu rephrase`: what the phrase book makes of a caption."""

import sys
from argparse import ArgumentParser, Namespace

from hmu.io import inert
from hmu.prompts import phrase_book
from hmu.rephrasing.book import book


def rephrase_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "captions", nargs="*", metavar="CAPTION", help="a caption; lines of standard input if none"
    )
    parser.add_argument(
        "--without",
        nargs="+",
        metavar="WORD",
        help="the keywords that are not to be named; all motions that the book knows if none",
    )
    parser.add_argument("--seed", type=int, default=3407, help="that of the phrases (%(default)s)")


def rephrase(arguments: Namespace) -> int:
    """Describe the motions of captions instead of naming them, as `kind: phrase_book` does.

    Prints a line for each caption. One that names no motion that the book knows is named on
    standard error, and its line is empty.
    """
    keywords = tuple(arguments.without or book().motions)
    captions = arguments.captions or [line.rstrip("\n") for line in sys.stdin]
    for caption in captions:
        text = phrase_book.described(caption, keywords, arguments.seed)
        if text is None:
            print(f"hmu: the phrase book knows no motion in {caption!r}", file=sys.stderr)
        print(inert.line(text or ""))
    return 0
