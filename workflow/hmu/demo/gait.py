"""Getting about: the body follows a path, and feet (or hands and knees) are planted beside it."""

from dataclasses import dataclass

import numpy as np

from hmu.demo.puppet import NEUTRAL, SIGN
from hmu.demo.score import SIDES, Move, Score, clock, column, ease, pose


@dataclass(frozen=True)
class Path:
    """Where the body is at ``times`` (F,): ``left``, ``forward`` in metres, ``turn`` in radians.

    ``drive`` (F,) is 0 at rest and 1 at full speed; gestures that belong to the gait follow it.
    """

    times: np.ndarray
    left: np.ndarray
    forward: np.ndarray
    turn: np.ndarray
    drive: np.ndarray

    def at(self, time: float) -> np.ndarray:
        """(left, forward, turn) at a time, held before the start and after the end."""
        values = (self.left, self.forward, self.turn)
        return np.array([np.interp(time, self.times, value) for value in values])


def path(
    seconds: float,
    fps: float,
    speed: float,
    turn: float = 0.0,
    turning: tuple[float, float] = (0.0, 1.0),
    direction: float = 0.0,
    ramp: float = 0.4,
) -> Path:
    """A path at ``speed`` m/s that turns by ``turn`` radians to the left in the part ``turning``.

    ``direction`` is the angle between facing and moving (pi is backwards, pi / 2 to the left).
    """
    times = clock(seconds, fps)
    share = times / seconds
    begin, end = turning
    drive = np.clip(np.minimum(times, seconds - times - 0.1) / ramp, 0, 1)
    drive = drive * drive * (3 - 2 * drive)
    progress = np.clip((share - begin) / (end - begin), 0, 1)
    if turning != (0.0, 1.0):
        progress = progress * progress * (3 - 2 * progress)
    yaw = turn * (np.cumsum(drive) / drive.sum() if turning == (0.0, 1.0) else progress)
    step = speed * drive / fps
    left = np.cumsum(step * np.sin(yaw + direction))
    forward = np.cumsum(step * np.cos(yaw + direction))
    return Path(times, left, forward, yaw, drive)


@dataclass(frozen=True)
class Steps:
    """How the limbs are set down; times are in units of one step.

    ``first`` is the side of the first step. A limb is in the air from ``leave`` to ``land``, where
    0 to 1 is its own step; ``lift`` is the height of the swing in metres, ``outward`` and ``ahead``
    where the limb is planted relative to the body.
    """

    count: int
    first: int
    leave: float = 0.05
    land: float = 0.95
    lift: float = 0.10
    outward: float = 0.0
    ahead: float = 0.0
    push: float = 0.0  # heel angle when the foot leaves the ground
    strike: float = 0.0  # toe angle when it lands
    peak: float = 0.5  # when in the swing the foot is highest


def plant(route: Path, steps: Steps, side: int, hand: bool = False) -> dict[str, np.ndarray]:
    """Channels of one limb that steps along a path: out, up, forward, and heel and toe for feet.

    The neutral foot stands 0.10 m beside and before the pelvis, which the channels do not count.
    """
    beside, before = (0.0, 0.0) if hand else (0.10, 0.10)
    span = route.times[-1] + route.times[1] if len(route.times) > 1 else 1.0
    length = span / steps.count
    sign = SIGN[side]

    def place(time: float) -> tuple[float, float, float]:
        left, forward, yaw = route.at(time)
        out, ahead = sign * (steps.outward + beside), steps.ahead + before
        x = left + out * np.cos(yaw) + ahead * np.sin(yaw)
        z = forward - out * np.sin(yaw) + ahead * np.cos(yaw)
        return float(sign * x - beside), float(z - before), float(yaw)

    here = place(0.0)
    keys = {
        name: [(0.0, value)] for name, value in zip(("out", "forward", "yaw"), here, strict=True)
    }
    keys["up"] = [(0.0, 0.0)]
    keys["heel"] = [(0.0, 0.0)]
    for number in range(steps.count):
        if (number + steps.first) % 2 != side:
            continue
        leave = max((number + steps.leave) * length, 0.02)
        land = min((number + steps.land) * length, span - 0.02)
        following = number + 2 + steps.leave
        last = number >= steps.count - 2
        there = place(span if last else (land + following * length) / 2)
        stride = min(1.0, float(np.hypot(there[0] - here[0], there[1] - here[1])) / 0.9)
        lift = steps.lift * (0.5 + 0.5 * stride)
        top = leave + steps.peak * (land - leave)
        for name, old, new in zip(("out", "forward", "yaw"), here, there, strict=True):
            keys[name] += [(leave, old), (land, new)]
        toes = steps.strike * stride
        keys["up"] += [(leave, 0.0), (top, lift), (land, 0.10 * abs(min(toes, 0.0)))]
        keys["up"] += [(land + 0.15 * length, 0.0)]
        rise = max(leave - 0.45 * length, keys["heel"][-1][0] + 0.01)
        keys["heel"] += [(rise, 0.0), (max(leave, rise + 0.01), steps.push * stride)]
        keys["heel"] += [(land, toes), (land + 0.15 * length, 0.0)]
        here = there
    glided = {}
    for name, pairs in keys.items():
        moments, values = np.array(pairs).T
        # Keys may touch when steps follow each other closely; their order must still ascend.
        glided[name] = ease(route.times, np.maximum.accumulate(moments), values)
    return glided


def _feet(channels: np.ndarray, route: Path, steps: Steps, body: np.ndarray) -> None:
    """Write both feet; ``body`` (F,) is how much a foot in the air needs to stay in reach."""
    for side, name in enumerate(SIDES):
        foot = plant(route, steps, side)
        column(channels, f"{name}.foot_out")[:] = foot["out"]
        column(channels, f"{name}.foot_forward")[:] = foot["forward"]
        column(channels, f"{name}.foot_up")[:] = foot["up"]
        column(channels, f"{name}.heel")[:] = foot["heel"]
        column(channels, f"{name}.toe")[:] += SIGN[side] * foot["yaw"]
        column(channels, f"{name}.bear")[:] = np.where(foot["up"] > 0.01, body, 1.0)


def _follow(route: Path) -> np.ndarray:
    """Neutral channels carried along a path."""
    channels = np.tile(NEUTRAL, (len(route.times), 1))
    column(channels, "left")[:] = route.left
    column(channels, "forward")[:] = route.forward
    column(channels, "turn")[:] = route.turn
    return channels


def _move(channels: np.ndarray, route: Path) -> Move:
    return Move(channels, float(route.left[-1]), float(route.forward[-1]), float(route.turn[-1]))


def _rhythm(route: Path, steps: Steps) -> tuple[np.ndarray, np.ndarray]:
    """Phase in steps (F,), and a wave that is 1 when the right foot is foremost and -1 the left."""
    phase = route.times / ((route.times[-1] + route.times[1]) / steps.count)
    wave = np.cos(np.pi * phase) * (1.0 if steps.first == 0 else -1.0)
    return phase, wave * route.drive


def walk(route: Path, rng: np.random.Generator, cadence: float, vigour: float = 1.0) -> Move:
    """Walking, in any direction and also on the spot; ``cadence`` in steps a second."""
    backward = np.cos(_heading(route)) < -0.2
    steps = Steps(
        count=max(2, round(cadence * (route.times[-1] + route.times[1]))),
        first=int(rng.integers(2)),
        lift=float(rng.uniform(0.07, 0.11)),
        push=0.15 if backward else float(rng.uniform(0.55, 0.75)),
        strike=0.0 if backward else -0.3,
        peak=0.4,
    )
    channels = _follow(route)
    phase, wave = _rhythm(route, steps)
    swing = vigour * rng.uniform(0.22, 0.34)
    column(channels, "up")[:] -= 0.015 * route.drive
    column(channels, "lean")[:] += (-0.02 if backward else 0.05) * route.drive
    column(channels, "twist")[:] += 0.10 * vigour * wave
    column(channels, "left")[:] += (
        0.02
        * np.sin(np.pi * phase)
        * np.cos(route.turn)
        * (route.drive * (-1 if steps.first == 0 else 1))
    )
    for side, name in enumerate(SIDES):
        column(channels, f"{name}.hand_forward")[:] += SIGN[side] * swing * wave
        column(channels, f"{name}.hand_up")[:] += 0.04 * route.drive + 0.30 * swing * wave**2
    _feet(channels, route, steps, np.full(len(phase), 0.7))
    return _move(channels, route)


def _heading(route: Path) -> float:
    """Angle between the way the body faces and the way it goes, on the average."""
    sideways = np.diff(route.left) * np.cos(route.turn[1:]) - np.diff(route.forward) * np.sin(
        route.turn[1:]
    )
    ahead = np.diff(route.left) * np.sin(route.turn[1:]) + np.diff(route.forward) * np.cos(
        route.turn[1:]
    )
    return float(np.arctan2(sideways.sum(), ahead.sum()))


def run(route: Path, rng: np.random.Generator, cadence: float) -> Move:
    """Running: both feet leave the ground between steps, the arms are bent."""
    steps = Steps(
        count=max(3, round(cadence * (route.times[-1] + route.times[1]))),
        first=int(rng.integers(2)),
        leave=-0.30,
        land=0.85,
        lift=float(rng.uniform(0.24, 0.36)),
        push=1.0,
        strike=-0.1,
        peak=0.36,
    )
    channels = _follow(route)
    phase, wave = _rhythm(route, steps)
    drive = route.drive
    bounce = np.cos(2 * np.pi * (phase - 0.78))
    column(channels, "up")[:] += drive * (-0.05 + rng.uniform(0.03, 0.045) * bounce)
    column(channels, "lean")[:] += rng.uniform(0.14, 0.22) * drive
    column(channels, "nod")[:] -= 0.12 * drive
    column(channels, "twist")[:] += 0.22 * wave
    swing = rng.uniform(0.28, 0.40)
    for side, name in enumerate(SIDES):
        forward = SIGN[side] * swing * wave
        column(channels, f"{name}.hand_out")[:] -= 0.10 * drive
        column(channels, f"{name}.hand_up")[:] += drive * 0.42 + 0.5 * np.maximum(forward, 0)
        column(channels, f"{name}.hand_forward")[:] += drive * 0.16 + forward
    _feet(channels, route, steps, np.zeros(len(phase)))
    return _move(channels, route)


def zombie(route: Path, rng: np.random.Generator, cadence: float) -> Move:
    """A stiff shuffle with the arms stretched out in front, one foot dragging behind."""
    lame = int(rng.integers(2))
    steps = Steps(
        count=max(2, round(cadence * (route.times[-1] + route.times[1]))),
        first=1 - lame,
        lift=0.04,
        leave=0.05,
        land=0.9,
    )
    channels = _follow(route)
    phase, wave = _rhythm(route, steps)
    # The arms come up in the first half second and stay up.
    raised = np.clip(route.times / 0.5, 0, 1)
    raised = np.minimum(raised, np.clip((route.times[-1] - route.times) / 0.4, 0, 1))
    raised = raised * raised * (3 - 2 * raised)
    sway = rng.uniform(0.12, 0.2)
    column(channels, "tilt")[:] += sway * wave
    column(channels, "curve")[:] -= 0.6 * sway * wave
    column(channels, "bend")[:] += rng.uniform(0.10, 0.25) * raised
    column(channels, "twist")[:] += 0.18 * wave
    column(channels, "cock")[:] += rng.uniform(0.25, 0.45) * (1 if lame else -1) * raised
    column(channels, "nod")[:] -= 0.15 * raised
    column(channels, "up")[:] -= 0.03 * raised
    for side, name in enumerate(SIDES):
        height = rng.uniform(-0.08, 0.14) + 0.05 * np.sin(2.1 * route.times + 3 * side)
        for part, value in (("out", -0.02), ("up", height), ("forward", 0.96)):
            hand = column(channels, f"{name}.hand_{part}")
            hand += raised * (value - hand)
        column(channels, f"{name}.elbow_up")[:] -= raised
    _feet(channels, route, steps, np.ones(len(phase)))
    drag = column(channels, f"{SIDES[lame]}.heel")
    drag += 0.35 * raised * (column(channels, f"{SIDES[lame]}.foot_up") > 0.005)
    return _move(channels, route)


# On hands and knees: pelvis low and level, balls of the feet behind the knees, hands under the
# shoulders. Values of the channels for a body of reference size.
CRAWLING = pose(
    "up -0.455  lean 1.36  bend 0.0  nod -0.7 "
    "b.foot_out 0.02  b.foot_up 0.015  b.foot_forward -0.74  b.heel 2.7  b.toe 0.0  b.knee 0.0 "
    "b.elbow_out 0.6  b.elbow_up -0.4  b.elbow_forward -1.0 "
    "b.planted 1.0  b.plant_out 0.20  b.plant_up 0.06  b.plant_forward 0.50"
)


def crawl(route: Path, rng: np.random.Generator, cadence: float) -> Move:
    """On hands and knees, each hand together with the knee of the other side."""
    channels = np.tile(Score(0, 1.0, rng, CRAWLING, 0.0).vector({}), (len(route.times), 1))
    column(channels, "left")[:] += route.left
    column(channels, "forward")[:] += route.forward
    column(channels, "turn")[:] += route.turn
    count = max(2, round(cadence * (route.times[-1] + route.times[1])))
    first = int(rng.integers(2))
    knees = Steps(count, first, 0.05, 0.9, 0.05, 0.02, CRAWLING["b.foot_forward"])
    hands = Steps(
        count, 1 - first, 0.1, 0.85, 0.10, CRAWLING["b.plant_out"], CRAWLING["b.plant_forward"]
    )
    _, wave = _rhythm(route, knees)
    column(channels, "twist")[:] += 0.10 * wave
    column(channels, "tilt")[:] += 0.05 * wave
    for side, name in enumerate(SIDES):
        knee, hand = plant(route, knees, side), plant(route, hands, side, hand=True)
        column(channels, f"{name}.foot_out")[:] = knee["out"]
        column(channels, f"{name}.foot_forward")[:] = knee["forward"]
        column(channels, f"{name}.foot_up")[:] = 0.015 + knee["up"]
        column(channels, f"{name}.toe")[:] = SIGN[side] * knee["yaw"]
        column(channels, f"{name}.plant_out")[:] = hand["out"]
        column(channels, f"{name}.plant_forward")[:] = hand["forward"]
        column(channels, f"{name}.plant_up")[:] = CRAWLING["b.plant_up"] + hand["up"]
    return _move(channels, route)
