"""What the benchmarks feed to both sides: prompts, lengths and motions, drawn from fixed seeds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu import rng
from hmu.motion import skeleton

BATCH = 20
SAMPLING: Mapping[str, Any] = {
    "batch": BATCH,
    "steps": 10,
    "guidance": 4.0,
    "refinement_guidance": 3.0,
    "residual_guidance": 5.0,
    "temperature": 1.0,
    "keep": 0.1,
    "precision": "float32",
    "longest": 49,
}
"""How both sides generate: the settings of the paper."""

_WHO = ("a person", "a man", "someone", "the figure", "a woman")
_DOES = (
    "walks forward slowly",
    "kicks with the left leg and steps back",
    "raises both arms above the head",
    "turns around to the right in a wide circle while waving",
    "sits down",
    "jumps twice",
    "throws something with the right hand and looks after it",
    "runs in place",
)
_THEN = (", then", " and afterwards", " before he", ", stops and")


def prompts(count: int) -> list[str]:
    """Distinct captions, of 12 words on average as those of HumanML3D."""
    draw = rng.generator(0, "benchmark prompts")
    found: dict[str, None] = {}
    while len(found) < count:
        text = str(draw.choice(_WHO)) + " " + str(draw.choice(_DOES))
        for _ in range(int(draw.integers(0, 2))):
            text += str(draw.choice(_THEN)) + " " + str(draw.choice(_DOES))
        found[text] = None
    return list(found)


def tokens(count: int) -> np.ndarray:
    """Lengths int64 (count,) in tokens, from 10 to 49 as the clips of the evaluation have."""
    return rng.generator(0, "benchmark lengths").integers(10, 50, count)


def motions(count: int, frames: int, features: int = 263) -> np.ndarray:
    """Normalised motions float32 (count, frames, features): noise that is smooth in time."""
    draw = rng.generator(0, "benchmark motions", count, frames)
    steps = draw.standard_normal((count, frames + 8, features), dtype=np.float32)
    sums = steps.cumsum(1)
    return np.ascontiguousarray((sums[:, 8:] - sums[:, :-8]) * np.float32(8**-0.5))


def joints(clip: int, frames: int) -> np.ndarray:
    """A body whose limbs sway as it goes: float32 (frames, 22, 3), metres, y up, 20 fps."""
    draw = rng.generator(0, "benchmark joints", clip)
    phase, size = draw.uniform(0, 6.28, (22, 3)), draw.uniform(0, 0.4, (22, 3))
    time = np.arange(frames)[:, None, None] / skeleton.FPS
    bones = (skeleton.DIRECTIONS + size * np.sin(phase + 3 * time)) * skeleton.LENGTHS[:, None]
    made = np.zeros((frames, 22, 3))
    made[:, 0] = time[:, 0] * (0, 0, 1.2) + (0, 0.9, 0)
    for joint in range(1, 22):
        made[:, joint] = made[:, skeleton.PARENTS[joint]] + bones[:, joint]
    return made.astype(np.float32)


def words(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Captions as the evaluator takes them, longest first: vectors float32 (count, 22, 300), parts
    of speech one-hot float32 (count, 22, 15), and how many of the 22 are words, int64 (count,)."""
    draw = rng.generator(0, "benchmark words", count)
    vectors = draw.standard_normal((count, 22, 300), dtype=np.float32)
    tags = np.eye(15, dtype=np.float32)[draw.integers(0, 15, (count, 22))]
    return vectors, tags, np.sort(draw.integers(7, 23, count))[::-1].copy()
