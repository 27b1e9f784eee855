"""The audit of the paper as a page: every finding, with its evidence."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from hmu.io.inert import html
from hmu.tables.audit import Finding, in_words
from hmu.tables.writers.webpage import PAGES, document

_TITLE = "Audit of the paper’s values"
ABOUT = (
    "Where values that the paper prints contradict each other or its text, or cannot be what they "
    "are called, as far as the paper alone and its released code show it. A finding says what "
    "differs; where it says what may have caused it, that is a possibility and no more. Nothing "
    "here was measured by this pipeline. The evidence is computed from the values as printed."
)


def page(findings: Sequence[Finding], tables: Mapping[str, str]) -> str:
    """The page, which lies beside the index; ``tables`` are the pages' names by layout."""
    items = "".join(_item(finding, tables) for finding in findings)
    body = f'<h1>{_TITLE}</h1>\n<p class="about">{ABOUT}</p>\n<ol class="audit">\n{items}</ol>\n'
    return document(_TITLE, f'{body}<nav><a href="index.html">All tables</a></nav>\n')


def _item(finding: Finding, tables: Mapping[str, str]) -> str:
    quotes = "".join(f"<blockquote>{html(each)}</blockquote>\n" for each in finding.quotes)
    evidence = "".join(f"<li>{html(each)}</li>\n" for each in finding.evidence)
    carried = "; ".join(_place(line, tables) for line in finding.lines)
    return (
        f'<li id="{html(finding.name)}"><h2>{html(finding.title)}</h2>\n'
        f"<p>{html(finding.says)}</p>\n{quotes}"
        + (f'<ul class="notes">\n{evidence}</ul>\n' if evidence else "")
        + (f'<p class="about">Concerns {carried}.</p>\n' if carried else "")
        + "</li>\n"
    )


def _place(line: str, tables: Mapping[str, str]) -> str:
    """A row or cell in words, with a link to the table's page where there is one."""
    layout = line.partition("/")[0]
    words = html(in_words(line))
    if layout not in tables:
        return words
    return f'<a href="{PAGES}/{quote(tables[layout])}.html">{words}</a>'
