"""What the built-in dataset's people do: one function an action, from standing to standing.

Every function takes an ``Action`` and the generator of its clip and gives a ``Move``. The poses are
written for an active left side; ``Score`` mirrors them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hmu.datasets.demo import gait
from hmu.datasets.demo.puppet import SIGN
from hmu.datasets.demo.score import SIDES, Move, Score, clock, column, ease

GRAVITY = 9.81


@dataclass(frozen=True)
class Action:
    """One thing done: what, how (``style``), with which side, how often, and how fast.

    ``side`` is 0 (left), 1 (right) or 2 (both, or of no account); ``pace`` stretches time, so that
    more than 1 is slow; ``seconds`` is the duration of what has no natural end.
    """

    kind: str
    style: str = ""
    side: int = 2
    count: int = 1
    pace: float = 1.0
    seconds: float = 3.0


GUARD = {
    "up": -0.04,
    "turn": -0.25,
    "a.foot_forward": -0.16,
    "o.foot_forward": 0.16,
    "b.foot_out": 0.03,
    "b.hand_out": -0.12,
    "b.hand_up": 0.02,
    "b.hand_forward": 0.42,
    "b.elbow_out": 0.5,
    "b.elbow_up": -1.0,
    "b.elbow_forward": -0.1,
}
"""Fists before the chin, the other foot ahead."""


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
    """Crawling on hands and knees; getting down first, or up after, when the style says so."""
    speed = float(rng.uniform(0.40, 0.62)) / action.pace
    direction, angle = 0.0, float(rng.normal(0, 0.1))
    if action.style == "backward":
        direction, speed = np.pi, 0.7 * speed
    elif action.style == "circle":
        angle = SIGN[action.side % 2] * float(rng.uniform(0.8, 1.2)) * np.pi
    route = gait.path(action.seconds, fps, speed, angle, direction=direction)
    move = gait.crawl(route, rng, speed / float(rng.uniform(0.22, 0.27)))
    parts = [move.channels]
    left, forward, heading = move.left, move.forward, move.turn
    # Going down, the body shifts ahead of the feet, which stay where they are.
    if action.style == "down":
        parts.insert(0, _kneel(rng, action.pace).channels(fps))
        column(parts[0], "forward")[:] -= _KNEEL_SHIFT
        for name in SIDES:
            column(parts[0], f"{name}.foot_forward")[:] -= _KNEEL_SHIFT
            column(parts[0], f"{name}.plant_forward")[:] -= _KNEEL_SHIFT
        parts = [_shifted(part, _KNEEL_SHIFT) for part in parts]
        forward += _KNEEL_SHIFT
    return Move(np.concatenate(parts), left, forward, heading)


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
    kneeling = {
        **end,
        "b.heel": 1.3,
        "b.foot_forward": -0.05,
        "forward": 0.5,
        "up": -0.46,
        "lean": 1.1,
    }
    return score.to(0.8, low).to(0.5, kneeling).to(0.4, end)


def jump(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Jumping up, forward, on one leg (``hop``) or with arms and legs spread (``jack``)."""
    height = {"hop": 0.14, "jack": 0.14}.get(action.style, 0.32) * float(rng.uniform(0.8, 1.25))
    length = {"forward": 0.75, "hop": 0.12}.get(action.style, 0.0) * float(rng.uniform(0.8, 1.2))
    flight = 2 * np.sqrt(2 * height / GRAVITY)
    score = Score(action.side % 2, action.pace**0.7, rng)
    hop, jack = action.style == "hop", action.style == "jack"
    free = {"o.foot_up": 0.30, "o.foot_forward": -0.20, "o.bear": 0.0, "o.heel": 0.7} if hop else {}
    lean = {"left": 0.07, **free} if hop else {}
    deep = 0.5 if hop or jack else 1.0
    crouch = {
        "up": -0.26 * deep,
        "lean": 0.45 * deep,
        "forward": -0.05,
        "b.hand_out": 0.22,
        "b.hand_up": -0.75,
        "b.hand_forward": -0.40 * deep,
        "b.knee": 0.15,
        **lean,
    }
    spread = (
        {"b.hand_out": 0.25, "b.hand_up": 0.93, "b.elbow_up": -0.5}
        if jack
        else {"b.hand_out": 0.22, "b.hand_up": 0.55 * deep, "b.hand_forward": 0.60 * deep}
    )
    feet = {"b.foot_out": 0.22} if jack else {}
    rise = {"up": 0.0, "b.heel": 0.5, **spread, **lean}
    airborne = {"up": 0.0, "b.heel": 0.5, "b.bear": 0.0, **spread, **lean, **feet}
    landed = {
        "up": -0.20 * deep,
        "lean": 0.30 * deep,
        "b.knee": 0.15,
        "b.hand_forward": 0.3,
        "b.hand_up": -0.7,
        "b.hand_out": 0.3,
        **lean,
        **feet,
    }
    if jack:
        landed |= spread
    starts = []
    if hop:
        score.to(0.45, lean)
    for _ in range(action.count):
        score.to(0.35 if deep == 1 else 0.22, crouch)
        score.to(0.16, rise)
        starts.append(score.now)
        score.times.append(score.now + flight)
        score.poses.append(score.vector(airborne))
        score.to(0.14, landed)
        if jack:
            score.to(0.12, {**rise, **feet})
            starts.append(score.now)
            score.times.append(score.now + flight)
            score.poses.append(score.vector({"b.bear": 0.0, "b.hand_out": 0.75, "b.hand_up": -0.4}))
            score.to(0.12, {"up": -0.10})
    score.rest(0.4)
    channels = score.channels(fps)
    times = clock(score.now, fps)
    moved = np.zeros(len(times))
    for start in starts:
        share = np.clip((times - start) / flight, 0, 1)
        rising = 4 * height * share * (1 - share)
        tuck = 0.25 * rising * (0.0 if hop or jack else 1.0)
        column(channels, "up")[:] += rising
        for name in SIDES:
            column(channels, f"{name}.foot_up")[:] += rising + tuck
            bear = column(channels, f"{name}.bear")
            bear[:] = np.where((share > 0) & (share < 1), 0.0, bear)
        moved += length * share
    for name in ("forward", "left.foot_forward", "right.foot_forward"):
        column(channels, name)[:] += moved
    return Move(channels, forward=float(moved[-1]))


def kick(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Kicking to the front, to the side, high, low or round."""
    score = Score(action.side, action.pace, rng, {**GUARD, "turn": -0.1})
    lift = {"left": -0.08, "a.bear": 0.0, "o.knee": 0.2, "up": -0.03}
    chamber = {**lift, "a.foot_up": 0.42, "a.foot_forward": 0.10, "a.heel": 0.5, "lean": -0.05}
    reach: dict[str, float]
    if action.style == "side":
        chamber |= {"a.foot_out": 0.15, "tilt": 0.15}
        reach = {
            "a.foot_up": 0.80,
            "a.foot_out": 0.75,
            "a.foot_forward": 0.05,
            "a.heel": -0.4,
            "a.toe": 0.3,
            "a.knee": 0.7,
            "tilt": 0.40,
            "curve": 0.10,
        }
    elif action.style == "round":
        chamber |= {"a.foot_out": 0.50, "a.foot_up": 0.55, "a.foot_forward": -0.1, "turn": -0.2}
        reach = {
            "a.foot_up": 0.85,
            "a.foot_out": -0.05,
            "a.foot_forward": 0.75,
            "a.heel": 0.3,
            "tilt": 0.25,
            "turn": -0.9,
            "o.toe": 0.6,
        }
    elif action.style == "high":
        reach = {"a.foot_up": 1.15, "a.foot_forward": 0.62, "a.heel": -0.8, "lean": -0.35}
    elif action.style == "low":
        reach = {"a.foot_up": 0.62, "a.foot_forward": 0.74, "a.heel": -0.3, "lean": -0.10}
    else:
        reach = {"a.foot_up": 0.80, "a.foot_forward": 0.78, "a.heel": -0.7, "lean": -0.28}
    for number in range(action.count):
        score.to(0.30 if number else 0.40, {} if number else None)
        score.to(0.26, chamber)
        score.to(0.16, {**lift, **reach})
        score.hold(0.12)
        score.to(0.22, chamber)
        score.to(0.24, {})
    return Move(score.rest(0.45).channels(fps))


def punch(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Straight punches, jabs, hooks and uppercuts of one fist, or boxing with both in turn."""
    score = Score(action.side % 2, action.pace, rng, GUARD)
    load = {"twist": 0.45, "a.hand_forward": 0.22, "a.hand_out": 0.05, "a.elbow_forward": -0.8}
    strikes: dict[str, tuple[dict[str, float], dict[str, float]]] = {
        "straight": (
            load,
            {
                "twist": -0.65,
                "lean": 0.12,
                "up": -0.07,
                "a.hand_out": -0.18,
                "a.hand_up": 0.06,
                "a.hand_forward": 0.96,
                "forward": 0.06,
            },
        ),
        "jab": (
            {"twist": 0.1, "a.hand_forward": 0.36},
            {"twist": -0.25, "a.hand_out": -0.08, "a.hand_up": 0.08, "a.hand_forward": 0.98},
        ),
        "hook": (
            {
                **load,
                "a.hand_out": 0.55,
                "a.hand_up": -0.05,
                "a.hand_forward": 0.20,
                "a.elbow_up": 0.0,
                "a.elbow_out": 1.0,
            },
            {
                "twist": -0.85,
                "a.hand_out": -0.50,
                "a.hand_up": 0.10,
                "a.hand_forward": 0.62,
                "a.elbow_up": 0.1,
                "a.elbow_out": 1.0,
            },
        ),
        "uppercut": (
            {
                "up": -0.18,
                "twist": 0.40,
                "curve": -0.15,
                "a.hand_up": -0.60,
                "a.hand_forward": 0.25,
                "lean": 0.15,
            },
            {
                "up": 0.0,
                "twist": -0.50,
                "a.hand_up": 0.48,
                "a.hand_forward": 0.50,
                "a.hand_out": -0.20,
                "lean": -0.05,
                "a.heel": 0.4,
            },
        ),
    }
    mirrored = {"a": "o", "o": "a"}
    score.to(0.45)
    for number in range(action.count):
        before, strike = strikes["straight" if action.style == "boxing" else action.style]
        if action.style == "boxing" and number % 2:
            before, strike = (
                {
                    (f"{mirrored[k[0]]}{k[1:]}" if k[1] == "." else k): (-v if k == "twist" else v)
                    for k, v in pose.items()
                }
                for pose in (before, strike)
            )
        quick = 0.7 if action.style in ("boxing", "jab") else 1.0
        score.to(0.24 * quick, before)
        score.to(0.13, {"turn": -0.05, **strike})
        score.hold(0.11 * quick)
        score.to(0.22 * quick)
    return Move(score.rest(0.45).channels(fps))


def beat(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Hammering down in front with both fists or one, again and again."""
    prefix = "b" if action.side == 2 else "a"
    stance = {"b.foot_out": 0.08, "up": -0.06, "b.knee": 0.2}
    score = Score(action.side % 2, action.pace, rng, stance)
    raised = {
        f"{prefix}.hand_out": -0.05,
        f"{prefix}.hand_up": 0.72,
        f"{prefix}.hand_forward": 0.20,
        f"{prefix}.elbow_out": 0.7,
        f"{prefix}.elbow_up": -0.2,
        f"{prefix}.elbow_forward": 0.6,
        "bend": -0.12,
        "up": -0.02,
    }
    struck = {
        f"{prefix}.hand_out": -0.18,
        f"{prefix}.hand_up": -0.30,
        f"{prefix}.hand_forward": 0.72,
        f"{prefix}.elbow_out": 0.8,
        f"{prefix}.elbow_up": -0.6,
        f"{prefix}.elbow_forward": 0.0,
        "bend": 0.50,
        "lean": 0.28,
        "up": -0.17,
        "forward": -0.04,
    }
    for number in range(action.count):
        score.to(0.26 if number else 0.42, raised)
        score.to(0.15, struck)
        score.hold(0.04)
    return Move(score.rest(0.5).channels(fps))


def stab(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Lunging and thrusting one hand forward, or stabbing downward from above."""
    lunge = {
        "a.foot_forward": 0.42,
        "o.foot_forward": -0.25,
        "up": -0.20,
        "forward": 0.10,
        "o.heel": 0.35,
        "a.knee": 0.1,
        "o.hand_out": 0.35,
        "o.hand_up": -0.55,
        "o.hand_forward": -0.2,
    }
    score = Score(action.side, action.pace, rng, lunge)
    if action.style == "down":
        back = {
            "a.hand_out": 0.10,
            "a.hand_up": 0.55,
            "a.hand_forward": 0.05,
            "twist": 0.35,
            "a.elbow_out": 0.8,
            "a.elbow_up": 0.2,
            "a.elbow_forward": 0.5,
            "bend": -0.1,
        }
        thrust = {
            "a.hand_out": -0.20,
            "a.hand_up": -0.45,
            "a.hand_forward": 0.72,
            "twist": -0.4,
            "bend": 0.45,
            "lean": 0.20,
            "a.elbow_out": 0.8,
        }
    else:
        back = {
            "a.hand_out": 0.20,
            "a.hand_up": -0.48,
            "a.hand_forward": -0.32,
            "twist": 0.60,
            "a.elbow_out": 0.3,
            "a.elbow_forward": -1.0,
            "lean": 0.05,
        }
        thrust = {
            "a.hand_out": -0.10,
            "a.hand_up": -0.22,
            "a.hand_forward": 0.95,
            "twist": -0.55,
            "lean": 0.25,
            "bend": 0.10,
            "a.elbow_up": -0.6,
        }
    start = {
        "a.foot_forward": 0.0,
        "o.foot_forward": 0.0,
        "up": -0.05,
        "forward": 0.0,
        "o.heel": 0.0,
        **back,
    }
    score.to(0.40, start)
    # The front foot is lifted on the way into the lunge.
    stride = {**start, "a.foot_forward": 0.25, "a.foot_up": 0.07, "forward": 0.06, "up": -0.10}
    score.to(0.14, stride)
    for number in range(action.count):
        score.to(0.12 if number == 0 else 0.14, thrust)
        score.hold(0.12)
        if number + 1 < action.count:
            score.to(0.24, back)
    score.to(0.25, {**stride, "a.hand_forward": 0.3, "twist": 0.0, "lean": 0.1, "bend": 0.0})
    return Move(score.rest(0.4).channels(fps))


def throw(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Throwing overhand, or from below (``underhand``), with a step of the other foot."""
    score = Score(action.side, action.pace, rng)
    step = {
        "o.foot_forward": 0.36,
        "a.foot_forward": -0.10,
        "forward": 0.12,
        "up": -0.10,
        "a.heel": 0.5,
    }
    if action.style == "underhand":
        back = {
            "a.hand_out": 0.15,
            "a.hand_up": -0.65,
            "a.hand_forward": -0.62,
            "twist": 0.45,
            "lean": 0.20,
            "bend": 0.15,
        }
        release = {
            **step,
            "a.hand_out": -0.02,
            "a.hand_up": 0.05,
            "a.hand_forward": 0.94,
            "twist": -0.35,
            "lean": 0.12,
        }
        follow = {
            **step,
            "a.hand_out": -0.10,
            "a.hand_up": 0.60,
            "a.hand_forward": 0.70,
            "twist": -0.45,
        }
    else:
        back = {
            "a.hand_out": 0.42,
            "a.hand_up": 0.42,
            "a.hand_forward": -0.50,
            "twist": 0.80,
            "lean": -0.10,
            "bend": -0.15,
            "a.elbow_out": 1.0,
            "a.elbow_up": -0.3,
            "o.hand_up": -0.05,
            "o.hand_forward": 0.80,
            "o.hand_out": 0.1,
        }
        release = {
            **step,
            "a.hand_out": 0.05,
            "a.hand_up": 0.35,
            "a.hand_forward": 0.85,
            "twist": -0.50,
            "lean": 0.18,
            "bend": 0.15,
            "o.hand_forward": -0.2,
        }
        follow = {
            **step,
            "a.hand_out": -0.50,
            "a.hand_up": -0.55,
            "a.hand_forward": 0.55,
            "twist": -0.75,
            "lean": 0.30,
            "bend": 0.35,
            "o.hand_forward": -0.3,
        }
    stepping = {
        **back,
        "o.foot_forward": 0.18,
        "o.foot_up": 0.10,
        "forward": 0.02,
        "up": -0.04,
        "o.bear": 0.6,
    }
    for _ in range(action.count):
        score.to(0.55, {**back, "forward": -0.08, "left": 0.04})
        score.hold(0.08)
        score.to(0.20, stepping)
        score.to(0.15, release)
        score.to(0.17, follow)
        score.hold(0.12)
        score.to(0.25, {"o.foot_forward": 0.15, "o.foot_up": 0.06, "forward": 0.05})
        score.to(0.25, {})
    return Move(score.rest(0.25).channels(fps))


def squat(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Squatting with the arms ahead, or ducking under something with the arms over the head."""
    if action.style == "duck":
        score = Score(action.side % 2, action.pace, rng)
        low = {
            "up": -0.36,
            "lean": 0.50,
            "bend": 0.55,
            "nod": 0.45,
            "forward": -0.06,
            "b.knee": 0.2,
            "b.hand_out": -0.25,
            "b.hand_up": 0.28,
            "b.hand_forward": 0.28,
            "b.elbow_out": 0.8,
            "b.elbow_up": 0.0,
            "b.elbow_forward": 1.0,
            "o.foot_forward": 0.1,
            "a.foot_forward": -0.1,
        }
        for _ in range(action.count):
            score.to(0.32, low).hold(0.45).to(0.5)
        return Move(score.rest(0.3).channels(fps))
    score = Score(
        action.side % 2, action.pace, rng, {"b.foot_out": 0.09, "b.toe": 0.45, "b.knee": 0.5}
    )
    low = {
        "up": -0.45,
        "lean": 0.62,
        "bend": 0.05,
        "forward": -0.14,
        "nod": -0.3,
        "b.hand_out": -0.05,
        "b.hand_up": 0.42,
        "b.hand_forward": 0.88,
    }
    score.to(0.3)
    for _ in range(action.count):
        score.to(0.75, low)
        score.hold(0.25)
        score.to(0.65)
    return Move(score.rest(0.3).channels(fps))


def wave(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Waving with a raised hand or both."""
    prefix = "b" if action.side == 2 else "a"
    score = Score(action.side % 2, action.pace, rng)
    elbow = {
        f"{prefix}.elbow_out": 0.8,
        f"{prefix}.elbow_up": -0.8,
        f"{prefix}.elbow_forward": -0.1,
    }
    inward = {
        f"{prefix}.hand_out": 0.02,
        f"{prefix}.hand_up": 0.52,
        f"{prefix}.hand_forward": 0.30,
        **elbow,
    }
    outward = {**inward, f"{prefix}.hand_out": 0.58, f"{prefix}.hand_up": 0.46}
    score.to(0.55, outward)
    for _ in range(action.count + 2):
        score.to(0.24, inward)
        score.to(0.24, outward)
    return Move(score.rest(0.55).channels(fps))


def sit(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Sitting down on a chair's edge, and standing up again when the style is ``rise``."""
    score = Score(action.side % 2, action.pace, rng, spread=0.05)
    reaching = {"b.hand_up": -0.62, "b.hand_forward": 0.5, "b.hand_out": 0.1}
    half = {"up": -0.20, "forward": -0.20, "lean": 0.62, "bend": 0.15, "nod": -0.3, **reaching}
    seated = {
        "up": -0.40,
        "forward": -0.42,
        "lean": -0.06,
        "bend": 0.12,
        "b.hand_out": -0.02,
        "b.hand_up": -0.70,
        "b.hand_forward": 0.48,
        "b.elbow_out": 0.6,
        "b.knee": 0.12,
    }
    score.to(0.55, half)
    score.to(0.50, seated)
    score.hold(max(0.7, action.seconds - 2.0))
    if action.style == "rise":
        score.to(0.50, half)
        score.rest(0.6)
    return Move(score.channels(fps))


def pick(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Bending down, taking something from the floor with one hand or both, and lifting it."""
    prefix = "b" if action.side == 2 else "a"
    score = Score(action.side % 2, action.pace, rng, spread=0.05)
    low = {
        "up": -0.36,
        "lean": 0.85,
        "bend": 0.45,
        "forward": -0.12,
        "b.knee": 0.25,
        "nod": 0.1,
        f"{prefix}.planted": 1.0,
        f"{prefix}.plant_out": 0.14,
        f"{prefix}.plant_up": 0.14,
        f"{prefix}.plant_forward": 0.40,
        "o.hand_out": 0.2,
    }
    hold = {
        f"{prefix}.hand_out": -0.10,
        f"{prefix}.hand_up": -0.38,
        f"{prefix}.hand_forward": 0.52,
        f"{prefix}.plant_out": 0.14,
        f"{prefix}.plant_up": 0.14,
        f"{prefix}.plant_forward": 0.40,
    }
    score.to(0.85, low).hold(0.2).to(0.8, hold).hold(0.5)
    return Move(score.rest(0.5).channels(fps))


def clap(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Clapping before the chest."""
    score = Score(
        0,
        action.pace,
        rng,
        {"b.hand_up": -0.22, "b.hand_forward": 0.55, "b.elbow_out": 0.8, "b.elbow_up": -0.8},
    )
    apart, together = {"b.hand_out": 0.15}, {"b.hand_out": -0.27}
    score.to(0.45, apart)
    for _ in range(action.count + 2):
        score.to(0.16, together).to(0.20, apart)
    return Move(score.rest(0.45).channels(fps))


def lift(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Raising one arm or both above the head."""
    prefix = "b" if action.side == 2 else "a"
    score = Score(action.side % 2, action.pace, rng, spread=0.04)
    top = {
        f"{prefix}.hand_out": 0.08,
        f"{prefix}.hand_up": 0.98,
        f"{prefix}.hand_forward": 0.04,
        "bend": -0.06,
        "nod": -0.15,
    }
    wide = {f"{prefix}.hand_out": 0.35, f"{prefix}.hand_up": 0.0, f"{prefix}.hand_forward": 0.90}
    for _ in range(action.count):
        score.to(0.40, wide).to(0.35, top).hold(0.5).to(0.35, wide).to(0.35)
    return Move(score.rest(0.2).channels(fps))


def bow(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Bowing from the waist with the arms at the sides."""
    score = Score(0, action.pace, rng)
    down = {"lean": 0.60, "bend": 0.45, "nod": 0.2, "forward": -0.10}
    for _ in range(action.count):
        score.to(0.75, down).hold(0.35).to(0.75)
    return Move(score.rest(0.2).channels(fps))


def stretch(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Leaning over to the side, the other arm above the head."""
    score = Score(action.side, action.pace, rng, {"b.foot_out": 0.10})
    over = {
        "curve": -0.75,
        "tilt": -0.08,
        "left": -0.04,
        "o.hand_out": -0.25,
        "o.hand_up": 0.92,
        "o.hand_forward": 0.1,
        "cock": -0.2,
    }
    wide = {"curve": -0.2, "o.hand_out": 0.95, "o.hand_up": 0.05}
    score.to(0.3)
    for _ in range(action.count):
        score.to(0.40, wide).to(0.45, over).hold(0.5).to(0.40, wide).to(0.35)
    return Move(score.rest(0.3).channels(fps))


ACTIONS: dict[str, Callable[[Action, np.random.Generator, float], Move]] = {
    each.__name__: each
    for each in (
        walk,
        run,
        turn,
        zombie,
        crawl,
        jump,
        kick,
        punch,
        beat,
        stab,
        throw,
        squat,
        wave,
        sit,
        pick,
        clap,
        lift,
        bow,
        stretch,
    )
}


def perform(actions: list[Action], rng: np.random.Generator, fps: float) -> list[Move]:
    """The moves of a clip, one after the other, still in their own frames."""
    return [ACTIONS[action.kind](action, rng, fps) for action in actions]


def chain(moves: list[Move]) -> np.ndarray:
    """Channels (F, len(CHANNELS)) of moves in succession, each begun where the last one ended."""
    parts = []
    left = forward = heading = 0.0
    for move in moves:
        channels = move.channels.copy()
        _carry(channels, left, forward, heading)
        parts.append(channels)
        cosine, sine = np.cos(heading), np.sin(heading)
        left, forward = (
            left + move.left * cosine + move.forward * sine,
            forward - move.left * sine + move.forward * cosine,
        )
        heading += move.turn
    return np.concatenate(parts)


def _carry(channels: np.ndarray, left: float, forward: float, heading: float) -> None:
    """Turn and move channels in place, as if the move had begun elsewhere."""
    cosine, sine = np.cos(heading), np.sin(heading)

    def carry(
        across: np.ndarray, ahead: np.ndarray, sign: float, beside: float, before: float
    ) -> None:
        x, z = sign * (across + beside), ahead + before
        across[:] = sign * (left + x * cosine + z * sine) - beside
        ahead[:] = forward - x * sine + z * cosine - before

    carry(column(channels, "left"), column(channels, "forward"), 1.0, 0.0, 0.0)
    column(channels, "turn")[:] += heading
    for side, name in enumerate(SIDES):
        for part, neutral in (("foot", 0.10), ("plant", 0.0)):
            across, ahead = (
                column(channels, f"{name}.{part}_{axis}") for axis in ("out", "forward")
            )
            carry(across, ahead, SIGN[side], neutral, neutral)
        column(channels, f"{name}.toe")[:] += SIGN[side] * heading


def _drift(rng: np.random.Generator, times: np.ndarray, count: int) -> np.ndarray:
    """Slow random curves (F, count) of unit size: what keeps a living body from standing still."""
    knots = np.arange(0.0, times[-1] + 1.6, 0.8)
    return ease(times, knots, rng.standard_normal((len(knots), count)))


_RESTLESS = {
    "left": 0.006, "forward": 0.006, "tilt": 0.010, "bend": 0.020, "twist": 0.025, "curve": 0.015,
    "nod": 0.050, "look": 0.090, "cock": 0.030,
}  # fmt: skip
_HABIT = {
    "bend": 0.04, "nod": 0.05, "b.hand_out": 0.04, "b.hand_forward": 0.04, "b.elbow_out": 0.12,
    "b.knee": 0.05, "b.toe": 0.06, "b.foot_out": 0.015,
}  # fmt: skip


def enliven(channels: np.ndarray, rng: np.random.Generator, fps: float) -> np.ndarray:
    """The same motion by somebody: habits of posture, slow drift, and joins between moves smoothed."""
    lively = channels.copy()
    times = np.arange(len(lively)) / fps
    down = column(channels, "left.planted") + column(channels, "right.planted")
    free = 1 - np.clip(down, 0, 1)
    drift = _drift(rng, times, len(_RESTLESS) + 6)
    for number, (name, size) in enumerate(_RESTLESS.items()):
        column(lively, name)[:] += size * drift[:, number]
    for number, name in enumerate(f"{s}.hand_{a}" for s in SIDES for a in ("out", "up", "forward")):
        column(lively, name)[:] += 0.025 * drift[:, len(_RESTLESS) + number]
    for name, size in _HABIT.items():
        value = size * float(np.clip(rng.standard_normal(), -2, 2))
        for each in [name.replace("b.", f"{s}.") for s in SIDES] if "b." in name else [name]:
            column(lively, each)[:] += value * free
    width = max(1, round(0.035 * fps))
    reach = np.arange(-2 * width, 2 * width + 1)
    kernel = np.exp(-0.5 * (reach / width) ** 2)
    kernel /= kernel.sum()
    padded = np.concatenate(
        [lively[:1].repeat(2 * width, 0), lively, lively[-1:].repeat(2 * width, 0)]
    )
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=0)
    return windows @ kernel
