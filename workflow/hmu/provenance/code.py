"""Code is an input: the modules that a step is made of, and the digest of what they do.

The modules are found by reading import statements, never by importing, so that planning a run
stays quick and a step's digest changes exactly when a file that it can reach behaves otherwise.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hmu.io import files

PACKAGE = Path(__file__).resolve().parents[1]
_READERS = ("parsing", "behaviour")


class SourceFile(NamedTuple):
    """One file of the package.

    ``sha256`` is that of its bytes, ``behaviour`` the digest of what it does (of a data file, the
    same). ``imports`` are the dotted names that it may import, ``names`` the strings in it that
    could name a data file beside it.
    """

    sha256: str
    behaviour: str
    imports: list[str]
    names: list[str]


class Code:
    """The sources of a package, each read once by an object.

    ``notes`` is a file that keeps what was read in them for the next process, by the hashes of
    their bytes. It may be deleted at any time.
    """

    def __init__(self, package: Path = PACKAGE, notes: Path | None = None) -> None:
        self.package = package
        self.notes = notes
        self._noted = _read(notes) if notes else {}
        self._sources: dict[Path, SourceFile] = {}
        self._files: dict[str, Path | None] = {}
        self._references: dict[Path, frozenset[Path]] = {}
        self._closures: dict[tuple[str, ...], list[Path]] = {}
        self._digests: dict[tuple[str, ...], str] = {}

    def closure(self, *modules: str) -> list[Path]:
        """The files of ``modules`` and of everything of this package that they import, sorted.

        ``modules`` are dotted names (``hmu.steps.cell``). Imports inside functions count; those
        for types only, under ``if TYPE_CHECKING``, do not. So do the ``__init__`` files of the
        packages on the way, and data files that stand beside a module and are named in it by a
        string literal (a vocabulary, a grammar). Raises ValueError for a module that does not
        exist.
        """
        if modules in self._closures:
            return self._closures[modules]
        found: set[Path] = set()
        waiting: list[Path] = []
        for module in modules:
            if self._file(module) is None:
                raise ValueError(f"there is no module {module} in {self.package}")
            waiting.extend(self._resolve(module))
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting.extend(self._referred(path))
        self._closures[modules] = sorted(found)
        return self._closures[modules]

    def files(self, *modules: str) -> dict[str, SourceFile]:
        """The sources of the closure, by their POSIX paths below the package's parent."""
        return {self._name(path): self.source(path) for path in self.closure(*modules)}

    def digest(self, *modules: str) -> str:
        """SHA-256 over the names and the behaviour of the closure of ``modules``."""
        if modules not in self._digests:
            self._digests[modules] = combine(self.files(*modules))
        return self._digests[modules]

    def source(self, path: Path) -> SourceFile:
        """Read one file. Raises SyntaxError for one that is not Python, though it ends so."""
        if path not in self._sources:
            data = path.read_bytes()
            sha256 = hashlib.sha256(data).hexdigest()
            noted = self._noted.get(self._name(path))
            if noted is not None and noted["sha256"] == sha256:
                self._sources[path] = SourceFile(**noted)
            else:
                self._sources[path] = _parsed(path, data, sha256, self._package_of(path))
        return self._sources[path]

    def read_all(self) -> None:
        """Read every module, and leave the notes for jobs to come."""
        for path in sorted(self.package.rglob("*.py")):
            self.source(path)
        found = {self._name(path): source._asdict() for path, source in self._sources.items()}
        if self.notes and found != self._noted:
            _write(self.notes, found)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.package.parent).as_posix()

    def _package_of(self, path: Path) -> str:
        return ".".join(path.relative_to(self.package.parent).parts[:-1])

    def _referred(self, path: Path) -> frozenset[Path]:
        """The files of this package that one file names directly."""
        if path not in self._references:
            source = self.source(path)
            found = {each for name in source.imports for each in self._resolve(name)}
            found |= {path.parent / name for name in source.names if self._is_beside(path, name)}
            self._references[path] = frozenset(found)
        return self._references[path]

    def _resolve(self, module: str) -> Iterator[Path]:
        """The source of ``module`` and the ``__init__`` files above it; nothing when not ours."""
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            path = self._file(".".join(parts[:count]))
            if path is None:
                return
            yield path

    def _file(self, module: str) -> Path | None:
        top, *rest = module.split(".")
        if top != self.package.name:
            return None
        if module not in self._files:
            base = self.package.joinpath(*rest)
            candidates = (base / "__init__.py", base.with_name(f"{base.name}.py"))
            self._files[module] = next((path for path in candidates if path.is_file()), None)
        return self._files[module]

    def _is_beside(self, path: Path, name: str) -> bool:
        beside = path.parent / name
        try:
            return beside.is_file() and beside.resolve().is_relative_to(self.package)
        except (OSError, ValueError):
            return False


def combine(sources: dict[str, SourceFile]) -> str:
    """The digest of a closure given its sources by name."""
    lines = "".join(f"{each.behaviour}  {name}\n" for name, each in sorted(sources.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def _parsed(path: Path, data: bytes, sha256: str, parent: str) -> SourceFile:
    """A file that is in no notes; ``parent`` is the package that it is in."""
    if path.suffix != ".py":
        return SourceFile(sha256, sha256, [], [])
    from hmu.provenance import parsing  # a job finds all files in the notes, and parses none

    return SourceFile(sha256, *parsing.parse(data, path, parent))


def _read(notes: Path) -> dict[str, dict[str, Any]]:
    """What an earlier process noted with this same code of reading; nothing when there is none."""
    value = files.read_note(notes)
    try:
        return dict(value["sources"]) if value["reader"] == _reader() else {}
    except (ValueError, KeyError, TypeError):
        return {}


def _write(notes: Path, sources: dict[str, dict[str, Any]]) -> None:
    files.write_note(notes, {"reader": _reader(), "sources": sources})


@cache
def _reader() -> str:
    """The SHA-256 of the two files that say how sources are read."""
    read = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in _READERS]
    return hashlib.sha256(b"\0".join(read)).hexdigest()
