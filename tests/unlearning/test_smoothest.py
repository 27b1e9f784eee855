"""The safe code that keeps a motion smoothest, with a decoder whose answer is known."""

import numpy as np
import pytest
import torch

from hmu import rng
from hmu.motion.features import FEATURES, POSITIONS
from hmu.unlearning import smoothest
from hmu.unlearning.smoothest import Trials

FRAMES = 4
HEIGHTS = torch.tensor([0.0, 0.1, 0.2, 0.3, 5.0, -4.0])
"""Where a token puts all joints, by its code in the first layer."""


def decode(codes: torch.Tensor) -> torch.Tensor:
    """A token stands still at its height for four frames."""
    heights = HEIGHTS[codes[..., 0]].repeat_interleave(FRAMES, dim=1)
    motions = torch.zeros(*heights.shape, FEATURES)
    motions[..., POSITIONS] = heights.unsqueeze(-1)
    return motions


def motion(*codes: int) -> np.ndarray:
    return np.array([[code, 0] for code in codes], np.int16)


def test_the_code_that_fits_between_its_neighbours_is_taken() -> None:
    trials = Trials([motion(1, 1, 2, 4, 2, 1, 1), motion(2, 2, 4, 2)], decode, FRAMES)
    safe = np.array([0, 1, 2, 3, 5])
    found = trials.targets(0, np.array([4]), safe, rng.generator(0, "t"))
    assert found.tolist() == [2]


def test_a_code_of_no_motion_gets_the_first_safe_one() -> None:
    trials = Trials([motion(1, 1, 2)], decode, FRAMES)
    found = trials.targets(0, np.array([4, 5]), np.array([1, 2]), rng.generator(0, "t"))
    assert found.tolist() == [1, 1]


def test_windows_lie_around_the_code_and_stay_in_the_motion() -> None:
    trials = Trials([motion(4, 1, 2, 3)], decode, FRAMES)
    windows = trials.windows(0, 4, rng.generator(0, "t"))
    assert windows.shape == (1, 9, 2)
    assert windows[0, :, 0].tolist() == [4] * 5 + [1, 2, 3, 3]
    many = Trials([motion(4, 1)] * 50, decode, FRAMES).windows(0, 4, rng.generator(0, "t"))
    assert len(many) == smoothest.PLACES


@pytest.mark.parametrize(("frames", "tokens"), [(1, 33), (4, 9), (9, 5)])
def test_windows_are_of_frames_whatever_a_token_stands_for(frames: int, tokens: int) -> None:
    """Sixteen frames around the code at least, of which four have a jerk that counts."""

    def heights(codes: torch.Tensor) -> torch.Tensor:
        out = torch.zeros(*codes.shape[:2], FEATURES)
        out[..., POSITIONS] = HEIGHTS[codes[..., 0]].unsqueeze(-1)
        return out.repeat_interleave(frames, dim=1)

    trials = Trials([motion(*[1] * 20, 4, *[1] * 20)], heights, frames)
    windows = trials.windows(0, 4, rng.generator(0, "t"))
    assert windows.shape == (1, tokens, 2)
    jerks = trials.jerks(windows, 0, 4, np.array([0, 1, 2, 5]))
    assert np.isfinite(jerks).all()
    assert jerks.argmin() == 1
    assert jerks[1] == 0
    away, beside = np.abs(np.arange(tokens) - tokens // 2), -(-4 // frames)
    for distance in (beside, beside + 1):
        changed = windows.copy()
        changed[:, away >= distance, 0] = 3
        same = np.array_equal(trials.jerks(changed, 0, 4, np.array([0, 1, 2, 5])), jerks)
        assert same == (distance > beside)


def test_jerk_is_the_third_derivative_of_the_joints() -> None:
    time = torch.arange(20.0, dtype=torch.float64)
    motions = torch.zeros(2, 20, FEATURES, dtype=torch.float64)
    motions[0, :, POSITIONS] = (time**2).unsqueeze(-1)
    motions[1, :, POSITIONS] = (time**3).unsqueeze(-1)
    assert smoothest.jerk(motions).tolist() == pytest.approx([0.0, 6 * 3**0.5])
