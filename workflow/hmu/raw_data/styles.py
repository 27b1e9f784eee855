"""Of which form a raw directory is, by the MARKS of the sources."""

from pathlib import Path

from hmu import registry

STYLES = {
    name: tuple(registry.literals("sources", name)["MARKS"])
    for name in ("humanml3d", "motionx", "joints", "features")
}
"""What a directory of each form of ours has, the form that comes before others first."""


def marked(raw: Path, source: str) -> bool:
    """Whether a directory has what one of this form has; any, where its source has no MARKS."""
    marks = registry.literals("sources", source).get("MARKS")
    return marks is None or any((raw / mark).exists() for mark in marks)
