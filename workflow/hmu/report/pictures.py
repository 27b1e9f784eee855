"""Pictures and training curves, copied beside the page."""

import shutil
from pathlib import Path, PurePosixPath

_PICTURES = {".png", ".svg"}


def copy(path: Path, folder: Path, name: str) -> str:
    """Copy a picture to the report's ``folder`` under ``name``; the link to it."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return PurePosixPath(name).as_posix()


def curves(training: Path, folder: Path, name: str) -> list[str]:
    """Copy the curves that a training left; the links to them, in the order of their names."""
    found = sorted(path for path in training.iterdir() if path.suffix in _PICTURES)
    return [copy(path, folder, f"{name}/{path.name}") for path in found]
