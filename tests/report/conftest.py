"""The browser that all tests of the report share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium import webdriver


@pytest.fixture(scope="session")
def browser() -> "Iterator[webdriver.Chrome]":
    pytest.importorskip("selenium", reason="the extra `dev` is not installed")
    from support.browsing import headless

    with headless() as running:
        yield running
