"""Writing a motion down: key poses in time, eased into channels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hmu.demo.puppet import CHANNELS, NEUTRAL, SIGNED

SIDES = ("left", "right")


@dataclass(frozen=True)
class Move:
    """Channels (F, len(CHANNELS)) of one action and where it leaves the body.

    ``left`` and ``forward`` in metres and ``turn`` in radians are relative to where it began.
    """

    channels: np.ndarray
    left: float = 0.0
    forward: float = 0.0
    turn: float = 0.0


def ease(times: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values at ``times`` (F,), gliding from key to key; ``keys`` (K,) ascend, values (K, ...)."""
    after = np.clip(np.searchsorted(keys, times, side="right"), 1, len(keys) - 1)
    begin, end = keys[after - 1], keys[after]
    share = np.clip((times - begin) / np.maximum(end - begin, 1e-9), 0, 1)
    share = share * share * (3 - 2 * share)
    share = share.reshape(share.shape + (1,) * (values.ndim - 1))
    glided: np.ndarray = values[after - 1] + share * (values[after] - values[after - 1])
    return glided


def clock(seconds: float, fps: float) -> np.ndarray:
    """Times of the frames of a move of ``seconds``; the next move begins one frame later."""
    return np.arange(max(1, round(seconds * fps))) / fps


class Score:
    """Key poses of a move for an active side: 0 left, 1 right, 2 both.

    A pose is a mapping of channel names to values; ``a.`` and ``o.`` stand for the active limb and
    the other one, ``b.`` for both, and channels that are not named are neutral. Signed channels of
    the body are written for an active left side. ``pace`` stretches every duration. Each channel
    has its own amplitude, drawn once, so that repetitions resemble each other and clips do not.
    """

    def __init__(
        self,
        side: int,
        pace: float,
        rng: np.random.Generator,
        base: Mapping[str, float] | None = None,
        spread: float = 0.08,
    ) -> None:
        self.side, self.pace, self.rng = side, pace, rng
        self.base = dict(base or {})
        self.amplitude = 1 + spread * np.clip(rng.standard_normal(len(CHANNELS)), -2, 2)
        self.times = [0.0]
        self.poses = [NEUTRAL.copy()]

    @property
    def now(self) -> float:
        """Seconds written so far."""
        return self.times[-1]

    def vector(self, pose: Mapping[str, float]) -> np.ndarray:
        """The channels of a pose."""
        channels = NEUTRAL.copy()
        active = SIDES if self.side == 2 else (SIDES[self.side],)
        other = tuple(side for side in SIDES if side not in active)
        sides = {"a": active, "o": other, "b": SIDES}
        for name, value in {**self.base, **pose}.items():
            if "." in name:
                prefix, part = name.split(".")
                names = [f"{side}.{part}" for side in sides[prefix]]
            else:
                names = [name]
                value = -value if name in SIGNED and self.side == 1 else value
            exact = name.split(".")[-1] in ("bear", "planted", "plant_up")
            for each in names:
                row = CHANNELS[each]
                channels[row] = value if exact else value * self.amplitude[row]
        return channels

    def to(self, seconds: float, pose: Mapping[str, float] | None = None) -> "Score":
        """Glide to a pose (the base when none is given) in ``seconds``."""
        wobble = 1 + 0.06 * np.clip(self.rng.standard_normal(), -2, 2)
        self.times.append(self.now + max(0.04, seconds * self.pace * wobble))
        self.poses.append(self.vector(pose or {}))
        return self

    def hold(self, seconds: float) -> "Score":
        """Stay where one is."""
        self.times.append(self.now + seconds * self.pace)
        self.poses.append(self.poses[-1])
        return self

    def rest(self, seconds: float = 0.35) -> "Score":
        """Glide back to standing."""
        self.times.append(self.now + seconds * self.pace)
        self.poses.append(NEUTRAL.copy())
        return self

    def channels(self, fps: float) -> np.ndarray:
        """The channels at ``fps``. A foot that changes its place is lifted, one after the other."""
        moments, keys, poses = clock(self.now, fps), np.array(self.times), np.stack(self.poses)
        channels = ease(moments, keys, poses)
        for side in SIDES:
            # Hands swing in arcs: the way between two places does not lead through the shoulder.
            rows = [CHANNELS[f"{side}.hand_{axis}"] for axis in ("out", "up", "forward")]
            radius = ease(moments, keys, np.linalg.norm(poses[:, rows], axis=1))
            straight = np.linalg.norm(channels[:, rows], axis=1)
            channels[:, rows] *= (radius / np.maximum(straight, 0.15))[:, None]
        for number in range(len(keys) - 1):
            self._step(channels, moments, keys[number : number + 2], poses[number : number + 2])
        return channels

    def _step(
        self, channels: np.ndarray, moments: np.ndarray, keys: np.ndarray, poses: np.ndarray
    ) -> None:
        """Between two keys, let feet that are on the ground step to their new places in turn."""
        moving = [side for side in (self.side % 2, 1 - self.side % 2) if _steps(poses, SIDES[side])]
        rows = (moments >= keys[0]) & (moments < keys[1])
        share = (moments[rows] - keys[0]) / max(keys[1] - keys[0], 1e-9)
        for order, side in enumerate(moving):
            part = np.clip(share * len(moving) - order, 0, 1)
            smooth = part * part * (3 - 2 * part)
            for name in ("foot_out", "foot_forward", "toe"):
                row = CHANNELS[f"{SIDES[side]}.{name}"]
                channels[rows, row] = poses[0, row] + smooth * (poses[1, row] - poses[0, row])
            row = CHANNELS[f"{SIDES[side]}.foot_up"]
            channels[rows, row] += _STEP_HEIGHT * 4 * part * (1 - part)


_STEP_HEIGHT = 0.05


def _steps(poses: np.ndarray, side: str) -> bool:
    """Whether a foot changes its place on the ground between two poses (2, len(CHANNELS))."""
    out, forward, up, bear = (
        poses[:, CHANNELS[f"{side}.{name}"]]
        for name in ("foot_out", "foot_forward", "foot_up", "bear")
    )
    moved = np.hypot(out[1] - out[0], forward[1] - forward[0]) > 0.02
    return bool(moved and up.max() < 0.01 and bear.min() > 0.9)


def column(channels: np.ndarray, name: str) -> np.ndarray:
    """A view of one channel (F,), to be written to."""
    view: np.ndarray = channels[:, CHANNELS[name]]
    return view


def pose(text: str) -> dict[str, float]:
    """A pose from channel names and values: ``pose("up -0.2  a.hand_up 0.5")``."""
    words = text.split()
    return dict(zip(words[::2], map(float, words[1::2]), strict=True))


def standing(seconds: float, fps: float) -> Move:
    """Standing still."""
    return Move(np.tile(NEUTRAL, (len(clock(seconds, fps)), 1)))
