"""Names as plain file names: of clips that lie in folders, and back, and of any text.

Motion-X lists its clips by path, ``fitness/subset_0032/Plank_clip_18``. ``/`` becomes ``__``; what
could then be mistaken for it, a second underscore in a row and one at the beginning or end of a
part, is written ``~5F``, and ``~`` is ``~7E``. So no two paths share a name. None of the 81,080
official names needs it.
"""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from hmu.io.walk import is_left

_AMBIGUOUS = re.compile(r"(?<=_)_|^_|_$")
_SPECIAL = re.compile(r"[^A-Za-z0-9%+._-]")
_LONGEST = 120
"""Characters of the file name of a text, before its hash; file systems take 255 bytes."""


def flat(path: str) -> str:
    """The clip of a path without suffix. A name without folders is its own clip."""
    path = composed(path)
    parts = PurePosixPath(path).parts
    if len(parts) < 2:
        return path
    return "__".join(_AMBIGUOUS.sub("~5F", part.replace("~", "~7E")) for part in parts)


def file_name(text: str) -> str:
    """Any text as one plain file name, another for each text.

    ASCII letters, digits and ``% + - . _`` stay as they are; each other byte of its UTF-8 is
    written as ``~20``, and so is the first letter of a name that `hmu.io.walk` would pass over. A
    text that is too long for a file system, or empty, has ``~-`` and its hash at the end.
    """
    name = _SPECIAL.sub(lambda found: _escaped(found[0]), text)
    if name == ".." or is_left(name):
        name = _escaped(name[0]) + name[1:]
    if not name or len(name) > _LONGEST:
        digest = hashlib.sha256(_bytes(text)).hexdigest()
        name = f"{name[:_LONGEST]}~-{digest[:32]}"
    return name


def _escaped(mark: str) -> str:
    return "".join(f"~{byte:02X}" for byte in _bytes(mark))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def composed(name: str) -> str:
    """A name with each accented letter as one character. macOS takes letters apart in the names of
    files: é is then e and an accent, looks the same, and is found in no list."""
    return unicodedata.normalize("NFC", name)


def nested(clip: str) -> str:
    """The path that `flat` made ``clip`` of, if it had folders."""
    parts = clip.split("__")
    if len(parts) < 2:
        return clip
    return "/".join(part.replace("~5F", "_").replace("~7E", "~") for part in parts)


def printable(name: str) -> str:
    """A name as it may stand in a list or a message: other characters and bytes as escapes."""
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in shown)


def is_safe(name: str) -> bool:
    """Whether a name from a list or an archive stays inside its directory."""
    path = PurePosixPath(name)
    return (
        bool(name)
        and name.isprintable()
        and not path.is_absolute()
        and ".." not in path.parts
        and "\\" not in name
    )


def brace_fault(key: str, path: str) -> str | None:
    """What is wrong with a user's path that Snakemake would take for a pattern; None if nothing."""
    if not {*"{}"} & {*path}:
        return None
    return (
        f"{key}: {path} has braces in its name, which Snakemake takes for wildcards; rename it, or"
        " give a symbolic link to it without them."
    )
