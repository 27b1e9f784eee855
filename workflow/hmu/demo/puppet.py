"""From a handful of controls a frame to joint rotations, by inverse kinematics.

A motion is written as *channels*: where the pelvis is, how the back bends, where the balls of the
feet and the wrists are. Feet that stand still in the channels stand still in the result, whatever
the pelvis does, and the pelvis sinks as far as the legs need it.
"""

from dataclasses import dataclass

import numpy as np

from hmu.demo.rotations import about, apply, axis_angle, frame, inverse, unit
from hmu.motion.skeleton import PARENTS

LEFT, RIGHT = 0, 1
SIGN = (1.0, -1.0)
"""Sign of the left axis for each side: channels of limbs count outwards, not leftwards."""

_BODY_CHANNELS = "up left forward turn lean tilt bend twist curve nod look cock".split()
_LIMB_CHANNELS = (
    "foot_out foot_up foot_forward heel toe bear knee hand_out hand_up hand_forward "
    "elbow_out elbow_up elbow_forward planted plant_out plant_up plant_forward"
).split()

CHANNELS = {name: row for row, name in enumerate(_BODY_CHANNELS)}
for _side, _name in enumerate(("left", "right")):
    for _row, _channel in enumerate(_LIMB_CHANNELS):
        CHANNELS[f"{_name}.{_channel}"] = len(_BODY_CHANNELS) + _side * len(_LIMB_CHANNELS) + _row
"""Column of each channel. Metres for a body of reference size, radians, and for hands the arm's
length. ``up left forward`` move the pelvis from its neutral place and ``turn`` its heading (to the
left); ``lean tilt`` incline it forwards and to the right; ``bend twist curve`` the back forwards,
to the left and to the right; ``nod look cock`` the head. ``foot_*`` place the ball of the foot
relative to its neutral place, ``heel`` pitches the foot toes down, ``toe`` turns it outwards,
``bear`` is 1 where the pelvis must stay in reach, ``knee`` turns the knee outwards. ``hand_*`` is
the wrist relative to the shoulder as the back inclines it, ``elbow_*`` where the elbow points;
``planted`` blends towards ``plant_*``, a place relative to the neutral pelvis on the ground."""

SIGNED = ("left", "turn", "tilt", "twist", "curve", "look", "cock")
"""Body channels that change sign in a mirrored motion."""

REFERENCE_LEG = 0.81
FOOT_HEIGHT = 0.02
_FOOT_OUT, _FOOT_FORWARD = 0.10, 0.10
_STRETCH = 0.999  # a limb at its full length would snap
_KNEE_POLE = np.array([0.0, 0.5, 1.0])

_PARENTS = [max(parent, 0) for parent in PARENTS]
_HIP, _KNEE, _ANKLE, _FOOT = (1, 2), (4, 5), (7, 8), (10, 11)
_COLLAR, _SHOULDER, _ELBOW, _WRIST = (13, 14), (16, 17), (18, 19), (20, 21)

NEUTRAL = np.zeros(len(CHANNELS))
for _name in ("left", "right"):
    for _channel, _value in {
        "bear": 1.0,
        "toe": 0.12,
        "knee": 0.06,
        "hand_out": 0.14,
        "hand_up": -0.97,
        "hand_forward": 0.10,
        "elbow_out": 0.25,
        "elbow_forward": -1.0,
    }.items():
        NEUTRAL[CHANNELS[f"{_name}.{_channel}"]] = _value
NEUTRAL.setflags(write=False)


@dataclass(frozen=True)
class Pose:
    """``rotations`` (F, 22, 3) axis-angle in the y-up world, ``pelvis`` (F, 3) its place in m."""

    rotations: np.ndarray
    pelvis: np.ndarray


class Puppet:
    """Channels to rotations for one body; ``rest`` (22, 3) are the joints of its rest pose."""

    def __init__(self, rest: np.ndarray) -> None:
        self.rest = rest
        self.offset = rest - rest[_PARENTS]
        length = np.linalg.norm(self.offset, axis=1)
        self.legs = [(length[_KNEE[s]], length[_ANKLE[s]]) for s in (LEFT, RIGHT)]
        self.arms = [(length[_ELBOW[s]], length[_WRIST[s]]) for s in (LEFT, RIGHT)]
        self.scale = sum(self.legs[LEFT]) / REFERENCE_LEG
        # Standing height of the pelvis: nearly straight legs on flat feet.
        self.standing = (
            FOOT_HEIGHT
            - self.offset[_FOOT[LEFT], 1]
            + 0.992 * sum(self.legs[LEFT])
            - self.offset[_HIP[LEFT], 1]
        )

    def solve(self, channels: np.ndarray) -> Pose:
        """Rotations for ``channels`` (F, len(CHANNELS)) in the frame where the clip begins."""
        of = _Reader(channels)
        frames = len(channels)
        heading = about(1, of("turn"))
        pelvis_turn = heading @ about(0, of("lean")) @ about(2, of("tilt"))
        position = self.scale * np.stack([of("left"), of("up"), of("forward")], axis=-1)
        position[:, 1] += self.standing

        feet, ankles = self._feet(of, frames)
        position[:, 1] = self._reachable(of, pelvis_turn, position, ankles)

        turns = np.empty((frames, 22, 3, 3))
        turns[:, 0] = pelvis_turn
        local = about(1, of("twist") / 3) @ about(0, of("bend") / 3) @ about(2, of("curve") / 3)
        places = np.empty((frames, 22, 3))
        places[:, 0] = position
        for joint, parent in ((3, 0), (6, 3), (9, 6)):
            turns[:, joint] = turns[:, parent] @ local
            places[:, joint] = places[:, parent] + turns[:, parent] @ self.offset[joint]
        chest = turns[:, 9]
        # Hands aim where the hips face, however far a blow twists the chest.
        aim = heading @ about(0, of("lean") + of("bend")) @ about(2, of("tilt") + of("curve"))
        nodding = about(1, of("look") / 2) @ about(0, of("nod") / 2) @ about(2, of("cock") / 2)
        turns[:, 12] = chest @ nodding
        turns[:, 15] = turns[:, 12] @ nodding

        for side in (LEFT, RIGHT):
            self._leg(side, of, turns, position, feet[side], ankles[side])
            self._arm(side, of, turns, places, aim)

        relative = inverse(turns[:, _PARENTS]) @ turns
        relative[:, 0] = turns[:, 0]
        return Pose(axis_angle(relative), position)

    def _feet(self, of: "_Reader", frames: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Global rotation of each foot (F, 3, 3) and world position of each ankle (F, 3)."""
        feet, ankles = [], []
        for side in (LEFT, RIGHT):
            ball = np.stack(
                [
                    SIGN[side] * (of("foot_out", side) + _FOOT_OUT),
                    of("foot_up", side),
                    of("foot_forward", side) + _FOOT_FORWARD,
                ],
                axis=-1,
            )
            ball = self.scale * ball
            ball[:, 1] += FOOT_HEIGHT
            foot = about(1, SIGN[side] * of("toe", side)) @ about(0, of("heel", side))
            feet.append(foot)
            ankles.append(ball - foot @ self.offset[_FOOT[side]])
        return feet, ankles

    def _reachable(
        self, of: "_Reader", turn: np.ndarray, position: np.ndarray, ankles: list[np.ndarray]
    ) -> np.ndarray:
        """Height of the pelvis, lowered so that no bearing leg has to stretch."""
        height: np.ndarray = position[:, 1]
        for side in (LEFT, RIGHT):
            hip = turn @ self.offset[_HIP[side]]
            away = position[:, [0, 2]] + hip[:, [0, 2]] - ankles[side][:, [0, 2]]
            reach = 0.996 * sum(self.legs[side])
            room = np.sqrt(np.maximum(reach**2 - np.sum(away**2, axis=1), 0.04))
            limit = ankles[side][:, 1] + room - hip[:, 1] + 0.6 * (1 - of("bear", side))
            height = np.minimum(height, limit)
        return height

    def _leg(
        self,
        side: int,
        of: "_Reader",
        turns: np.ndarray,
        position: np.ndarray,
        foot: np.ndarray,
        ankle: np.ndarray,
    ) -> None:
        hip = position + turns[:, 0] @ self.offset[_HIP[side]]
        pole = about(1, of("turn") + SIGN[side] * of("knee", side)) @ _KNEE_POLE
        rest = np.array([1.0, 0.0, 0.0])
        bones = self.offset[_KNEE[side]], self.offset[_ANKLE[side]]
        turns[:, _HIP[side]], turns[:, _KNEE[side]] = _bend(hip, ankle, pole, bones, rest)
        turns[:, _ANKLE[side]] = turns[:, _FOOT[side]] = foot

    def _arm(
        self, side: int, of: "_Reader", turns: np.ndarray, places: np.ndarray, aim: np.ndarray
    ) -> None:
        sign, chest = SIGN[side], turns[:, 9]
        # The collar bone rises with the hand.
        lift = np.clip(of("hand_up", side) + 0.2, 0, 1) * (1 - of("planted", side))
        turns[:, _COLLAR[side]] = chest @ about(2, sign * 0.35 * lift)
        shoulder = (
            places[:, 9]
            + chest @ self.offset[_COLLAR[side]]
            + turns[:, _COLLAR[side]] @ self.offset[_SHOULDER[side]]
        )
        hand, elbow = (
            np.stack(
                [
                    sign * of(f"{part}_out", side),
                    of(f"{part}_up", side),
                    of(f"{part}_forward", side),
                ],
                axis=-1,
            )
            for part in ("hand", "elbow")
        )
        wrist = shoulder + sum(self.arms[side]) * apply(aim, hand)
        plant = self.scale * np.stack(
            [sign * of("plant_out", side), of("plant_up", side), of("plant_forward", side)], axis=-1
        )
        weight = of("planted", side)[:, None]
        wrist = wrist + weight * (plant - wrist)
        bones = self.offset[_ELBOW[side]], self.offset[_WRIST[side]]
        rest = np.array([0.0, -sign, 0.0])
        upper, lower = _bend(shoulder, wrist, apply(aim, elbow), bones, rest)
        turns[:, _SHOULDER[side]], turns[:, _ELBOW[side]] = upper, lower
        turns[:, _WRIST[side]] = lower


class _Reader:
    """Reads channels by name; limb channels by name and side."""

    def __init__(self, channels: np.ndarray) -> None:
        self.channels = channels

    def __call__(self, name: str, side: int | None = None) -> np.ndarray:
        if side is not None:
            name = f"{('left', 'right')[side]}.{name}"
        return self.channels[:, CHANNELS[name]]


def _bend(
    start: np.ndarray,
    end: np.ndarray,
    pole: np.ndarray,
    bones: tuple[np.ndarray, np.ndarray],
    hinge: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Global rotations of a two-bone limb from ``start`` to ``end``, its joint towards ``pole``.

    ``bones`` are the rest offsets and ``hinge`` the rest axis about which the limb flexes. A target
    out of reach is approached as far as the limb goes.
    """
    first, second = (float(np.linalg.norm(bone)) for bone in bones)
    gap = end - start
    distance = np.linalg.norm(gap, axis=-1)
    direction = unit(gap)
    reach = _STRETCH * (first + second)
    distance = np.clip(distance, abs(first - second) + 0.02, reach)
    side = unit(pole - np.sum(pole * direction, axis=-1, keepdims=True) * direction)
    along = (first**2 - second**2 + distance**2) / (2 * distance)
    across = np.sqrt(np.maximum(first**2 - along**2, 0))
    joint = along[:, None] * direction + across[:, None] * side
    axis = np.cross(side, direction)
    upper = frame(joint / first, axis) @ frame(unit(bones[0]), hinge).T
    lower_direction = unit(distance[:, None] * direction - joint)
    lower = frame(lower_direction, axis) @ frame(unit(bones[1]), hinge).T
    return upper, lower
