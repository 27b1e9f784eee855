"""A browser that looks at pages from the disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait


@contextmanager
def headless() -> Iterator[webdriver.Chrome]:
    """Chromium without a window; skips the test where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("there is no chromium with chromedriver (packages chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("headless=new", "no-sandbox", "disable-gpu", "window-size=1400,1000"):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(options, Service(driver)) as running:
        yield running


@contextmanager
def phone(browser: webdriver.Chrome) -> Iterator[None]:
    """Let the browser be one of a phone, 390 px wide."""
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def opened(browser: webdriver.Chrome, folder: Path, place: str = "") -> None:
    """Open a report and wait until its first motion is drawn."""
    browser.get("about:blank")
    browser.get((folder / "index.html").as_uri() + place)
    until(browser, "document.querySelector('#stage canvas')")


def until(browser: webdriver.Chrome, expression: str) -> Any:
    """Wait until a script's expression is true; its value."""
    return WebDriverWait(browser, 30).until(lambda b: b.execute_script(f"return {expression}"))


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the browser has said since it was last asked, other than for information."""
    return [each["message"] for each in browser.get_log("browser") if each["level"] != "INFO"]
