"""Film strips: a picture that is not blank, the same each time, or a clear refusal."""

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from hmu.errors import InputError
from hmu.motion.render import LEFT_COLOUR, RIGHT_COLOUR, compare, film_strip
from hmu.motion.skeleton import PARENTS, TARGET_OFFSETS


@pytest.fixture(scope="module")
def joints() -> np.ndarray:
    """The uniform skeleton, standing and swaying for two seconds."""
    standing = TARGET_OFFSETS.copy()
    for joint in range(1, 22):
        standing[joint] += standing[PARENTS[joint]]
    standing[:, 1] -= standing[:, 1].min()
    sway = 0.1 * np.sin(np.arange(40) / 6)
    return standing[None] + np.stack([sway, 0 * sway, 2 * sway], axis=-1)[:, None]


def share_of(path: Path, colour: str) -> float:
    pixels = matplotlib.image.imread(path)[..., :3]
    return float((np.abs(pixels - to_rgb(colour)).max(axis=-1) < 0.1).mean())


def test_strip_shows_both_sides(joints: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "strip.png"
    film_strip(joints, path, "standing", frames=6)
    for colour in (LEFT_COLOUR, RIGHT_COLOUR, "#3c3c3c"):
        assert share_of(path, colour) > 0.001
    assert share_of(path, "#ffffff") > 0.5


def test_more_rows_make_a_taller_picture(joints: np.ndarray, tmp_path: Path) -> None:
    film_strip(joints, tmp_path / "one.png", "t")
    compare([("before", joints), ("after", joints[:10])], tmp_path / "two.png", "t")
    one, two = (matplotlib.image.imread(tmp_path / f"{n}.png").shape for n in ("one", "two"))
    assert two[1] == one[1]
    assert two[0] > 1.6 * one[0]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_same_motion_gives_the_same_file(joints: np.ndarray, tmp_path: Path, suffix: str) -> None:
    for name in "ab":
        film_strip(joints, tmp_path / f"{name}{suffix}", "standing")
    a, b = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert a == b
    assert len(a) > 2000


def test_where_it_stands_does_not_matter(joints: np.ndarray, tmp_path: Path) -> None:
    film_strip(joints, tmp_path / "a.png", "t")
    film_strip(joints + np.array([5, 0, -3]), tmp_path / "b.png", "t")
    a, b = (matplotlib.image.imread(tmp_path / f"{n}.png") for n in "ab")
    assert np.abs(a - b).mean() < 1e-3


def test_refusals(joints: np.ndarray, tmp_path: Path) -> None:
    broken = joints.copy()
    broken[3, 2, 1] = np.nan
    for motion, name in (
        (joints[:, :21], "a.png"),
        (joints[:0], "b.png"),
        (broken, "c.png"),
        (joints, "d.bmp"),
    ):
        with pytest.raises(InputError, match=name):
            film_strip(motion, tmp_path / name, "t")
    assert not any(tmp_path.iterdir())
