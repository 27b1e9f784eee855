"""Text as data, in forms that have commands: what a label or a caption says there is only read.

In Markdown it makes no heading, link or table of its own, in LaTeX no command, in HTML no tag, in a
chart no formula, and no formula of a spreadsheet.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Marks that turn the direction of writing: a text can look like another with them."""


def is_control(mark: str) -> bool:
    """Whether a character is no writing, but does something to what shows it. Line ends and tabs
    are such; what joins letters, as in emoji, is not."""
    kind = unicodedata.category(mark)
    return kind in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(mark) in _DIRECTIONS


def control_fault(text: str) -> str | None:
    """What is wrong with a text that must have no controls; None if nothing."""
    found = next(filter(is_control, text), None)
    return None if found is None else f"has the control character {found!a}; remove it"


def visible(text: str) -> str:
    """The text with its controls as escapes, ``\\x1b``; its lines stay lines."""
    if text.isprintable():  # nearly all texts are, and no control is
        return text
    return "".join(ascii(c)[1:-1] if is_control(c) and c not in "\n\t" else c for c in text)


def visible_data(data: Any) -> Any:
    """What JSON can hold, with all its texts, names of values too, as `visible` has them."""
    match data:
        case str():
            return visible(data)
        case dict():
            return {visible_data(name): visible_data(value) for name, value in data.items()}
        case list() if {*map(type, data)} <= {int, float}:  # motions: too many to look at each
            return data
        case list() | tuple():
            return [visible_data(value) for value in data]
    return data


def line(text: str) -> str:
    """The text as one line: white space as a single space, other controls as escapes."""
    return visible(" ".join(text.split()))


def html(text: str) -> str:
    """The text in HTML, also within quotes."""
    from html import escape  # its table of characters takes longer than many a job

    return escape(visible(text))


_MARKDOWN = re.compile(
    r"[\\`*_\[\]<>|~&#$]"  # what has a meaning anywhere
    # What GitHub makes links of.
    r"|(?<!\w)@|@(?=[\w-]*\.)|:(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):"
    r"|^[-+=](?=[-+= ]|$)",  # of what begins a block
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^([0-9]{1,9})(?=[.)])")


def markdown(text: str) -> str:
    """The text in GitHub's Markdown, wherever in a line, a cell of a table or a list it stands."""
    return _NUMBERED.sub(r"\1\\", _MARKDOWN.sub(r"\\\g<0>", line(text)))


_MATHS = (
    "downarrow uparrow rightarrow leftarrow pm surd cdot times leq geq approx neq infty emptyset"
).split()


def _greek() -> Iterator[tuple[str, str]]:
    """The Greek letters that LaTeX has a sign for, by Unicode's names."""
    for small in (
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi psi omega"
    ).split():
        yield f"GREEK SMALL LETTER {small.replace('lambda', 'lamda')}", f"\\{small}"
    for capital in "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split():
        name = capital.replace("Lambda", "Lamda")
        yield f"GREEK CAPITAL LETTER {name}", f"\\{capital}"


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    **{mark: f"$\\{name}$" for mark, name in zip("↓↑→←±√·×≤≥≈≠∞∅", _MATHS, strict=True)},
    **{unicodedata.lookup(name): f"${sign}$" for name, sign in _greek()},
    "−": "$-$",
    "°": r"$^\circ$",
    "²": "$^2$",
    "³": "$^3$",
    "“": "``",
    "”": "''",
    "’": "'",
    "‘": r"\textquoteleft{}",
    "–": "--",
    "—": r"\textemdash{}",
    "…": r"\ldots{}",
    "†": r"\dag{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{mark: f"\\{mark}" for mark in "&%$#_"},
}


def latex(text: str) -> str:
    """The text in LaTeX, in a table or a caption, for pdfTeX without packages: a character that
    this has no sign for is shown by its number, since it would end the document there."""
    written = ""
    for mark in line(text):
        plain = _LATEX.get(mark) or (mark if _in_every_tex(mark) else _named(mark))
        if written[-1:] + plain[0] in _JOINED:
            written += "{}"
        written += plain
    # After the end of a line or rule, these would be its argument.
    return f"{{}}{written}" if written.startswith(("[", "*")) else written


_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327\u0304\u0306\u0307\u030b"
"""Grave, acute, circumflex, tilde, diaeresis, ring, caron, cedilla, macron, breve, dot, double
acute."""


def _in_every_tex(mark: str) -> bool:
    """Whether pdfTeX with its default encodings prints this."""
    letters = unicodedata.normalize("NFD", mark)
    plain = letters[0].isascii() and letters[1:] in ("", *_ACCENTS)
    return (plain and mark < "\u0180") or mark in "ßæÆøØœŒłŁ"


def _named(mark: str) -> str:
    """What stands for a character that LaTeX stops at: its number in Unicode."""
    return f"\\texttt{{U+{ord(mark):04X}}}"


_JOINED = ("--", "''", "``", "?`", "!`")
"""What together would be another mark."""


def drawn(text: str) -> str:
    """The text in a chart of matplotlib, which reads formulas between dollars."""
    return line(text).replace("$", r"\$")
