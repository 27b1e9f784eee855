"""Pictures and training curves, copied beside the page."""

import shutil
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from hmu.io import pictures

_PICTURES = {".png", ".svg"}
_PAGE = 0.68
"""The height of a page that lies, as a share of its width: A4 without its margins."""


def copy(path: Path, folder: Path, name: str) -> dict[str, Any]:
    """Copy a picture to the report's ``folder`` under ``name``.

    The link to it (``file``) and its ``width`` in pixels; the ``pieces`` that lie below each other,
    each no higher than a page that is as wide, if the picture may be cut so: the ``height`` of each
    in pixels, and its ``place``, how much in % of what is cut off lies above it; and how ``tall``
    the highest is, as a share of the width.
    """
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    width, height = pictures.size(target)
    ends = [0.0, *_ends([height * cut for cut in pictures.cuts(target)], height, _PAGE * width)]
    found = [
        {
            "height": round(end - start, 2),
            "place": round(100 * start / max(height - end + start, 1), 4),
        }
        for start, end in pairwise(ends)
    ]
    return {
        "file": quote(PurePosixPath(name).as_posix()),
        "width": round(width, 2),
        "tall": round(max(each["height"] for each in found) / width, 4),
        "pieces": found,
    }


def _ends(cuts: Iterable[float], height: float, most: float) -> list[float]:
    """Where pieces end, of a picture that may be cut so: as few as hold to ``most``."""
    ends, start = list[float](), 0.0
    for cut, following in pairwise([*cuts, height]):
        if following - start > most:
            ends.append(cut)
            start = cut
    return [*ends, height]


def curves(training: Path, folder: Path, name: str) -> list[dict[str, Any]]:
    """Copy the curves that a training left, as `copy` does, in the order of their names."""
    found = sorted(path for path in training.iterdir() if path.suffix in _PICTURES)
    return [copy(path, folder, f"{name}/{path.name}") for path in found]
