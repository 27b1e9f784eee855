"""Code is an input: the digest of the modules that a step is made of.

The modules are found by reading import statements, never by importing, so that planning a run
stays quick and a step's digest changes exactly when a file that it can reach changes.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hmu.io import files

PACKAGE = Path(__file__).resolve().parents[1]


def closure(*modules: str, package: Path = PACKAGE) -> list[Path]:
    """The files of ``modules`` and of everything of this package that they import, sorted.

    ``modules`` are dotted names (``hmu.steps.cell``). Imports inside functions count. So do the
    ``__init__`` files of the packages on the way, and data files that stand beside a module and
    are named in it by a string literal (a vocabulary, a grammar). Raises ValueError for a module
    that does not exist.
    """
    found: set[Path] = set()
    waiting: list[Path] = []
    for module in modules:
        paths = list(_resolve(module, package))
        if _source(module, package) is None:
            raise ValueError(f"there is no module {module} in {package}")
        waiting.extend(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_references(path, package))
    return sorted(found)


def hashes(*modules: str, package: Path = PACKAGE) -> dict[str, str]:
    """SHA-256 of each file of the closure, by its POSIX path below the package's parent."""
    root = package.parent
    return {
        path.relative_to(root).as_posix(): _hash(path)
        for path in closure(*modules, package=package)
    }


@cache
def digest(*modules: str, package: Path = PACKAGE) -> str:
    """SHA-256 over names and bytes of the closure of ``modules``; kept for the process's life."""
    return combine(hashes(*modules, package=package))


def combine(hashed: dict[str, str]) -> str:
    """The digest of a closure given the hash of each of its files."""
    lines = "".join(f"{sha}  {name}\n" for name, sha in sorted(hashed.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


@cache
def _hash(path: Path) -> str:
    return files.sha256(path)


@cache
def _references(path: Path, package: Path) -> frozenset[Path]:
    """The files of this package that one file names directly."""
    if path.suffix != ".py":
        return frozenset()
    inside = path.relative_to(package.parent).with_suffix("").parts
    parent = ".".join(inside[:-1])
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_bytes(), filename=str(path))):
        match node:
            case ast.Import(names=names):
                for each in names:
                    found.update(_resolve(each.name, package))
            case ast.ImportFrom(module=module, names=names, level=level):
                base = _absolute(parent, module, level)
                found.update(_resolve(base, package))
                for each in names:
                    found.update(_resolve(f"{base}.{each.name}", package))
            case ast.Constant(value=str(text)) if 0 < len(text) < 100 and "\n" not in text:
                beside = path.parent / text
                if beside.suffix not in ("", ".py") and _inside(beside, package):
                    found.add(beside)
    return frozenset(found)


def _absolute(parent: str, module: str | None, level: int) -> str:
    """The dotted name that ``from <level dots><module>`` means in a module of ``parent``."""
    if level == 0:
        return module or ""
    parts = parent.split(".")
    base = parts[: len(parts) - (level - 1)]
    return ".".join([*base, module] if module else base)


def _resolve(module: str, package: Path) -> Iterator[Path]:
    """The source of ``module`` and the ``__init__`` files above it; nothing when not ours."""
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        path = _source(".".join(parts[:count]), package)
        if path is None:
            return
        yield path


def _source(module: str, package: Path) -> Path | None:
    top, *rest = module.split(".")
    if top != package.name:
        return None
    base = package.joinpath(*rest)
    candidates = (base / "__init__.py", base.with_name(f"{base.name}.py"))
    return next((path for path in candidates if path.is_file()), None)


def _inside(path: Path, package: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(package)
    except (OSError, ValueError):
        return False
