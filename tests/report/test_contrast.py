"""The report's colours by WCAG 2.2, AA: text by 1.4.3, controls and drawings by 1.4.11."""

import re

import pytest

from hmu.report import page

CSS = (page._FOLDER / page.STYLE).read_text(encoding="utf-8")
BACKGROUNDS = ("paper", "band", "accent-back")
DRAWN = {
    "paper": ("edge", "token", "mark", "accent", "soft", "ink"),  # controls, focus, time line
    "band": ("right", "left", "trunk", "way"),  # a body and its path, in a panel
}


def colours(block: str) -> dict[str, str]:
    """The custom properties of a block that are opaque colours, as six hexadecimal digits."""
    found = dict(re.findall(r"--([\w-]+): #([0-9a-f]{3}(?:[0-9a-f]{3})?);", block))
    return {
        name: "".join(2 * digit for digit in value) if len(value) == 3 else value
        for name, value in found.items()
    }


def root(after: str) -> dict[str, str]:
    """The colours of the first ``:root`` from a text on."""
    rest = CSS[CSS.index(after) :]
    block = re.search(r":root[^{]* \{(.*?)\}", rest, re.DOTALL)
    assert block is not None
    return colours(block[1])


LIGHT = root("")
THEMES = {
    "light": LIGHT,
    "dark": LIGHT | root("@media screen and (prefers-color-scheme: dark)"),
    "print": LIGHT | root("@media print"),
}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(colour: str, opacity: float, ground: str) -> str:
    """A colour that lets the ground shine through."""
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (0, 2, 4)]
    return "".join(f"{round(opacity * top + (1 - opacity) * low):02x}" for top, low in pairs)


def test_the_ratio_is_that_of_the_standard() -> None:
    assert ratio("000000", "ffffff") == pytest.approx(21)
    assert ratio("767676", "ffffff") == pytest.approx(
        4.54, abs=0.005
    )  # the palest grey that passes


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: str) -> None:
    inks = set(re.findall(r"[{; ]color: ?var\(--([\w-]+)\)", CSS))
    assert inks >= {"ink", "soft", "accent"}
    known = THEMES[theme]
    for ink in sorted(inks):
        for ground in BACKGROUNDS:
            assert ratio(known[ink], known[ground]) >= 4.5, (ink, ground)


def test_no_text_and_no_control_has_a_colour_of_its_own() -> None:
    rules = re.sub(r":root[^{]* \{.*?\}", "", CSS, flags=re.DOTALL)
    assert not re.findall(r"[{; ](?:color|border[\w-]*|outline):[^;}]*(?:#|rgb)[^;}]*", rules)
    assert "opacity" not in rules.replace("opacity: .7;", "", 1)  # of `.strip i`, below


@pytest.mark.parametrize("theme", THEMES)
def test_controls_and_drawings_can_be_seen(theme: str) -> None:
    known = THEMES[theme]
    for ground, names in DRAWN.items():
        for name in names:
            assert ratio(known[name], known[ground]) >= 3, (name, ground)
    assert ratio(over(known["accent"], 0.7, known["paper"]), known["paper"]) >= 3


def test_the_scripts_draw_in_these_colours() -> None:
    named: set[str] = set()
    for script in page.SCRIPTS:
        text = (page._FOLDER / script).read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-fA-F]{6}\b|\brgba?\(", text), script
        named |= set(re.findall(r'"--([\w-]+)"', text))
    assert named - {"grid", "shade"} <= {name for names in DRAWN.values() for name in names}
    assert named <= set(re.findall(r"--([\w-]+):", CSS))
