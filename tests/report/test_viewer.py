"""The player under the hands of who looks at motions: its clock, its time line, and its eye."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.hostile_report import FRAMES, scene_of, write_page

selenium = pytest.importorskip("selenium", reason="the extra `dev` is not installed")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.remote.webelement import WebElement  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402

from support.browsing import complaints, opened, until  # noqa: E402

_LAST = FRAMES - 1

_SPY = """
const draw = skeleton.draw;
skeleton.draw = (canvas, moving, seconds, view, ink) => {
  window.eye = [view.yaw, view.pitch, view.zoom];
  draw(canvas, moving, seconds, view, ink);
};
document.getElementById("reset").click();
"""

_SEEN = """
const [done] = arguments, stage = document.getElementById("stage");
stage.scrollIntoView({block: "center"});
new IntersectionObserver(([seen]) => seen.isIntersecting && done()).observe(stage);
"""


@pytest.fixture(scope="module")
def walking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walking")
    write_page(folder, scene_of({}))
    return folder


@pytest.fixture
def player(browser: webdriver.Chrome, walking: Path) -> Iterator[webdriver.Chrome]:
    """The browser, at a player that stands still at its first frame; at the end nothing complained.

    ``window.eye`` is where the last skeleton was drawn from.
    """
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        opened(browser, walking)
        complaints(browser)
        browser.execute_script(_SPY)
        browser.execute_async_script(_SEEN)
        yield browser
        assert complaints(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def bodies(browser: webdriver.Chrome) -> list[str]:
    """What is drawn of each model."""
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('canvas.body')].map((each) => each.toDataURL())"
    )
    return found


def differ(before: list[str], after: list[str]) -> bool:
    """Whether each model is drawn otherwise: they share their clock and their eye."""
    return all(one != other for one, other in zip(before, after, strict=True))


def eye(browser: webdriver.Chrome) -> tuple[float, float, float]:
    """Yaw and pitch in radians, and the zoom."""
    yaw, pitch, zoom = browser.execute_script("return window.eye")
    return yaw, pitch, zoom


def two_frames(browser: webdriver.Chrome) -> None:
    """Let the page see what was done, which it does with its next frame."""
    script = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
    browser.execute_async_script(script)


class Mouse:
    """A mouse over the middle of an element, or as far beside it."""

    def __init__(self, browser: webdriver.Chrome, element: WebElement, aside: float = 0) -> None:
        self.browser = browser
        middle = middle_of(browser, element)
        self.at = {"x": middle["x"] + aside, "y": middle["y"]}
        self.pressed = 0

    def _say(self, kind: str, **more: object) -> None:
        button = "left" if self.pressed else "none"
        told = {"type": kind, **self.at, "button": button, "buttons": self.pressed, **more}
        self.browser.execute_cdp_cmd("Input.dispatchMouseEvent", told)
        two_frames(self.browser)

    def press(self) -> None:
        self.pressed = 1
        self._say("mousePressed", button="left", clickCount=1)

    def move(self, right: float, down: float = 0) -> None:
        self.at = {"x": self.at["x"] + right, "y": self.at["y"] + down}
        self._say("mouseMoved")

    def release(self) -> None:
        self.pressed = 0
        self._say("mouseReleased", button="left", clickCount=1)

    def wheel(self, down: int, modifiers: int = 0) -> None:
        self._say("mouseWheel", deltaX=0, deltaY=down, modifiers=modifiers)


def middle_of(browser: webdriver.Chrome, element: WebElement) -> dict[str, float]:
    """The middle of an element, in the window."""
    found: dict[str, float] = browser.execute_script(
        "const at = arguments[0].getBoundingClientRect();"
        "return {x: at.x + at.width / 2, y: at.y + at.height / 2}",
        element,
    )
    return found


def body(browser: webdriver.Chrome) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, "canvas.body")


def frame(browser: webdriver.Chrome) -> int:
    """The number at which the slider stands; the clock says the same."""
    number = int(browser.execute_script("return document.getElementById('scrub').value"))
    assert browser.find_element(By.ID, "clock").text == f"{number / 20:.2f} s"
    return number


def plays(browser: webdriver.Chrome) -> bool:
    return browser.find_element(By.ID, "play").get_attribute("aria-label") == "Stop"


# --- Addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        *("#%", "#cell/nothing", "#cell/constructor"),
        *("#motion/", "#motion/99/0", "#motion/0/99", "#motion/x/-1", "#motion/length/0"),
    ],
)
def test_an_address_of_nothing_leads_to_the_first_motion(
    browser: webdriver.Chrome, walking: Path, place: str
) -> None:
    complaints(browser)
    opened(browser, walking, place)
    until(browser, "document.getElementById('caption').textContent")
    assert complaints(browser) == []


# --- Time ----------------------------------------------------------------------------------------


def test_speed_is_how_fast_the_frames_follow(player: webdriver.Chrome) -> None:
    """By pictures of the screen that the test hands out, 0.4 s apart."""
    player.execute_script("window.requestAnimationFrame = (tick) => { window.tick = tick; }")
    start = bodies(player)
    for speed, passed in (("¼×", 2), ("½×", 4), ("1×", 8), ("2×", 16)):
        body(player).send_keys(Keys.HOME)
        Select(player.find_element(By.ID, "speed")).select_by_visible_text(speed)
        player.find_element(By.ID, "play").click()
        assert plays(player)
        player.execute_script("tick(1000); tick(1400)")
        assert frame(player) == passed
        assert differ(start, bodies(player))
    Select(player.find_element(By.ID, "speed")).select_by_visible_text("1×")
    body(player).send_keys(Keys.END)
    player.find_element(By.ID, "play").click()
    player.execute_script("tick(1000); tick(1300)")
    assert frame(player) == _LAST, "a moment on the last frame"
    player.execute_script("tick(1500)")
    assert frame(player) == 0


def test_the_slider_is_dragged_to_a_frame(player: webdriver.Chrome) -> None:
    start = bodies(player)
    Select(player.find_element(By.ID, "speed")).select_by_visible_text("¼×")
    player.find_element(By.ID, "play").click()
    scrub = player.find_element(By.ID, "scrub")
    half = scrub.rect["width"] / 2 - 8  # of the way of the middle of its thumb
    mouse = Mouse(player, scrub, -half)
    mouse.press()
    assert not plays(player), "nor where the thumb is under the mouse already"
    assert frame(player) < _LAST / 4
    mouse.move(half)
    assert frame(player) == pytest.approx(_LAST / 2, abs=1)
    assert differ(start, bodies(player))
    mouse.move(half)
    mouse.release()
    assert frame(player) == _LAST


def test_a_time_line_is_dragged_to_a_frame(player: webdriver.Chrome) -> None:
    """Also where the hand leaves it, which is only some pixels high."""
    start = bodies(player)
    player.find_element(By.ID, "play").click()
    line = player.find_element(By.CSS_SELECTOR, "canvas.line")
    quarter = line.rect["width"] / 4
    mouse = Mouse(player, line, -quarter)
    mouse.press()
    assert frame(player) == pytest.approx(_LAST / 4, abs=1)
    assert not plays(player)
    assert differ(start, bodies(player))
    mouse.move(quarter)
    assert frame(player) == pytest.approx(_LAST / 2, abs=1)
    mouse.move(quarter, 60)
    assert frame(player) == pytest.approx(_LAST * 3 / 4, abs=1)
    mouse.move(quarter + 30)
    assert frame(player) == _LAST
    mouse.release()
    mouse.move(-2 * quarter, -60)
    assert frame(player) == _LAST


# --- The eye -------------------------------------------------------------------------------------


def test_dragging_turns_the_eye(player: webdriver.Chrome) -> None:
    start, (yaw, pitch, zoom) = bodies(player), eye(player)
    mouse = Mouse(player, body(player))
    mouse.press()
    mouse.move(60)
    assert eye(player) == pytest.approx((yaw + 0.5, pitch, zoom))
    aside = bodies(player)
    assert differ(start, aside)
    mouse.move(0, 40)
    assert eye(player) == pytest.approx((yaw + 0.5, pitch + 0.2, zoom))
    assert differ(aside, bodies(player))
    mouse.move(0, 300)
    assert eye(player)[1] == 1.5, "from above, not from behind"
    mouse.move(-60, -300)
    assert eye(player) == pytest.approx((yaw, 0, zoom))
    mouse.move(0, -80)
    assert eye(player)[1] == -0.3, "hardly from below"
    mouse.release()
    let_go = eye(player)
    mouse.move(40, 40)
    assert eye(player) == let_go
    player.find_element(By.ID, "reset").click()
    assert bodies(player) == start


def test_the_wheel_zooms_where_it_was_asked_for(player: webdriver.Chrome) -> None:
    """A wheel over a skeleton scrolls the page, unless that was clicked before; a pinch of a
    trackpad, which comes as a wheel with control, always zooms."""

    def place() -> float:
        return float(player.execute_script("return scrollY"))

    control, unmoved = 2, place()
    mouse = Mouse(player, body(player))
    start, (yaw, pitch, zoom) = bodies(player), eye(player)
    mouse.wheel(-100, control)
    assert eye(player) == pytest.approx((yaw, pitch, zoom * math.exp(0.25)))
    near = bodies(player)
    assert differ(start, near)
    mouse.press()
    mouse.release()
    mouse.wheel(100)
    assert eye(player) == pytest.approx((yaw, pitch, zoom))
    assert differ(near, bodies(player))
    mouse.wheel(4000)
    assert eye(player)[2] == 0.3
    mouse.wheel(-8000)
    assert eye(player)[2] == 5
    assert place() == unmoved
    player.find_element(By.ID, "reset").click()
    mouse.wheel(100)
    until(player, f"scrollY > {unmoved}")
    assert eye(player) == (yaw, pitch, zoom)


@pytest.mark.parametrize("direction", [(1, 0), (0, 1), (0.6, 0.8)])
def test_two_fingers_zoom_and_one_turns(
    player: webdriver.Chrome, direction: tuple[float, float]
) -> None:
    middle, (yaw, pitch, zoom) = middle_of(player, body(player)), eye(player)

    def touch(kind: str, *offsets: float) -> None:
        """Fingers so far from the middle of a skeleton."""
        points = [
            {
                "x": middle["x"] + by * direction[0],
                "y": middle["y"] + by * direction[1],
                "id": number,
            }
            for number, by in enumerate(offsets)
        ]
        player.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        two_frames(player)

    start, place = bodies(player), player.execute_script("return scrollY")
    touch("touchStart", -20, 20)
    for apart in (24, 28, 32, 36, 40):
        touch("touchMove", -apart, apart)
    touch("touchEnd")
    assert eye(player)[2] == pytest.approx(2 * zoom)
    assert eye(player)[:2] == (yaw, pitch)
    near = bodies(player)
    assert differ(start, near)
    touch("touchStart", -40, 40)
    for apart in (35, 30, 25, 20):
        touch("touchMove", -apart, apart)
    touch("touchEnd")
    assert eye(player) == pytest.approx((yaw, pitch, zoom))
    assert differ(near, bodies(player))
    assert player.execute_script("return [scrollY, visualViewport.scale]") == [place, 1]
    if direction == (1, 0):  # up and down, one finger scrolls the page
        touch("touchStart", 0)
        for aside in (8, 16, 24):
            touch("touchMove", aside)
        touch("touchEnd")
        assert eye(player) == pytest.approx((yaw + 24 / 120, pitch, zoom))
