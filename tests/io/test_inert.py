"""What a text says does nothing in any form: readers of the form read it back."""

import csv
import html
import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from matplotlib.figure import Figure
from matplotlib.text import Text

from hmu.cli import main
from hmu.errors import InputError
from hmu.generation import prompts
from hmu.interface.prompts import PromptContext
from hmu.io import csv_table, inert
from hmu.prompts import file
from support import tex

SPECIAL = "\\`*_{}[]()<>#+-.!|~&$@:=\"'^%;/ \t\n1ahttpw,²é−"
ODD = "\x00\x1b\r\x85\xa0\u200d\u202e\u2028＝ß日👩…–“”’↓±τλΛ°³×≤ő—‘"
TEXTS = st.text(st.sampled_from(SPECIAL)) | st.text(st.sampled_from(SPECIAL + ODD))
EVIL = (
    "# title", "1. one", "12) one", "- [x] done", "+ one", "=====", "---", "```", "> quote",
    "[a](http://b.c)", "![a](b.png)", "<b>", "<!-- ", "&amp;", "&#35;", "a|b", "\\|", "a\\",
    "~~a~~", "*a* __b__", "$x^2$", "https://a.b", "www.a.b", "a@b.cd",
    "    code", "[^1]: note", "a\n\n# b",
    "=1+1", "-1", "+x", "@sum", "'=x", "'", "\t=x", "＝1", " =x", "\x1b[31mred", "a\u202eb", "\x00",
    "\\input{x}", "%", "--", "''", "^^41", "?`",
)  # fmt: skip

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def leaves(tokens: list[Token]) -> list[Token]:
    """The tokens that hold something, without paragraphs, lists, tables around them."""
    return [leaf for token in tokens for leaf in (token.children or [token])]


def kinds(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens]


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize(
    "around", ["{}", "# {}", "- {}", "**{}**", "| {} | b |\n|---|---|\n| {} | c |"]
)
def test_known_tricks_are_text_in_markdown(text: str, around: str) -> None:
    plain = kinds(MARKDOWN.parse(around.replace("{}", "a")))
    found = MARKDOWN.parse(around.replace("{}", inert.markdown(text) or "a"))
    assert kinds(found) == plain
    assert {leaf.type for leaf in leaves(found)} == {
        leaf.type for leaf in leaves(MARKDOWN.parse(around.replace("{}", "a")))
    }


@given(TEXTS)
def test_markdown_says_the_text(text: str) -> None:
    (token, inline, end) = MARKDOWN.parse(f"- {inert.markdown(text)}x")[2:5]
    assert token.type == "paragraph_open"
    assert end.type == "paragraph_close"
    assert {leaf.type for leaf in inline.children or []} <= {"text"}
    assert "".join(leaf.content for leaf in inline.children or []) == f"{inert.line(text)}x"


@given(TEXTS)
def test_a_field_of_a_table_in_markdown_is_one_field(text: str) -> None:
    row = f"| a | {inert.markdown(text)} | b |"
    tokens = MARKDOWN.parse(f"| 1 | 2 | 3 |\n|---|---|---|\n{row}")
    fields = ["".join(x.content for x in t.children or []) for t in tokens if t.type == "inline"]
    assert fields == ["1", "2", "3", "a", inert.line(text), "b"]


@given(TEXTS)
@example("http://a.b WWW.a.b mailto:c@d.e @f g@h-i.j R@1")
def test_github_makes_no_link_nor_formula_of_it(text: str) -> None:
    """What its Markdown has beyond the parser's: bare addresses, mentions, formulas."""
    written = inert.markdown(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*(?:[$]|://)", written.replace("\\:", ""))
    assert not re.search(r"(?<![\w\\])@|[\w.+-]@[\w-]+\.", written)
    assert "www." not in written.lower()


@given(TEXTS)
@example("-–-'’”?“!“``")
def test_latex_has_the_text_and_no_command_of_it(text: str) -> None:
    assert read_latex(inert.latex(text)) == inert.line(text).replace("’", "'")


READ = {
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "`",
    "textless": "<", "textgreater": ">", "textbar": "|", "ldots": "…",
    "textquoteleft": "‘", "textemdash": "—",
}  # fmt: skip
MATHS = {
    "$\\downarrow$": "↓", "$\\uparrow$": "↑", "$\\rightarrow$": "→", "$\\pm$": "±",
    "$\\surd$": "√", "$\\cdot$": "·", "$-$": "−", "$\\times$": "×", "$\\leq$": "≤",
    "$\\tau$": "τ", "$\\lambda$": "λ", "$\\Lambda$": "Λ", "$^2$": "²", "$^3$": "³",
    "$^\\circ$": "°",
}  # fmt: skip
TOKEN = re.compile(
    r"\\texttt\{U\+(?P<code>[0-9A-F]{4,6})\}"
    r"|\\(?P<name>[a-z]+)\{\}|\\(?P<mark>[&%$#_{}])|(?P<maths>\$[^$]+\$)"
    r"|(?P<quote>``|'')|(?P<dash>--)|(?P<nothing>\{\})|(?P<plain>[^\\&%$#_{}~^`<>|])",
    re.DOTALL,
)


def read_latex(text: str) -> str:
    """What LaTeX prints; fails for whatever it would read as something else."""
    assert not re.search(r"[?!]`|---|'''|```", text)
    assert not text.startswith(("[", "*"))
    said, at = "", 0
    while at < len(text):
        found = TOKEN.match(text, at)
        assert found, text[at:]
        at = found.end()
        kind, value = found.lastgroup, found[found.lastgroup or 0]
        assert value not in ("\n", "\r")
        match kind:
            case "code":
                said += chr(int(value, 16))
            case "name":
                said += READ[value]
            case "maths":
                said += MATHS[value]
            case "quote":
                said += {"``": "“", "''": "”"}[value]
            case "dash":
                said += "–"
            case "nothing":
                pass
            case _:
                said += value
    return said


@tex.needed
def test_pdftex_comes_through_every_character(tmp_path: Path) -> None:
    """Letters of two blocks, of Greek, signs, and some of what it cannot print."""
    blocks = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x370, 0x400), range(0x2000, 0x2300))
    marks = [chr(code) for block in blocks for code in block] + list(SPECIAL + ODD)
    fields = [inert.latex(mark) for mark in marks]
    together = inert.latex("".join(marks))
    assert tex.pages("\\par\n".join([*fields, *map(inert.latex, EVIL), together]), tmp_path)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2)))
@example([["=1+1", "@x"], ["'=1", "''-"], ["\t=x", "＝"], ["'\tx", "\tx"]])
def test_csv_has_the_text_and_no_formula(rows: list[list[str]]) -> None:
    written = csv_table.text(["a", "b"], rows)
    _, *fields = csv.reader(io.StringIO(written, newline=""))
    assert not any(re.match(r"\s*[=+\-@＝＋－＠]", field) for row in fields for field in row)
    read = [[csv_table.text_of(field) for field in row] for row in fields]
    assert read == [[inert.visible(text) for text in row] for row in rows]


def test_numbers_stay_numbers_in_csv(tmp_path: Path) -> None:
    csv_table.write(tmp_path / "a.csv", ["x", "y"], [(-0.5, "-0.5"), (None, float("nan"))])
    assert (tmp_path / "a.csv").read_bytes() == b"x,y\n-0.5,'-0.5\n,\n"
    assert next(csv_table.read(tmp_path / "a.csv")) == {"x": "-0.5", "y": "-0.5"}


@given(TEXTS)
def test_html_has_the_text(text: str) -> None:
    written = inert.html(text)
    assert not re.search(r"[<>\"']", written)
    assert html.unescape(written) == inert.visible(text)


@given(TEXTS)
def test_data_have_texts_without_controls_and_are_else_the_same(text: str) -> None:
    read = inert.visible(text)
    assert not any(inert.is_control(mark) for mark in read if mark not in "\n\t")
    data = {text: [text, (1.5, text, None, True)], "frames": [1, 2.5], "none": []}
    shown = {read: [read, [1.5, read, None, True]], "frames": [1, 2.5], "none": []}
    assert inert.visible_data(data) == shown


@given(TEXTS)
@example("$\\frac{")
@example("$a$ and \\$b$")
def test_a_chart_shows_the_text_and_no_formula(text: str) -> None:
    shown, is_formula = Text(figure=Figure())._preprocess_math(inert.drawn(text))
    assert not is_formula
    assert shown == inert.line(text)


@given(TEXTS)
def test_a_line_is_one_line_without_controls(text: str) -> None:
    shown = inert.line(text)
    assert len(shown.splitlines()) <= 1
    assert not any(map(inert.is_control, shown))
    assert inert.line("\ud800") == r"\ud800"
    assert inert.line("a \x1b[31m \u202e \x85 b\r\n\tc") == r"a \x1b[31m \u202e b c"
    assert inert.line("👩\u200d🔬 mid\u200cair") == "👩\u200d🔬 mid\u200cair"


@pytest.mark.parametrize("mark", ["\x1b", "\x00", "\u202e", "\x85"])
def test_prompts_have_no_control_characters(mark: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"control character '{re.escape(ascii(mark)[1:-1])}'"):
        prompts.check([prompts.Prompt(f"a person{mark} kicks")])
    path = tmp_path / "prompts.jsonl"
    path.write_text('{"prompt": "a person MARK kicks"}'.replace("MARK", f"\\u{ord(mark):04x}"))
    with pytest.raises(InputError, match=r"line 1: prompt has the control character"):
        [*file.prompts(PromptContext(None, {}, {"path": path}))]


def test_what_is_printed_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rephrase", "a person kicks \x1b[2J the ball"]) == 0
    assert main(["lineage", "no\x1bwhere"]) == 2
    done = capsys.readouterr()
    assert "\x1b" not in done.out + done.err
    assert r"\x1b" in done.err
