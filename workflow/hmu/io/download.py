"""Files from the web: resumed where they were left, and checked before they get their name."""

import http.client
import json
import os
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from hmu.errors import InputError
from hmu.io import files
from hmu.io.progress import Progress

_BLOCK = 1 << 20
_TIMEOUT = 60.0  # seconds without a byte
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_LOST = (
    urllib.error.URLError,
    http.client.HTTPException,
    TimeoutError,
    ConnectionError,
    ssl.SSLError,
)


class _Broken(Exception):
    """This attempt failed, but the next may not."""


@dataclass(frozen=True)
class _Partial:
    """What is there of a file: hidden beside it, with the validator (ETag or date) of its source.

    Without a validator nothing but a hash says whether the rest is of the same file.
    """

    data: Path

    @classmethod
    def of(cls, path: Path) -> "_Partial":
        return cls(arriving(path))

    @property
    def note(self) -> Path:
        return self.data.with_name(f"{self.data.name}.source")

    def size(self) -> int:
        return self.data.stat().st_size if self.data.is_file() else 0

    def validator(self, url: str) -> str | None:
        """What the source called the version that the bytes are of, if they are of ``url``."""
        try:
            noted = json.loads(self.note.read_text(encoding="utf-8"))
            return str(noted["validator"]) if noted["url"] == url else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, url: str, validator: str) -> None:
        """Start over."""
        self.data.unlink(missing_ok=True)
        files.write_json(self.note, {"url": url, "validator": validator})

    def discard(self) -> None:
        self.data.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


def arriving(path: Path) -> Path:
    """Where that part of ``path`` which has arrived waits for the rest.

    Not under the name of a file that is being written: jobs remove those which others left.
    """
    return path.with_name(f".download.{path.name}")


def fetch(
    url: str, path: Path, sha256: str | None = None, attempts: int = 5, wait: float = 1.0
) -> str:
    """Download ``url`` to ``path`` unless it is there, and return the SHA-256 of the file.

    What has arrived waits beside ``path``; the next attempt, or the next call, asks for the rest
    alone (HTTP Range, If-Range). ``path`` appears when the file is whole and, where ``sha256`` is
    given, is the one meant. A lost connection, a cut-off answer or a busy server is tried again,
    ``attempts`` times in all, after ``wait`` seconds and then twice as long.

    Raises InputError, naming the address and the remedy, when the server refuses, does not answer,
    sends a web page instead of the file or another file, or the disk cannot be written.
    """
    if path.is_file():
        return _checked(path, url, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _Partial.of(path)
    failures = 0
    while True:
        try:
            resumed = _receive(url, partial, trusting=sha256 is not None)
            found = files.sha256(partial.data)
            if sha256 is None or found == sha256:
                break
            partial.discard()
            if not resumed:
                raise InputError(
                    f"{url} is not the expected file: its SHA-256 is {found}, not {sha256}. "
                    "Nothing was kept. Try again; if it stays so, the source has changed."
                )
        except _Broken as error:
            failures += 1
            if failures >= attempts:
                raise InputError(
                    f"{url} could not be downloaded ({error}; {failures} attempts). What has "
                    f"arrived is kept: run the command again, or put the file at {path} yourself."
                ) from error
            time.sleep(wait * 2 ** (failures - 1))
        except OSError as error:
            raise InputError(
                f"{path} cannot be written ({error.strerror}): make room, or choose another folder."
            ) from error
    os.replace(partial.data, path)
    partial.discard()
    return found


def _checked(path: Path, url: str, sha256: str | None) -> str:
    found = files.sha256(path)
    if sha256 is not None and found != sha256:
        raise InputError(
            f"{path} is not what {url} holds: its SHA-256 is {found}, not {sha256}. Move it away "
            "to download the file."
        )
    return found


def _receive(url: str, partial: _Partial, trusting: bool) -> bool:
    """Append what is missing; whether anything was there before. Raises _Broken and InputError.

    ``trusting``: go on without a validator too, because a hash will tell.
    """
    validator = partial.validator(url)
    held = partial.size() if validator or (validator is not None and trusting) else 0
    headers = {"User-Agent": "hmu", "Accept-Encoding": "identity"}
    if held:
        headers["Range"] = f"bytes={held}-"
        if validator:
            headers["If-Range"] = validator
    try:
        with _open(url, headers) as answer:
            if answer.status != http.client.PARTIAL_CONTENT:
                held = 0
                partial.begin(url, _validator(answer))
            elif _first_byte(answer) != held:
                partial.discard()
                raise _Broken("the server sent another part of the file than requested")
            _append(answer, partial, held, url)
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and held:
            if error.headers.get("Content-Range", "").endswith(f"/{held}"):
                return True  # all of it is here
            partial.discard()
            raise _Broken("the file has changed on the server") from error
        if error.code in _TRANSIENT:
            raise _Broken(f"the server answers {error.code} {error.reason}") from error
        raise InputError(
            f"{url} cannot be downloaded: the server answers {error.code} {error.reason}. "
            "Check the address, and whether it needs a registration."
        ) from error
    except _LOST as error:
        raise _Broken(str(getattr(error, "reason", error)) or type(error).__name__) from error
    return held > 0


def _open(url: str, headers: dict[str, str]) -> Any:
    if not url.startswith(("https://", "http://")):
        raise InputError(f"{url} is not a web address (https://…).")
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)


def _validator(answer: Any) -> str:
    """What If-Range can name this version by; a weak ETag does not promise the same bytes."""
    tag = answer.headers.get("ETag") or ""
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified") or ""


def _first_byte(answer: Any) -> int | None:
    unit, _, rest = (answer.headers.get("Content-Range") or "").partition(" ")
    first = rest.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else None


def _append(answer: Any, partial: _Partial, held: int, url: str) -> None:
    """Write the body behind what is held. Raises _Broken when it ends early."""
    if answer.headers.get_content_type() == "text/html" and not url.endswith((".html", ".htm")):
        partial.discard()
        raise InputError(
            f"{url} answers with a web page, not with the file: open it in a browser, accept what "
            "it asks, and put the file in place yourself."
        )
    length = answer.headers.get("Content-Length")
    total = held + int(length) if length and length.isdecimal() else None
    with (
        partial.data.open("ab") as stream,
        Progress(-(-(total or 0) // _BLOCK), f"download {url.rsplit('/', 1)[-1]}", "MiB") as bar,
    ):
        size = _copy(answer, stream, bar, held)
    if total is not None and size < total:
        raise _Broken(f"the connection closed after {size} of {total} bytes")


def _copy(answer: Any, stream: BinaryIO, bar: Progress, size: int) -> int:
    while block := answer.read(_BLOCK):
        stream.write(block)
        size += len(block)
        bar.update(size // _BLOCK - bar.n)
    return size
