"""Animations: skeletons that move on a floor, side by side, for a person to look at.

Drawn with Pillow, a few milliseconds a frame. GIF needs nothing else; MP4 needs the program ffmpeg.
"""

import shutil
import subprocess
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter1d

from hmu.errors import InputError
from hmu.io import files, inert
from hmu.motion import render
from hmu.motion.skeleton import CHAINS, FPS

FORMATS = ("gif", "mp4")
_SIZE = 360  # pixels of a panel, both ways
_FINE = 2  # drawn this much larger, then reduced: smooth edges
_SCALE = 150.0  # pixels a metre, at the distance of the body
_DISTANCE = 7.0  # metres from the camera to the body
_TILT = np.deg2rad(16)
_HEIGHT = 0.9  # metres above the floor, which the camera looks at
_CALM = 0.4  # seconds over which the camera follows
_FLOOR, _STEP = 2.0, 0.5  # metres: half the side of the drawn floor, its squares
_PAPER, _INK, _SOFT = "#ffffff", "#202020", "#777777"
_GROUND, _LINES, _SHADOW, _TRAIL = "#f4f4f2", "#dededa", "#cfcfca", "#e0a33c"
_LINE_HEIGHT, _WRAP = 19, 44  # pixels; letters of a title's line for each panel


def check_format(name: str) -> None:
    """Raise InputError when animations of this format cannot be written here."""
    if name not in FORMATS:
        raise InputError(f"an animation cannot be {name!r}: choose {' or '.join(FORMATS)}.")
    if name == "mp4" and shutil.which("ffmpeg") is None:
        raise InputError(
            "MP4 needs the program ffmpeg, which is not found: install it, or use gif."
        )


def write(
    panels: Sequence[tuple[str, np.ndarray]], path: Path, title: str, fps: float = FPS
) -> None:
    """Write labelled motions, side by side to one scale, as ``path`` (.gif or .mp4).

    Joints (F, 22, 3) are metres, y up; right limbs are red, left ones blue. A motion that ends
    before the others stays in its last frame. The same motions give the same GIF. Raises InputError
    for another shape, for values that are not finite, and as `check_format` does.
    """
    check_format(path.suffix.removeprefix("."))
    for label, joints in panels:
        render.check(path, label or title, joints)
    images = _frames(panels, title, fps)
    with files.atomic(path) as temporary:
        if path.suffix == ".gif":
            _write_gif(list(images), temporary, fps)
        else:
            _write_mp4(images, temporary, fps)


def _write_gif(images: list[Image.Image], path: Path, fps: float) -> None:
    # One palette for all frames, from a few of them one below the other: no flicker.
    chosen = images[:: max(1, len(images) // 6)]
    sheet = Image.new("RGB", (images[0].width, images[0].height * len(chosen)))
    for number, image in enumerate(chosen):
        sheet.paste(image, (0, number * image.height))
    palette = sheet.quantize(96, dither=Image.Dither.NONE)
    plain = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    plain[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=plain[1:],
        duration=round(1000 / fps),
        loop=0,
        optimize=False,
    )


def _write_mp4(images: Iterator[Image.Image], path: Path, fps: float) -> None:
    first = next(images)
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{first.width}x{first.height}", "-r", f"{fps:g}", "-i", "-"]
    command += ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20", "-f", "mp4", str(path)]
    raw = b"".join(image.tobytes() for image in (first, *images))
    done = subprocess.run(command, input=raw, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise InputError(f"ffmpeg cannot write MP4 ({''.join(said)}): use gif.")


def _frames(
    panels: Sequence[tuple[str, np.ndarray]], title: str, fps: float
) -> Iterator[Image.Image]:
    """The pictures of an animation, one after the other."""
    title = inert.line(title)
    lines = textwrap.wrap(title, _WRAP * len(panels), max_lines=3, placeholder=" …") or [""]
    named = any(label for label, _ in panels)
    head = 12 + _LINE_HEIGHT * len(lines) + (_LINE_HEIGHT if named else 0)
    height = head + _SIZE + (head + _SIZE) % 2  # MP4 needs even sizes
    scenes = [(label, _Scene(joints, fps)) for label, joints in panels]
    longest = max(len(joints) for _, joints in panels)
    for frame in range(longest):
        image = Image.new("RGB", (_SIZE * len(panels), height), _PAPER)
        for column, (label, scene) in enumerate(scenes):
            image.paste(scene.draw(min(frame, scene.length - 1)), (column * _SIZE, head))
            if named:
                place = (column * _SIZE + 12, head - _LINE_HEIGHT)
                ImageDraw.Draw(image).text(place, inert.line(label), _SOFT, font=_font(13))
        draw = ImageDraw.Draw(image)
        for column in range(1, len(panels)):
            draw.line([(column * _SIZE, head), (column * _SIZE, height)], _SHADOW)
        for number, line in enumerate(lines):
            draw.text((12, 8 + number * _LINE_HEIGHT), line, _INK, font=_font(14))
        clock = f"{frame / fps:.1f} s of {longest / fps:.1f} s"
        draw.text((12, height - 22), clock, _SOFT, font=_font(11))
        yield image


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """A font that every machine with matplotlib has."""
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)


class _Scene:
    """One motion before a camera that follows it."""

    def __init__(self, joints: np.ndarray, fps: float) -> None:
        self.joints = render.placed(joints.astype(np.float64))
        self.length = len(joints)
        self.target = _calm(self.joints[:, 0], _CALM * fps)
        self.target[:, 1] = _HEIGHT

    def draw(self, frame: int) -> Image.Image:
        """The picture of one frame, (_SIZE, _SIZE)."""
        side = _SIZE * _FINE
        image = Image.new("RGB", (side, side), _PAPER)
        draw = ImageDraw.Draw(image)
        joints, target = self.joints[frame], self.target[frame]
        self._floor(draw, target)
        shadow, _ = _project(joints * [1, 0, 1], target)
        for shaded in CHAINS:
            _limb(draw, shadow[list(shaded)], _SHADOW, 5)
        trail, _ = _project(self.joints[: frame + 1, 0] * [1, 0, 1], target)
        if frame:
            draw.line([tuple(point) for point in trail], fill=_TRAIL, width=2 * _FINE)
        points, depths = _project(joints, target)
        chains = [list(chain) for chain in CHAINS]
        for limb in np.argsort([-depths[chain].mean() for chain in chains], kind="stable"):
            chain, colour = chains[limb], render.COLOURS[limb]
            _limb(draw, points[chain], colour, 8)
            if render.HEAD in chain:
                middle, _ = _project(joints[render.HEAD] + [0, 0.07, 0], target)
                _disc(draw, middle, 0.1 * _SCALE * _FINE, colour)
        return image.resize((_SIZE, _SIZE), Image.Resampling.BOX)

    def _floor(self, draw: ImageDraw.ImageDraw, target: np.ndarray) -> None:
        """A square of the floor around the target; its lines stand still in the world."""
        x, _, z = target
        corners = [
            [x + a * _FLOOR, 0, z + b * _FLOOR] for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))
        ]
        points, _ = _project(np.array(corners), target)
        draw.polygon([tuple(point) for point in points], fill=_GROUND)
        for centre, along in ((x, 0), (z, 2)):
            first, last = np.ceil((centre - _FLOOR) / _STEP), np.floor((centre + _FLOOR) / _STEP)
            for place in np.arange(first, last + 1) * _STEP:
                ends = np.array([[x, 0.0, z], [x, 0.0, z]])
                ends[:, along] = place
                ends[:, 2 - along] += [-_FLOOR, _FLOOR]
                points, _ = _project(ends, target)
                draw.line([tuple(point) for point in points], fill=_LINES, width=_FINE)


def _calm(way: np.ndarray, sigma: float) -> np.ndarray:
    """The way (F, 3) smoothed over time; at its ends it goes on as it came, so nothing lags."""
    margin = int(4 * sigma)
    longer = np.pad(way, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")
    smooth: np.ndarray = gaussian_filter1d(longer, sigma, axis=0)
    return smooth[margin:-margin]


def _project(points: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points (..., 3) are in the picture (..., 2), and how far from the camera (...)."""
    x, y, z = np.moveaxis(points - target, -1, 0)
    up = y * np.cos(_TILT) - z * np.sin(_TILT)
    depth = _DISTANCE - (z * np.cos(_TILT) + y * np.sin(_TILT))
    scale = _SCALE * _FINE * _DISTANCE / np.maximum(depth, 1.0)
    middle = _SIZE * _FINE / 2
    return np.stack([middle + x * scale, middle - up * scale], axis=-1), depth


def _limb(draw: ImageDraw.ImageDraw, points: np.ndarray, colour: str, width: int) -> None:
    draw.line([tuple(point) for point in points], fill=colour, width=width * _FINE)
    for point in points:
        _disc(draw, point, width * _FINE / 2, colour)


def _disc(draw: ImageDraw.ImageDraw, centre: np.ndarray, radius: float, colour: str) -> None:
    corners = [tuple(centre - radius), tuple(centre + radius)]
    draw.ellipse(corners, fill=colour)
