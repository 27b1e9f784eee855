"""What a file is by its first bytes, and text in the encodings that its first bytes name."""

import codecs
from pathlib import Path

from hmu.errors import InputError

_FORMS = (
    (b"version https://git-lfs.github.com/spec/",
     "is a Git LFS pointer, not the file itself: run `git lfs pull` where it comes from"),
    (b"/annex/objects/",
     "is a git-annex pointer, not the file itself: run `git annex get` where it comes from"),
    (b"<!doctype html", "is a web page, not the file itself: download it again"),
    (b"<html", "is a web page, not the file itself: download it again"),
)  # fmt: skip


def form(first: bytes) -> str:
    """What a file that begins with these bytes is, where it only stands for the one that is meant;
    the end of "this file ...", or nothing."""
    begin = first.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    return next((said for mark, said in _FORMS if begin.startswith(mark)), "")


def form_of(path: Path) -> str:
    """The same of a file; nothing of one that cannot be read."""
    try:
        with path.open("rb") as stream:
            return form(stream.read(256))
    except OSError:
        return ""


def decode(content: bytes) -> str:
    """Text by its byte-order mark, which goes, or else UTF-8. Raises UnicodeDecodeError."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig")


def lines(text: str) -> list[str]:
    """The lines of a text by the ends that files have; not by others of Unicode, U+2028 say, that
    may stand within a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read_text(path: Path) -> str:
    """The text of a file, line ends as they are.

    Raises FileNotFoundError; InputError for what is not text, or stands for another file.
    """
    try:
        content = path.read_bytes()
        text = decode(content)
    except FileNotFoundError:
        raise
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text ({error}): fix it.") from error
    if said := form(content):
        raise InputError(f"{path} {said}.")
    return text
