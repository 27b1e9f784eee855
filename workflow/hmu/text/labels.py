"""Motion-X's semantic labels: plain sentences, made captions by stated rules.

The files were written by many hands and by language models, and differ in form. Each rule of
`RULES` fixes one fault, says what it does, and is counted in the dataset's ``label_report.csv``.
Texts of HumanML3D are a benchmark as they stand: no rule touches them, here neither (the subset
``humanml`` has HumanML3D's own files), but for captions with impossible times.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import ftfy

from hmu.io import csv_table

RULES: dict[str, str] = {
    "utf-16": "Files with a UTF-16 byte order mark are read as UTF-16.",
    "byte order mark": "A UTF-8 byte order mark at the beginning is removed.",
    "windows-1252": "What is not UTF-8 is read as Windows-1252, the usual encoding of English.",
    "mojibake": "UTF-8 that was once read as another encoding (â€™) is restored.",
    "line ends": "CR, CR LF and Unicode's line ends become line feeds.",
    "prompt": "A language model's prompt (##Input: … ##Output:) is removed, its answer kept.",
    "control characters": "Control characters, zero-width characters and soft hyphens are removed.",
    "file name": "Words joined by underscores are separated; _clip_2 and the like at the end goes.",
    "field marks": "#, which separates the fields of HumanML3D's files, becomes a space.",
    "quotes": "Typographic quotation marks and apostrophes become \" and '.",
    "dashes": "Typographic hyphens become -, longer dashes - with a space on both sides.",
    "spaces": "Tabs, no-break and repeated spaces become one space; none is left at an end.",
    "look-alikes": "Full-width letters, ligatures and the like become plain ones (NFKC).",
    "bullets": "A list marker before a sentence (-, *, •) is removed.",
    "enclosing quotes": "Quotation marks around a whole sentence, or unpaired at an end, go.",
    "upper case": "Letters become lower case, as nearly all of HumanML3D's are.",
    "loose punctuation": "Spaces before . , ; : ! or ? are removed.",
    "full stop": "A sentence without . ! or ? at its end gets a full stop.",
    "blank lines": "Blank lines are skipped.",
    "repeated sentence": "A sentence that the file already has is removed.",
    "several lines": "Each line is a caption of its own.",
    "with tokens": "Lines in HumanML3D's form, with tokens and times, stay as they are.",
    "times": "Captions that start before the clip, or end before they start, are left out.",
    "set aside": "Files that are missing, empty, not text or without words: see quarantine.csv.",
}
"""The rules in the order in which they apply, and what each does."""

_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PROMPT = re.compile(
    r"#+\s*input\s*:.*?#+\s*ou?t?put\s*:\s*|#+\s*(?:input|ou?t?put)\s*:\s*",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED = re.compile(r"_clip_?\d+$", re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛′´`", "'") | dict.fromkeys("“”„‟″«»", '"'))
_DASHES = str.maketrans(dict.fromkeys("‐‑−﹣－", "-") | dict.fromkeys("‒–—―", " - "))
_BULLET = re.compile(r"^(?:[-*•·]\s+)+")
_LOOSE = re.compile(r"\s+(?=[.,;:!?])")


class Undecodable(ValueError):
    """Bytes that are no text in any of the encodings."""


def sentences(content: bytes) -> tuple[list[tuple[int, str]], list[str]]:
    """The sentences of a label file with their lines from 0, and the rules that changed something.

    Raises Undecodable for what is not text.
    """
    text, used = _decoded(content)
    applied = dict.fromkeys(used)
    text = _apply(_OF_FILES, text, applied)
    lines = text.removesuffix("\n").split("\n")
    kept: dict[str, int] = {}
    for number, line in enumerate(lines):
        sentence = _apply(_OF_LINES, line, applied)
        if not sentence:
            applied["blank lines"] = None
        elif sentence in kept:
            applied["repeated sentence"] = None
        else:
            kept[sentence] = number
    if len(kept) > 1:
        applied["several lines"] = None
    return [(number, sentence) for sentence, number in kept.items()], list(applied)


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """Text, and which rules of encoding it took. NUL bytes mean that it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, used = "utf-16", ["utf-16"]
    else:
        encoding = "utf-8-sig"
        used = ["byte order mark"] if content.startswith(b"\xef\xbb\xbf") else []
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if used:
            raise Undecodable(f"is not {encoding}, as its first bytes say") from None
        try:
            text, used = content.decode("cp1252"), ["windows-1252"]
        except UnicodeDecodeError:
            raise Undecodable("is neither UTF-8 nor Windows-1252 text") from None
    if "\0" in text:
        raise Undecodable("holds NUL bytes, so it is not text")
    return text, used


Step = tuple[str, Callable[[str], str]]


def _apply(steps: Iterable[Step], text: str, applied: dict[str, None]) -> str:
    for name, change in steps:
        changed = change(text)
        if changed != text:
            applied[name] = None
        text = changed
    return text


def _without_controls(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf"))


def _words(line: str) -> str:
    if "_" in line and " " not in line.strip():
        line = _NUMBERED.sub("", line.strip())
    return line.replace("_", " ")


def _unquoted(line: str) -> str:
    for mark in "\"'":
        inner = line.strip(mark)
        paired = len(line) >= 2 and line[0] == mark == line[-1]
        if line != inner and mark not in inner and (paired or mark == '"'):
            return _unquoted(inner.strip())
    return line


def _stopped(line: str) -> str:
    bare = line.rstrip(" ,;:-")
    return f"{bare}." if bare and bare[-1] not in ".!?" else bare


_OF_FILES: tuple[Step, ...] = (
    ("mojibake", ftfy.fix_encoding),
    ("line ends", lambda text: _ENDS.sub("\n", text)),
    ("prompt", lambda text: _PROMPT.sub("", text)),
)
_OF_LINES: tuple[Step, ...] = (
    ("control characters", _without_controls),
    ("file name", _words),
    ("field marks", lambda line: line.replace("#", " ")),
    ("quotes", lambda line: line.translate(_QUOTES)),
    ("dashes", lambda line: line.translate(_DASHES)),
    ("spaces", lambda line: " ".join(line.split())),
    ("look-alikes", lambda line: unicodedata.normalize("NFKC", line)),
    ("bullets", lambda line: _BULLET.sub("", line)),
    ("enclosing quotes", _unquoted),
    ("upper case", str.lower),
    ("loose punctuation", lambda line: _LOOSE.sub("", line)),
    ("full stop", _stopped),
)


class Report:
    """How many label files each rule has changed, and the first of them."""

    def __init__(self) -> None:
        self.files: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def note(self, applied: Iterable[str], file: str) -> None:
        """Count the rules that applied to ``file``."""
        for rule in applied:
            self.files[rule] += 1
            self.examples.setdefault(rule, file)

    def write(self, path: Path) -> None:
        """Write a line a rule: rule, files, example, what the rule does."""
        rows = [
            (rule, self.files[rule], self.examples.get(rule), does) for rule, does in RULES.items()
        ]
        csv_table.write(path, ("rule", "files", "example", "does"), rows)
