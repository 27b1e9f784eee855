"""Names of mirrored copies, which are no clips of their own."""

from collections.abc import Container


def unmirrored(clip: str, known: Container[str]) -> str:
    """The clip of which ``clip`` is the mirrored copy, "M" before its name, if that is ``known``;
    the clip itself, if not."""
    return clip[1:] if clip.startswith("M") and clip[1:] in known else clip
