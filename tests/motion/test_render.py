"""Film strips and animations: not blank, the same each time, or a clear refusal."""

import itertools
import shutil
import subprocess
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from hmu.errors import InputError
from hmu.io import pictures
from hmu.motion import animate
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


def test_a_picture_may_be_cut_between_rows_where_it_is_blank(
    joints: np.ndarray, tmp_path: Path
) -> None:
    rows = [(f"row {number}", joints) for number in range(6)]
    for together, number in (((), 5), ((2, 3, 1), 2)):
        compare(rows, tmp_path / "rows.png", "t", together=together)
        pixels = matplotlib.image.imread(tmp_path / "rows.png")[..., :3]
        cuts = pictures.cuts(tmp_path / "rows.png")
        assert len(cuts) == number
        for cut in cuts:
            assert pixels[round(cut * len(pixels))].min() == 1
    # Rows are all as high; the heading stands above them.
    first, second = (round(cut * len(pixels)) for cut in cuts)
    assert len(pixels) - second == pytest.approx((second - first) / 3, abs=1)


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


def frames_of(path: Path) -> list[np.ndarray]:
    with Image.open(path) as picture:
        frames = []
        for number in range(picture.n_frames):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGB")).astype(int))
    return frames


def covered(frame: np.ndarray, colour: str) -> int:
    """How many pixels have about this colour."""
    return int((np.abs(frame - 255 * np.array(to_rgb(colour))).max(axis=-1) < 40).sum())


def test_an_animation_shows_both_sides_in_every_frame(joints: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    animate.write([("", joints)], path, "a person sways")
    frames = frames_of(path)
    assert len(frames) == len(joints)
    for frame in frames:
        assert covered(frame, LEFT_COLOUR) > 300
        assert covered(frame, RIGHT_COLOUR) > 300
    assert all((one != other).any() for one, other in itertools.pairwise(frames))


def test_animations_stand_side_by_side_to_the_end_of_the_longest(
    joints: np.ndarray, tmp_path: Path
) -> None:
    animate.write([("original", joints), ("lcr", joints[:10])], tmp_path / "two.gif", "x")
    animate.write([("original", joints)], tmp_path / "one.gif", "x")
    two, one = frames_of(tmp_path / "two.gif"), frames_of(tmp_path / "one.gif")
    assert len(two) == len(one) == len(joints)
    half = one[0].shape[1]
    assert two[0].shape[1] == 2 * half
    assert covered(two[-1][:, half:], LEFT_COLOUR) > 300
    # The floor moves with the camera, so only the body's own half may stay as it is.
    assert (two[20][:, half:-1][-300:-40] == two[30][:, half:-1][-300:-40]).mean() > 0.99


def test_the_camera_follows_a_body_that_runs_away(joints: np.ndarray, tmp_path: Path) -> None:
    away = joints + np.linspace(0, 12, len(joints))[:, None, None] * [0, 0, 1]
    animate.write([("", away)], tmp_path / "a.gif", "x")
    assert all(covered(frame, RIGHT_COLOUR) > 300 for frame in frames_of(tmp_path / "a.gif"))


def test_one_frame_is_a_picture(joints: np.ndarray, tmp_path: Path) -> None:
    animate.write([("", joints[:1])], tmp_path / "a.gif", "x")
    assert covered(frames_of(tmp_path / "a.gif")[0], RIGHT_COLOUR) > 300


def test_the_same_motion_gives_the_same_gif(joints: np.ndarray, tmp_path: Path) -> None:
    for name in "ab":
        animate.write([("", joints[:9])], tmp_path / f"{name}.gif", "a \u201ctitle\u201d – " * 20)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_mp4_has_a_frame_for_each(joints: np.ndarray, tmp_path: Path) -> None:
    if not all(map(shutil.which, ("ffmpeg", "ffprobe"))):
        pytest.skip("needs the programs ffmpeg and ffprobe")
    path = tmp_path / "a.mp4"
    animate.write([("", joints), ("b", joints)], path, "x")
    words = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames"]
    done = subprocess.run([*words, "-of", "csv=p=0", str(path)], capture_output=True, text=True)
    assert int(done.stdout.strip().rstrip(",")) == len(joints)


def test_animations_are_refused_as_strips_are(
    joints: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for motion, name in ((joints[:, :21], "a.gif"), (joints * np.nan, "b.gif"), (joints, "c.avi")):
        with pytest.raises(InputError):
            animate.write([("", motion)], tmp_path / name, "x")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="MP4 needs the program ffmpeg"):
        animate.write([("", joints)], tmp_path / "d.mp4", "x")
    assert not any(tmp_path.iterdir())
