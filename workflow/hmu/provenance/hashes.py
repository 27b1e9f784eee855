"""What a file or a whole directory holds, as hashes, with a local cache of them.

The cache (``results/.cache/hashes``) saves hashing an input again for each job that reads it. It
trusts size and modification time, so it serves jobs only, never :mod:`hmu.provenance.verify`. It is
not part of the lineage and may be deleted at any time.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hmu.io import files

# Snakemake's own mark inside directories that are outputs; not content.
IGNORED = frozenset({".snakemake_timestamp"})


@dataclass(frozen=True)
class Content:
    """SHA-256 and size of a file; of a directory, those of its tree and of each file in it.

    ``files`` maps a POSIX path below the directory to (sha256, bytes), and is None for a file.
    """

    sha256: str
    bytes: int
    files: Mapping[str, tuple[str, int]] | None = None

    def as_json(self) -> dict[str, Any]:
        """A JSON object, the inverse of :meth:`of_json`."""
        value: dict[str, Any] = {"sha256": self.sha256, "bytes": self.bytes}
        if self.files is not None:
            value["files"] = {name: list(entry) for name, entry in self.files.items()}
        return value

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Content":
        """Read what :meth:`as_json` wrote."""
        listing = value.get("files")
        entries = None if listing is None else {k: (v[0], v[1]) for k, v in listing.items()}
        return cls(value["sha256"], value["bytes"], entries)

    @classmethod
    def of_files(cls, listing: Mapping[str, tuple[str, int]]) -> "Content":
        """The content of a directory, given each of its files."""
        ordered = dict(sorted(listing.items()))
        lines = "".join(f"{sha}  {name}\n" for name, (sha, _) in ordered.items())
        tree = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
        return cls(tree, sum(size for _, size in ordered.values()), ordered)


def walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file under ``folder`` with its POSIX path below it, sorted."""
    found: dict[str, Path] = {}
    for parent, _, names in os.walk(folder, followlinks=True):
        here = Path(parent)
        below = here.relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        found |= {f"{prefix}{name}": here / name for name in names if name not in IGNORED}
    yield from sorted(found.items())


def content(path: Path) -> Content:
    """Hash a file or a directory, reading every byte. Raises FileNotFoundError."""
    if path.is_dir():
        listing = {name: (files.sha256(each), each.stat().st_size) for name, each in walk(path)}
        return Content.of_files(listing)
    return Content(files.sha256(path), path.stat().st_size)


def cached(path: Path, cache: Path) -> Content:
    """Like :func:`content`, but trust ``cache`` for a path whose sizes and times are as noted."""
    note = _note(path, cache)
    stamp = _stamp(path)
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
        if noted["stamp"] == stamp:
            return Content.of_json(noted["content"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no note, or not one of ours: hash, and note again
    found = content(path)
    remember(path, found, cache, stamp)
    return found


def known(path: Path, cache: Path) -> bool:
    """Whether ``cache`` has noted ``path`` with the sizes and times that it has now."""
    try:
        noted = json.loads(_note(path, cache).read_text(encoding="utf-8"))
        return bool(noted["stamp"] == _stamp(path))
    except (OSError, ValueError, KeyError, TypeError):
        return False


@cache
def outline(path: Path) -> str:
    """SHA-256 over the names and sizes in a directory: quick, and the same on every machine; kept
    for the process's life."""
    lines = "".join(f"{each.stat().st_size}  {name}\n" for name, each in walk(path))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def remember(path: Path, found: Content, cache: Path, stamp: str | None = None) -> None:
    """Note the content of ``path`` (which must not have changed since it was hashed)."""
    note = _note(path, cache)
    note.parent.mkdir(parents=True, exist_ok=True)
    value = {"stamp": stamp or _stamp(path), "content": found.as_json()}
    # A name of its own: two jobs, on two machines even, may note the same input at once.
    temporary = note.with_name(f"{note.name}.{os.urandom(6).hex()}")
    temporary.write_text(json.dumps(value), encoding="utf-8")
    os.replace(temporary, note)


def _note(path: Path, cache: Path) -> Path:
    key = hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()
    return cache / key[:2] / f"{key[2:34]}.json"


def _stamp(path: Path) -> str:
    """Sizes and modification times, to the nanosecond, of a file or of all files in a tree."""
    entries = walk(path) if path.is_dir() else [("", path)]
    digest = hashlib.sha256()
    for name, each in entries:
        status = each.stat()
        digest.update(os.fsencode(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n"))
    return digest.hexdigest()
