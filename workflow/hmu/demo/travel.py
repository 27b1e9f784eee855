"""Walking, running, turning, shuffling, crawling: actions that lead somewhere."""

import numpy as np

from hmu.demo import gait
from hmu.demo.action import Action
from hmu.demo.puppet import SIGN
from hmu.demo.score import SIDES, Move, Score, column, pose


def walk(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Walking forward, backward, to a side, in a curve or in a circle; by ``style``."""
    side = SIGN[action.side % 2]
    speed = float(rng.uniform(1.05, 1.35)) / action.pace**0.9
    cadence = float(rng.uniform(1.7, 1.95)) / action.pace**0.6
    turn, turning, direction = 0.0, (0.0, 1.0), 0.0
    if action.style == "backward":
        speed, direction = 0.65 * speed, np.pi
    elif action.style == "sideways":
        speed, direction = 0.45 * speed, side * np.pi / 2
    elif action.style == "circle":
        turn = side * float(rng.uniform(1.5, 2.1)) * np.pi
    elif action.style == "turning":
        turn, turning = side * float(rng.uniform(0.45, 0.6)) * np.pi, (0.4, 0.65)
    elif action.style == "back":
        turn, turning = side * np.pi * float(rng.uniform(0.95, 1.05)), (0.36, 0.62)
    else:
        turn = float(rng.normal(0, 0.12))
    vigour = 0.3 if action.style == "sideways" else 1.0
    route = gait.path(action.seconds, fps, speed, turn, turning, direction)
    return gait.walk(route, rng, cadence, vigour)


def run(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Running straight or in a circle."""
    speed = float(rng.uniform(2.5, 3.1)) / action.pace**0.8
    turn = float(rng.normal(0, 0.1))
    if action.style == "circle":
        turn = SIGN[action.side % 2] * float(rng.uniform(1.5, 2.1)) * np.pi
        speed *= 0.8
    route = gait.path(action.seconds, fps, speed, turn, ramp=0.5)
    return gait.run(route, rng, float(rng.uniform(2.6, 2.9)) / action.pace**0.3)


def turn(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Turning on the spot by a quarter, a half or a whole turn."""
    angle = {"quarter": 0.5, "half": 1.0, "whole": 2.0}[action.style] * np.pi
    angle *= SIGN[action.side] * float(rng.uniform(0.93, 1.07))
    seconds = (0.6 + 0.55 * abs(angle)) * action.pace
    route = gait.path(seconds, fps, 0.05, angle, (0.08, 0.92))
    return gait.walk(route, rng, float(rng.uniform(1.9, 2.3)) / action.pace, 0.2)


def zombie(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Shuffling along like the undead."""
    speed = float(rng.uniform(0.40, 0.60)) / action.pace
    route = gait.path(action.seconds, fps, speed, float(rng.normal(0, 0.2)))
    return gait.zombie(route, rng, float(rng.uniform(1.1, 1.4)) / action.pace**0.6)


def crawl(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Crawling on hands and knees; in the style "down" getting there first."""
    speed = float(rng.uniform(0.40, 0.62)) / action.pace
    direction, angle = 0.0, float(rng.normal(0, 0.1))
    if action.style == "backward":
        direction, speed = np.pi, 0.7 * speed
    elif action.style == "circle":
        angle = SIGN[action.side % 2] * float(rng.uniform(0.8, 1.2)) * np.pi
    route = gait.path(action.seconds, fps, speed, angle, direction=direction)
    move = gait.crawl(route, rng, speed / float(rng.uniform(0.22, 0.27)))
    if action.style != "down":
        return move
    # Going down, the body shifts ahead of the feet, which stay where they are.
    parts = [_kneel(rng, action.pace).channels(fps), _shifted(move.channels, _KNEEL_SHIFT)]
    return Move(np.concatenate(parts), move.left, move.forward + _KNEEL_SHIFT, move.turn)


_KNEEL_SHIFT = 0.62


def _shifted(channels: np.ndarray, ahead: float) -> np.ndarray:
    """The same channels, everything ``ahead`` metres further forward."""
    moved = channels.copy()
    for name in ("forward", *(f"{s}.{p}_forward" for s in SIDES for p in ("foot", "plant"))):
        column(moved, name)[:] += ahead
    return moved


def _kneel(rng: np.random.Generator, pace: float) -> Score:
    """From standing down to hands and knees."""
    score = Score(int(rng.integers(2)), pace, rng, spread=0.0)
    end = {
        k: v + _KNEEL_SHIFT if k.endswith("forward") and "elbow" not in k else v
        for k, v in gait.CRAWLING.items()
    }
    end["forward"] = _KNEEL_SHIFT
    low = {
        "up": -0.52,
        "forward": 0.12,
        "lean": 0.75,
        "bend": 0.3,
        "nod": -0.2,
        "b.heel": 0.75,
        "b.hand_up": -0.6,
        "b.hand_forward": 0.7,
        "b.hand_out": 0.1,
        "b.plant_out": end["b.plant_out"],
        "b.plant_up": 0.10,
        "b.plant_forward": end["b.plant_forward"] - 0.2,
        "b.planted": 0.6,
    }
    kneeling = end | pose("b.heel 1.3  b.foot_forward -0.05  forward 0.5  up -0.46  lean 1.1")
    return score.to(0.8, low).to(0.5, kneeling).to(0.4, end)
