"""What a file or a whole directory holds, as hashes, with a local cache of them.

The cache (``results/.cache/hashes``) saves hashing an input again for each job that reads it, and
each planning. It knows a file by device, inode, size and times. Who writes to it changes one of
them, also by putting content and times back; a disk that loses a bit does not. The cache is no
part of the lineage and may be deleted at any time.
"""

import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hmu.io import files
from hmu.io.walk import names, walk

MARK = ".snakemake_timestamp"
"""Snakemake's own mark inside directories that are outputs; not content."""

RACY = 2_000_000_000
"""Nanoseconds that the coarsest clock of a file system may miss, FAT's. A file that changed so
shortly before it was hashed may change again without another time: its hash is not noted."""


class Content(NamedTuple):
    """SHA-256 and size of a file; of a directory, those of its tree and of each file in it.

    ``files`` maps a POSIX path below the directory to (sha256, bytes), and is None for a file.
    ``only`` are the patterns of the files that are meant, where that is not all of them.
    """

    sha256: str
    bytes: int
    files: Mapping[str, tuple[str, int]] | None = None
    only: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A JSON object, the inverse of :meth:`of_json`."""
        value: dict[str, Any] = {"sha256": self.sha256, "bytes": self.bytes}
        if self.files is not None:
            value["files"] = {name: list(entry) for name, entry in self.files.items()}
        if self.only:
            value["only"] = list(self.only)
        return value

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Content":
        """Read what :meth:`as_json` wrote."""
        listing = value.get("files")
        entries = None if listing is None else {k: (v[0], v[1]) for k, v in listing.items()}
        return cls(value["sha256"], value["bytes"], entries, tuple(value.get("only", ())))

    @classmethod
    def of_files(cls, listing: Mapping[str, tuple[str, int]]) -> "Content":
        """The content of a directory, given each of its files."""
        ordered = dict(sorted(listing.items()))
        lines = "".join(f"{sha}  {name}\n" for name, (sha, _) in ordered.items())
        tree = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
        return cls(tree, sum(size for _, size in ordered.values()), ordered)

    def of_those(self, patterns: tuple[str, ...]) -> "Content":
        """Of a directory, the files whose paths below it fit one of the ``patterns``."""
        used = {name: each for name, each in (self.files or {}).items() if fits(name, patterns)}
        return Content.of_files(used)._replace(only=patterns)


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path below a directory fits one of the ``patterns``, in which * is any text."""
    return _matcher(patterns)(name) is not None


@cache
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], object]:
    return re.compile("|".join(map(translate, patterns))).match


def listing(folder: Path) -> dict[str, Path]:
    """The files under ``folder`` by their POSIX paths below it, sorted: those that can be read, not
    links that lead nowhere."""
    return {name: path for name, path in walk(folder) if path.is_file()}


def content(path: Path) -> Content:
    """Hash a file or a directory, reading every byte. Raises FileNotFoundError."""
    if path.is_dir():
        found = listing(path).items()
        return Content.of_files({n: (files.sha256(p), p.stat().st_size) for n, p in found})
    return Content(files.sha256(path), path.stat().st_size)


def cached(path: Path, cache: Path) -> Content:
    """Like :func:`content`, but read only the files that ``cache`` does not know as they are."""
    noted = _noted(path, cache)
    known: dict[str, _Entry] = {}
    found: dict[str, tuple[str, int]] = {}
    for name, (each, stamp) in _files(path).items():
        entry = noted.get(name)
        if entry is None or entry[0] != stamp:
            now = time.time_ns()
            entry = [stamp, files.sha256(Path(each)), now]
            if max(stamp[3:]) < now - RACY:
                known[name] = entry
        else:
            known[name] = entry
        found[name] = entry[1], stamp[2]
    if known != noted:
        _write(path, known, cache)
    return Content.of_files(found) if path.is_dir() else Content(*found[""])


class Reading(NamedTuple):
    """What the inputs of a job held when it began, with their stamps of that moment.

    ``contents`` are the hashes, of a directory of the files whose patterns are given only.
    """

    contents: Mapping[Path, Content]
    stamps: Mapping[Path, Mapping[str, list[int]]]
    began: int

    @classmethod
    def of(
        cls, paths: Iterable[Path], only: Mapping[Path, tuple[str, ...]], cache: Path
    ) -> "Reading":
        """Hash the files that ``cache`` does not know as they are. Raises FileNotFoundError."""
        began = time.time_ns()
        stamps, contents = {}, {}
        for path in paths:
            stamps[path] = _stamps(path, only.get(path))
            found = cached(path, cache)
            contents[path] = found.of_those(only[path]) if path in only else found
        return cls(contents, stamps, began)

    def touched(self) -> list[str]:
        """The files of which it cannot be shown that they held the same all the while since.

        Whatever writes to a file changes its stamp, even if it puts the content and the times back.
        A stamp says nothing of what happened to a file within :data:`RACY` of its last change: it
        is hashed once more.
        """
        found = []
        for path, before in self.stamps.items():
            content = self.contents[path]
            listed = content.files if content.files is not None else {"": (content.sha256, 0)}
            now = _stamps(path, content.only or None) if path.exists() else {}
            for name in sorted(before.keys() | now.keys()):
                same = before.get(name) == now.get(name)
                if same and max(now[name][3:]) > self.began - RACY:
                    same = files.sha256(path / name) == listed[name][0]
                if not same:
                    found.append((path / name).as_posix())
        return found


class Now(NamedTuple):
    """The files of a directory as they are, or a file under an empty name.

    ``stamps`` tell whether one changes; ``trusted`` has the hashes of those that did not change
    since they were read, long enough after their last change for the stamp to show another.
    """

    paths: Mapping[str, Path]
    stamps: Mapping[str, list[int]]
    trusted: Mapping[str, str]
    began: int

    @classmethod
    def of(cls, path: Path, cache: Path) -> "Now":
        """Look at a file or directory, and read none. Raises FileNotFoundError."""
        began, noted = time.time_ns(), _noted(path, cache)
        there = _files(path)
        trusted = {
            name: noted[name][1]
            for name, (_, stamp) in there.items()
            if name in noted and noted[name][0] == stamp and max(stamp[3:]) < noted[name][2] - RACY
        }
        stamps = {name: stamp for name, (_, stamp) in there.items()}
        return cls({n: Path(each) for n, (each, _) in there.items()}, stamps, trusted, began)

    def remember(self, path: Path, read: Mapping[str, str], cache: Path) -> None:
        """Note the hashes of the files that were ``read`` beside those that are trusted."""
        entries = _noted(path, cache)
        entries |= {name: [self.stamps[name], each, self.began] for name, each in read.items()}
        _write(path, {name: each for name, each in entries.items() if name in self.paths}, cache)


def known(path: Path, cache: Path) -> bool:
    """Whether ``cache`` has noted ``path``, and all files in it, as they are now."""
    noted = _noted(path, cache)
    stamps = {name: stamp for name, (_, stamp) in _files(path).items()}
    return bool(noted) and {name: stamp for name, (stamp, *_) in noted.items()} == stamps


@cache
def outline(folder: Path, patterns: tuple[str, ...], cache: Path) -> str:
    """SHA-256 over the files of a directory whose paths below it fit one of the ``patterns``, known
    by their content, the same on every machine; kept for the process's life."""
    return _held(folder, cache).of_those(patterns).sha256


@cache
def outline_of(named: tuple[tuple[str, Path], ...], cache: Path) -> str:
    """The same over single files, each by a name that is not its path. One that is not there is
    left out."""
    found = {name: cached(path, cache) for name, path in named if path.exists()}
    return Content.of_files({n: (each.sha256, each.bytes) for n, each in found.items()}).sha256


@cache
def _held(folder: Path, cache: Path) -> Content:
    """What a directory holds, for all outlines of it."""
    return cached(folder, cache)


def remember(path: Path, found: Content, cache: Path) -> None:
    """Note the content of ``path``, which must not have changed since it was hashed: it was made
    just now, or compared. A file that is younger than its stamp can tell is not trusted for it."""
    hashes = {"": (found.sha256, found.bytes)} if found.files is None else found.files
    now = _files(path).items()
    entries = {name: [stamp, hashes[name][0], 0] for name, (_, stamp) in now if name in hashes}
    _write(path, entries, cache)


def _stamps(path: Path, only: tuple[str, ...] | None) -> dict[str, list[int]]:
    stamps = {name: stamp for name, (_, stamp) in _files(path).items()}
    return stamps if only is None else {n: each for n, each in stamps.items() if fits(n, only)}


_Entry = list[Any]
"""Of a file: [device, inode, size, and the times of its last change and of its inode's, in
nanoseconds], its SHA-256, and when its hashing began (0 where that is not known)."""


def _files(path: Path) -> dict[str, tuple[str, list[int]]]:
    """The files of `listing`, or a file under an empty name, each with its stamp: one question to
    the file system a file, of which there may be 100,000."""
    found = {}
    for name, each in names(path) if path.is_dir() else [("", os.fspath(path))]:
        try:
            it = os.stat(each)  # noqa: PTH116
        except OSError as error:
            if not name or error.errno not in (errno.ENOENT, errno.ELOOP):
                raise
            continue
        if stat.S_ISREG(it.st_mode):
            stamp = [it.st_dev, it.st_ino, it.st_size, it.st_mtime_ns, it.st_ctime_ns]
            found[name] = each, stamp
    return found


def _noted(path: Path, cache: Path) -> dict[str, _Entry]:
    """What is noted of the files of ``path``; nothing where the note is missing or not ours."""
    value = files.read_note(_note(path, cache))
    try:
        return {name: entry for name, entry in value.items() if len(entry) == 3}
    except (TypeError, AttributeError):
        return {}


def _write(path: Path, entries: Mapping[str, _Entry], cache: Path) -> None:
    files.write_note(_note(path, cache), dict(entries))


def _note(path: Path, cache: Path) -> Path:
    key = hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()
    return cache / key[:2] / f"{key[2:34]}.json"
