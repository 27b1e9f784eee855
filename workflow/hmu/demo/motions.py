"""What the built-in dataset's people do, and how a clip is put together from it."""

from collections.abc import Callable

import numpy as np

from hmu.demo import blows, gestures, travel
from hmu.demo.action import Action
from hmu.demo.puppet import SIGN
from hmu.demo.score import SIDES, Move, column, ease, pose

ACTIONS: dict[str, Callable[[Action, np.random.Generator, float], Move]] = {
    "walk": travel.walk,
    "run": travel.run,
    "turn": travel.turn,
    "zombie": travel.zombie,
    "crawl": travel.crawl,
    "jump": gestures.jump,
    "kick": blows.kick,
    "punch": blows.punch,
    "beat": blows.beat,
    "stab": blows.stab,
    "throw": blows.throw,
    "squat": gestures.squat,
    "wave": gestures.wave,
    "sit": gestures.sit,
    "pick": gestures.pick,
    "clap": gestures.clap,
    "lift": gestures.lift,
    "bow": gestures.bow,
    "stretch": gestures.stretch,
}
"""Every action leads from standing to standing, except sitting down and crawling."""


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


_RESTLESS = pose(
    "left 0.006  forward 0.006  tilt 0.01  bend 0.02  twist 0.025  curve 0.015 "
    "nod 0.05  look 0.09  cock 0.03"
)
_HABIT = pose(
    "bend 0.04  nod 0.05  b.hand_out 0.04  b.hand_forward 0.04  b.elbow_out 0.12 "
    "b.knee 0.05  b.toe 0.06  b.foot_out 0.015"
)


def enliven(channels: np.ndarray, rng: np.random.Generator, fps: float) -> np.ndarray:
    """The same motion by somebody: habits of posture, slow drift, joins between moves smoothed."""
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
