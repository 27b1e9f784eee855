"""Joints of somebody who walks, for tests that need a motion."""

import numpy as np

from hmu.motion import skeleton


def walk(frames: int, seed: int, turning: float = 0.0) -> np.ndarray:
    """A body that sways, bends its limbs and turns as it goes forward; (frames, 22, 3)."""
    random = np.random.default_rng(seed)
    time = np.arange(frames) / skeleton.FPS
    phase, size = random.uniform(0, 6.28, (22, 3)), random.uniform(0, 0.6, (22, 3))
    bones = skeleton.DIRECTIONS + size * np.sin(phase + time[:, None, None] * 3)
    bones *= random.uniform(0.8, 1.3) * skeleton.LENGTHS[:, None]
    joints = np.zeros((frames, 22, 3))
    joints[:, 0] = np.stack([0 * time, 0.9 + 0.05 * np.sin(6 * time), 1.2 * time], axis=-1)
    for joint in range(1, 22):
        joints[:, joint] = joints[:, skeleton.PARENTS[joint]] + bones[:, joint]
    return turn(joints, random.uniform(-3, 3) + turning * time)


def turn(joints: np.ndarray, angle: float | np.ndarray) -> np.ndarray:
    angle = np.broadcast_to(angle, (len(joints),))[:, None]
    x, y, z = np.moveaxis(joints, -1, 0)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([cosine * x + sine * z, y, cosine * z - sine * x], axis=-1)
