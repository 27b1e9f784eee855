"""Kicking, punching, beating, stabbing and throwing.

The poses are written for an active left side; ``Score`` mirrors them.
"""

import numpy as np

from hmu.demo.action import Action
from hmu.demo.score import Move, Score, pose

GUARD = pose(
    "up -0.04  turn -0.25  a.foot_forward -0.16  o.foot_forward 0.16 "
    "b.foot_out 0.03  b.hand_out -0.12  b.hand_up 0.02  b.hand_forward 0.42 "
    "b.elbow_out 0.5  b.elbow_up -1.0  b.elbow_forward -0.1"
)
"""Fists before the chin, the other foot ahead."""


def kick(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Kicking to the front, to the side, high, low or round."""
    score = Score(action.side, action.pace, rng, GUARD | pose("turn -0.1"))
    lift = pose("left -0.08  a.bear 0.0  o.knee 0.2  up -0.03")
    chamber = lift | pose("a.foot_up 0.42  a.foot_forward 0.1  a.heel 0.5  lean -0.05")
    reach: dict[str, float]
    if action.style == "side":
        chamber |= pose("a.foot_out 0.15  tilt 0.15")
        reach = pose(
            "a.foot_up 0.8  a.foot_out 0.75  a.foot_forward 0.05  a.heel -0.4  a.toe 0.3 "
            "a.knee 0.7  tilt 0.4  curve 0.1"
        )
    elif action.style == "round":
        chamber |= pose("a.foot_out 0.5  a.foot_up 0.55  a.foot_forward -0.1  turn -0.2")
        reach = pose(
            "a.foot_up 0.85  a.foot_out -0.05  a.foot_forward 0.75  a.heel 0.3  tilt 0.25 "
            "turn -0.9  o.toe 0.6"
        )
    elif action.style == "high":
        reach = pose("a.foot_up 1.15  a.foot_forward 0.62  a.heel -0.8  lean -0.35")
    elif action.style == "low":
        reach = pose("a.foot_up 0.62  a.foot_forward 0.74  a.heel -0.3  lean -0.1")
    else:
        reach = pose("a.foot_up 0.8  a.foot_forward 0.78  a.heel -0.7  lean -0.28")
    for number in range(action.count):
        score.to(0.30 if number else 0.40, {} if number else None)
        score.to(0.26, chamber)
        score.to(0.16, lift | reach)
        score.hold(0.12)
        score.to(0.22, chamber)
        score.to(0.24, {})
    return Move(score.rest(0.45).channels(fps))


def punch(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Straight punches, jabs, hooks and uppercuts of one fist, or boxing with both in turn."""
    score = Score(action.side % 2, action.pace, rng, GUARD)
    load = pose("twist 0.45  a.hand_forward 0.22  a.hand_out 0.05  a.elbow_forward -0.8")
    strikes: dict[str, tuple[dict[str, float], dict[str, float]]] = {
        "straight": (
            load,
            pose(
                "twist -0.65  lean 0.12  up -0.07  a.hand_out -0.18  a.hand_up 0.06 "
                "a.hand_forward 0.96  forward 0.06"
            ),
        ),
        "jab": (
            pose("twist 0.1  a.hand_forward 0.36"),
            pose("twist -0.25  a.hand_out -0.08  a.hand_up 0.08  a.hand_forward 0.98"),
        ),
        "hook": (
            load
            | pose(
                "a.hand_out 0.55  a.hand_up -0.05  a.hand_forward 0.2  a.elbow_up 0.0 "
                "a.elbow_out 1.0"
            ),
            pose(
                "twist -0.85  a.hand_out -0.5  a.hand_up 0.1  a.hand_forward 0.62 "
                "a.elbow_up 0.1  a.elbow_out 1.0"
            ),
        ),
        "uppercut": (
            pose("up -0.18  twist 0.4  curve -0.15  a.hand_up -0.6  a.hand_forward 0.25 lean 0.15"),
            pose(
                "up 0.0  twist -0.5  a.hand_up 0.48  a.hand_forward 0.5  a.hand_out -0.2 "
                "lean -0.05  a.heel 0.4"
            ),
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
                    for k, v in each.items()
                }
                for each in (before, strike)
            )
        quick = 0.7 if action.style in ("boxing", "jab") else 1.0
        score.to(0.24 * quick, before)
        score.to(0.13, pose("turn -0.05") | strike)
        score.hold(0.11 * quick)
        score.to(0.22 * quick)
    return Move(score.rest(0.45).channels(fps))


def beat(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Hammering down in front with both fists or one, again and again."""
    stance = pose("b.foot_out 0.08  up -0.06  b.knee 0.2")
    score = Score(action.side, action.pace, rng, stance)
    raised = pose(
        "a.hand_out -0.05  a.hand_up 0.72  a.hand_forward 0.2  a.elbow_out 0.7 "
        "a.elbow_up -0.2  a.elbow_forward 0.6  bend -0.12  up -0.02"
    )
    struck = pose(
        "a.hand_out -0.18  a.hand_up -0.3  a.hand_forward 0.72  a.elbow_out 0.8 "
        "a.elbow_up -0.6  a.elbow_forward 0.0  bend 0.5  lean 0.28  up -0.17 "
        "forward -0.04"
    )
    for number in range(action.count):
        score.to(0.26 if number else 0.42, raised)
        score.to(0.15, struck)
        score.hold(0.04)
    return Move(score.rest(0.5).channels(fps))


def stab(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Lunging and thrusting one hand forward, or stabbing downward from above."""
    lunge = pose(
        "a.foot_forward 0.42  o.foot_forward -0.25  up -0.2  forward 0.1  o.heel 0.35 "
        "a.knee 0.1  o.hand_out 0.35  o.hand_up -0.55  o.hand_forward -0.2"
    )
    score = Score(action.side, action.pace, rng, lunge)
    if action.style == "down":
        back = pose(
            "a.hand_out 0.1  a.hand_up 0.55  a.hand_forward 0.05  twist 0.35 "
            "a.elbow_out 0.8  a.elbow_up 0.2  a.elbow_forward 0.5  bend -0.1"
        )
        thrust = pose(
            "a.hand_out -0.2  a.hand_up -0.45  a.hand_forward 0.72  twist -0.4  bend 0.45 "
            "lean 0.2  a.elbow_out 0.8"
        )
    else:
        back = pose(
            "a.hand_out 0.2  a.hand_up -0.48  a.hand_forward -0.32  twist 0.6 "
            "a.elbow_out 0.3  a.elbow_forward -1.0  lean 0.05"
        )
        thrust = pose(
            "a.hand_out -0.1  a.hand_up -0.22  a.hand_forward 0.95  twist -0.55  lean 0.25 "
            "bend 0.1  a.elbow_up -0.6"
        )
    start = pose("a.foot_forward 0.0  o.foot_forward 0.0  up -0.05  forward 0.0  o.heel 0.0") | back
    score.to(0.40, start)
    # The front foot is lifted on the way into the lunge.
    stride = start | pose("a.foot_forward 0.25  a.foot_up 0.07  forward 0.06  up -0.1")
    score.to(0.14, stride)
    for number in range(action.count):
        score.to(0.12 if number == 0 else 0.14, thrust)
        score.hold(0.12)
        if number + 1 < action.count:
            score.to(0.24, back)
    score.to(0.25, stride | pose("a.hand_forward 0.3  twist 0.0  lean 0.1  bend 0.0"))
    return Move(score.rest(0.4).channels(fps))


def throw(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Throwing overhand, or from below (``underhand``), with a step of the other foot."""
    score = Score(action.side, action.pace, rng)
    step = pose("o.foot_forward 0.36  a.foot_forward -0.1  forward 0.12  up -0.1  a.heel 0.5")
    if action.style == "underhand":
        back = pose(
            "a.hand_out 0.15  a.hand_up -0.65  a.hand_forward -0.62  twist 0.45  lean 0.2 bend 0.15"
        )
        release = step | pose(
            "a.hand_out -0.02  a.hand_up 0.05  a.hand_forward 0.94  twist -0.35  lean 0.12"
        )
        follow = step | pose("a.hand_out -0.1  a.hand_up 0.6  a.hand_forward 0.7  twist -0.45")
    else:
        back = pose(
            "a.hand_out 0.42  a.hand_up 0.42  a.hand_forward -0.5  twist 0.8  lean -0.1 "
            "bend -0.15  a.elbow_out 1.0  a.elbow_up -0.3  o.hand_up -0.05 "
            "o.hand_forward 0.8  o.hand_out 0.1"
        )
        release = step | pose(
            "a.hand_out 0.05  a.hand_up 0.35  a.hand_forward 0.85  twist -0.5  lean 0.18 "
            "bend 0.15  o.hand_forward -0.2"
        )
        follow = step | pose(
            "a.hand_out -0.5  a.hand_up -0.55  a.hand_forward 0.55  twist -0.75  lean 0.3 "
            "bend 0.35  o.hand_forward -0.3"
        )
    stepping = back | pose("o.foot_forward 0.18  o.foot_up 0.1  forward 0.02  up -0.04  o.bear 0.6")
    for _ in range(action.count):
        score.to(0.55, back | pose("forward -0.08  left 0.04"))
        score.hold(0.08)
        score.to(0.20, stepping)
        score.to(0.15, release)
        score.to(0.17, follow)
        score.hold(0.12)
        score.to(0.25, pose("o.foot_forward 0.15  o.foot_up 0.06  forward 0.05"))
        score.to(0.25, {})
    return Move(score.rest(0.25).channels(fps))
