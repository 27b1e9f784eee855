"""Standard input and output."""

import io
import sys


def speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale says: what is printed is the same everywhere.

    Bytes of file names that are no UTF-8 come out as escapes.
    """
    for stream, errors in (
        (sys.stdin, "surrogateescape"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):  # not what a notebook puts in its place
            stream.reconfigure(encoding="utf-8", errors=errors)
