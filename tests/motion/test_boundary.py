"""Jerk at boundaries of replaced tokens: motions made by hand, of which it is known where it is."""

import math

import numpy as np
import pytest

from hmu.motion import boundary
from hmu.motion.plausibility.jerk import PER_SECOND, curve


def body(frames: int, path: np.ndarray | None = None) -> np.ndarray:
    """A body that stands still, but for its head (joint 15), whose height follows a path."""
    joints = np.zeros((frames, 22, 3), np.float32)
    joints[:, 15, 1] = 0 if path is None else path
    return joints


def step(frames: int, at: int, size: float) -> np.ndarray:
    return size * (np.arange(frames) >= at)


def measured(joints: np.ndarray, before: np.ndarray, tokens: list[int], unit: int) -> dict:
    replaced = np.array(tokens, dtype=bool)[:, None]
    row = boundary.row(joints, before, replaced, unit)
    return dict(zip(boundary.NAMED, row.tolist(), strict=True))


def test_windows_are_the_two_tokens_of_each_boundary() -> None:
    """Of 4 frames a token, boundaries at frames 8 and 12: tokens 1 to 3, frames 4 to 15."""
    tokens = np.array([0, 0, 1, 0, 0, 0], dtype=bool)
    inside = boundary.near(tokens, 4, steps=21)
    middles = np.flatnonzero(inside) + 2
    assert middles.tolist() == list(range(4, 16))
    assert not boundary.near(np.zeros(6, bool), 4, 21).any()
    assert not boundary.near(np.ones(6, bool), 4, 21).any()


@pytest.mark.parametrize("unit", [1, 2, 4, 9])
def test_every_token_length_has_a_window_of_two_tokens(unit: int) -> None:
    tokens = np.arange(12) >= 6
    assert boundary.near(tokens, unit, steps=12 * unit - 3).sum() == 2 * unit


def test_a_jump_at_a_boundary_is_known_in_size_and_place() -> None:
    """A step of s has third differences s, -2s, s: the peak is 2 s, the area 4 s."""
    size, frames = 0.125, 24
    jump = body(frames, step(frames, 12, size))
    found = measured(jump, body(frames), [0, 0, 0, 1, 1, 1], 4)
    assert found["boundaries"] == 1
    assert found["peak"] == found["clip_peak"] == pytest.approx(2 * size * PER_SECOND)
    assert found["peak_before"] == found["clip_peak_before"] == 0
    assert found["area"] == found["clip_area"] == pytest.approx(4 * size)


def test_a_jump_elsewhere_is_the_clips_and_not_the_boundarys() -> None:
    size, frames = 0.125, 24
    jump = body(frames, step(frames, 3, size))
    found = measured(jump, body(frames), [0, 0, 0, 0, 1, 1], 4)
    assert found["peak"] == found["area"] == 0
    assert found["clip_peak"] == pytest.approx(2 * size * PER_SECOND)
    assert found["clip_area"] == pytest.approx(4 * size)


def test_what_was_there_before_the_edit_is_told_apart() -> None:
    """The same jump in both decodings: a peak in each, and no area between them."""
    frames = 24
    jump = body(frames, step(frames, 12, 0.25))
    found = measured(jump, jump, [0, 0, 0, 1, 1, 1], 4)
    assert found["peak"] == found["peak_before"] == pytest.approx(0.5 * PER_SECOND)
    assert found["area"] == found["clip_area"] == 0


def test_the_area_is_for_each_boundary() -> None:
    size, frames = 0.125, 48
    path = step(frames, 12, size) + step(frames, 36, size)
    tokens = [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    found = measured(body(frames, path), body(frames), tokens, 4)
    assert found["boundaries"] == 2
    assert found["area"] == pytest.approx(4 * size)
    assert found["clip_area"] == pytest.approx(8 * size)


def test_a_token_is_replaced_where_any_layer_is() -> None:
    replaced = np.zeros((6, 3), dtype=bool)
    replaced[3:, 2] = True
    jump = body(24, step(24, 12, 0.5))
    row = boundary.row(jump, body(24), replaced, 4)
    assert row[boundary.NAMED.index("boundaries")] == 1


@pytest.mark.parametrize("tokens", [[0] * 6, [1] * 6])
def test_without_a_boundary_its_measures_are_undefined_and_the_clips_are_not(
    tokens: list[int],
) -> None:
    replaced = np.array(tokens, dtype=bool)[:, None]
    jump = body(24, step(24, 12, 0.5))
    rows = boundary.row(jump, body(24), replaced, 4)[None]
    for name in ("peak", "peak_before", "area"):
        assert math.isnan(boundary.column(rows, name)[0])
    assert boundary.column(rows, "boundaries").tolist() == [0]
    assert boundary.column(rows, "clip_peak")[0] == pytest.approx(curve(jump).max() * PER_SECOND)


def test_three_frames_have_no_jerk_at_all() -> None:
    rows = boundary.row(body(3), body(3), np.array([[True], [False], [False]]), 1)[None]
    assert np.isfinite(rows).all(), "descriptions are finite"
    undefined = {name for name in boundary.NAMED if math.isnan(boundary.column(rows, name)[0])}
    assert undefined == set(boundary.NAMED) - {"boundaries"}
