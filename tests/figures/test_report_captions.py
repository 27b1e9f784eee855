"""Captions of `snakemake --report`, whose names must not be read as its markup."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from jinja2 import Environment, StrictUndefined

CAPTIONS = sorted((Path(__file__).parents[2] / "workflow/report").glob("*.rst"))


class Wildcards:
    """Any wildcard, of a value that would be a reference."""

    def __getattr__(self, name: str) -> str:
        return "kick_"


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda path: path.stem)
def test_a_name_in_a_caption_is_only_read(path: Path) -> None:
    """``kick_`` is a name that may be given, and a link in this form."""
    text = Environment(undefined=StrictUndefined).from_string(path.read_text(encoding="utf-8"))
    shown = text.render(snakemake=SimpleNamespace(wildcards=Wildcards()))
    tree = publish_doctree(shown, settings_overrides={"report_level": 5})
    assert not [*tree.findall(nodes.problematic)]
    assert not [*tree.findall(nodes.reference)]
    assert tree.astext().count("kick_") == path.read_text(encoding="utf-8").count("wildcards")
