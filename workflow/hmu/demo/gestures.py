"""Jumping, squatting, waving, sitting down and other things done on the spot.

The poses are written for an active left side; ``Score`` mirrors them.
"""

import numpy as np

from hmu.demo.action import Action
from hmu.demo.score import SIDES, Move, Score, clock, column, pose

GRAVITY = 9.81


def jump(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Jumping up, forward, on one leg (``hop``) or with arms and legs spread (``jack``)."""
    height = {"hop": 0.14, "jack": 0.14}.get(action.style, 0.32) * float(rng.uniform(0.8, 1.25))
    length = {"forward": 0.75, "hop": 0.12}.get(action.style, 0.0) * float(rng.uniform(0.8, 1.2))
    flight = 2 * np.sqrt(2 * height / GRAVITY)
    score = Score(action.side % 2, action.pace**0.7, rng)
    hop, jack = action.style == "hop", action.style == "jack"
    free = pose("o.foot_up 0.3  o.foot_forward -0.2  o.bear 0.0  o.heel 0.7") if hop else {}
    lean = pose("left 0.07") | free if hop else {}
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
        pose("b.hand_out 0.25  b.hand_up 0.93  b.elbow_up -0.5")
        if jack
        else {"b.hand_out": 0.22, "b.hand_up": 0.55 * deep, "b.hand_forward": 0.60 * deep}
    )
    feet = pose("b.foot_out 0.22") if jack else {}
    rise = pose("up 0.0  b.heel 0.5") | spread | lean
    airborne = pose("up 0.0  b.heel 0.5  b.bear 0.0") | spread | lean | feet
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
            score.to(0.12, rise | feet)
            starts.append(score.now)
            score.times.append(score.now + flight)
            score.poses.append(score.vector(pose("b.bear 0.0  b.hand_out 0.75  b.hand_up -0.4")))
            score.to(0.12, pose("up -0.1"))
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


def squat(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Squatting with the arms ahead, or ducking under something with the arms over the head."""
    if action.style == "duck":
        score = Score(action.side % 2, action.pace, rng)
        low = pose(
            "up -0.36  lean 0.5  bend 0.55  nod 0.45  forward -0.06  b.knee 0.2 "
            "b.hand_out -0.25  b.hand_up 0.28  b.hand_forward 0.28  b.elbow_out 0.8 "
            "b.elbow_up 0.0  b.elbow_forward 1.0  o.foot_forward 0.1  a.foot_forward -0.1"
        )
        for _ in range(action.count):
            score.to(0.32, low).hold(0.45).to(0.5)
        return Move(score.rest(0.3).channels(fps))
    score = Score(
        action.side % 2, action.pace, rng, pose("b.foot_out 0.09  b.toe 0.45  b.knee 0.5")
    )
    low = pose(
        "up -0.45  lean 0.62  bend 0.05  forward -0.14  nod -0.3  b.hand_out -0.05 "
        "b.hand_up 0.42  b.hand_forward 0.88"
    )
    score.to(0.3)
    for _ in range(action.count):
        score.to(0.75, low)
        score.hold(0.25)
        score.to(0.65)
    return Move(score.rest(0.3).channels(fps))


def wave(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Waving with a raised hand or both."""
    score = Score(action.side, action.pace, rng)
    elbow = pose("a.elbow_out 0.8  a.elbow_up -0.8  a.elbow_forward -0.1")
    inward = pose("a.hand_out 0.02  a.hand_up 0.52  a.hand_forward 0.3") | elbow
    outward = inward | pose("a.hand_out 0.58  a.hand_up 0.46")
    score.to(0.55, outward)
    for _ in range(action.count + 2):
        score.to(0.24, inward)
        score.to(0.24, outward)
    return Move(score.rest(0.55).channels(fps))


def sit(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Sitting down on a chair's edge, and standing up again when the style is ``rise``."""
    score = Score(action.side % 2, action.pace, rng, spread=0.05)
    reaching = pose("b.hand_up -0.62  b.hand_forward 0.5  b.hand_out 0.1")
    half = pose("up -0.2  forward -0.2  lean 0.62  bend 0.15  nod -0.3") | reaching
    seated = pose(
        "up -0.4  forward -0.42  lean -0.06  bend 0.12  b.hand_out -0.02 "
        "b.hand_up -0.7  b.hand_forward 0.48  b.elbow_out 0.6  b.knee 0.12"
    )
    score.to(0.55, half)
    score.to(0.50, seated)
    score.hold(max(0.7, action.seconds - 2.0))
    if action.style == "rise":
        score.to(0.50, half)
        score.rest(0.6)
    return Move(score.channels(fps))


def pick(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Bending down, taking something from the floor with one hand or both, and lifting it."""
    score = Score(action.side, action.pace, rng, spread=0.05)
    low = pose(
        "up -0.36  lean 0.85  bend 0.45  forward -0.12  b.knee 0.25  nod 0.1 "
        "a.planted 1.0  a.plant_out 0.14  a.plant_up 0.14  a.plant_forward 0.4 "
        "o.hand_out 0.2"
    )
    hold = pose(
        "a.hand_out -0.1  a.hand_up -0.38  a.hand_forward 0.52  a.plant_out 0.14 "
        "a.plant_up 0.14  a.plant_forward 0.4"
    )
    score.to(0.85, low).hold(0.2).to(0.8, hold).hold(0.5)
    return Move(score.rest(0.5).channels(fps))


def clap(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Clapping before the chest."""
    score = Score(
        0,
        action.pace,
        rng,
        pose("b.hand_up -0.22  b.hand_forward 0.55  b.elbow_out 0.8  b.elbow_up -0.8"),
    )
    apart, together = pose("b.hand_out 0.15"), pose("b.hand_out -0.27")
    score.to(0.45, apart)
    for _ in range(action.count + 2):
        score.to(0.16, together).to(0.20, apart)
    return Move(score.rest(0.45).channels(fps))


def lift(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Raising one arm or both above the head."""
    score = Score(action.side, action.pace, rng, spread=0.04)
    top = pose("a.hand_out 0.08  a.hand_up 0.98  a.hand_forward 0.04  bend -0.06  nod -0.15")
    wide = pose("a.hand_out 0.35  a.hand_up 0.0  a.hand_forward 0.9")
    for _ in range(action.count):
        score.to(0.40, wide).to(0.35, top).hold(0.5).to(0.35, wide).to(0.35)
    return Move(score.rest(0.2).channels(fps))


def bow(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Bowing from the waist with the arms at the sides."""
    score = Score(0, action.pace, rng)
    down = pose("lean 0.6  bend 0.45  nod 0.2  forward -0.1")
    for _ in range(action.count):
        score.to(0.75, down).hold(0.35).to(0.75)
    return Move(score.rest(0.2).channels(fps))


def stretch(action: Action, rng: np.random.Generator, fps: float) -> Move:
    """Leaning over to the side, the other arm above the head."""
    score = Score(action.side, action.pace, rng, pose("b.foot_out 0.1"))
    over = pose(
        "curve -0.75  tilt -0.08  left -0.04  o.hand_out -0.25  o.hand_up 0.92 "
        "o.hand_forward 0.1  cock -0.2"
    )
    wide = pose("curve -0.2  o.hand_out 0.95  o.hand_up 0.05")
    score.to(0.3)
    for _ in range(action.count):
        score.to(0.40, wide).to(0.45, over).hold(0.5).to(0.40, wide).to(0.35)
    return Move(score.rest(0.3).channels(fps))
