"""Pictures as files: their size, and where they may be cut, which they say themselves."""

import re
from collections.abc import Iterable
from pathlib import Path

from hmu.errors import InputError

_HEAD = 1 << 16  # bytes, before the picture itself
_CUTS = re.compile(rb"May be cut at ([\d. ]+);")
_SVG = re.compile(rb'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')
_PIXELS = 4 / 3  # of a point


def metadata(suffix: str, cuts: Iterable[float] = ()) -> dict[str, str | None]:
    """What Matplotlib is to write into a picture ".png" or ".svg": no date, so that the same figure
    gives the same file, and where the picture may be cut, in shares of its height from the top."""
    said = " ".join(f"{cut:.5f}" for cut in cuts)
    found: dict[str, str | None] = {"Description": f"May be cut at {said};"} if said else {}
    return {"Date": None, **found} if suffix == ".svg" else found


def cuts(path: Path) -> list[float]:
    """Where a picture says that it may be cut, in shares of its height from the top, ascending."""
    found = _CUTS.search(_head(path))
    return sorted(map(float, found[1].split())) if found else []


def size(path: Path) -> tuple[float, float]:
    """Width and height of a PNG, or of an SVG that Matplotlib wrote, in pixels of a web page.

    Raises InputError for another file.
    """
    head = _head(path)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
        return float(width), float(height)
    if found := _SVG.search(head):
        return float(found[1]) * _PIXELS, float(found[2]) * _PIXELS
    raise InputError(f"{path} is no picture of this pipeline: make it again.")


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD)
