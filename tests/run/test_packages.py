"""Packages that a tagger needs besides the lock are missed before anything imports them."""

import importlib.util
from collections.abc import Callable

import pytest

from hmu.run import packages


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let these packages be absent, and all others be there."""

    def hide(*names: str) -> None:
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda name: None if name in names else "a package"
        )

    return hide


def test_the_first_that_is_missing_is_said(without: Callable[..., None]) -> None:
    without("spacy", "en_core_web_sm")
    assert "pip install spacy &&" in str(packages.missing("spacy"))
    without("en_core_web_sm")
    assert "`python -m spacy download en_core_web_sm`" in str(packages.missing("spacy"))
    without()
    assert packages.missing("spacy") is None


def test_what_needs_no_package_misses_none(without: Callable[..., None]) -> None:
    without("spacy")
    assert packages.missing("rules") is None
