"""The official code, imported from a checkout and taken out of Python's sight again.

The checkouts call their packages alike (``models``, ``utils``, ``options``), so only one of them is
importable at a time. They run as they are; what is replaced is said where it is.
"""

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock, patch

import numpy as np

from benchmarks.timing import Bench, Skip


def checkout(bench: Bench, owner: str, name: str) -> Path:
    """The folder of the repository ``owner/name`` below the reference folder.

    Raises Skip when no reference folder was given or it lacks the repository.
    """
    if bench.reference is None:
        raise Skip("no reference folder given: make bench REFERENCE=path")
    tries = [f"{owner}+{name}", f"{owner}/{name}", name]
    for each in tries:
        if (bench.reference / each).is_dir():
            return bench.reference / each
    raise Skip(f"{bench.reference} has none of {', '.join(tries)}")


class Importer:
    """Imports modules of one checkout; :func:`importing` gives one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Any:
        """The module ``name`` of the checkout. Raises Skip when it needs what is not installed."""
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise Skip(f"{name} of {self.folder.name} needs a package: {error}") from error


@contextmanager
def importing(folder: Path, stubs: dict[str, Any] | None = None) -> Iterator[Importer]:
    """Let the packages of ``folder`` be imported, with modules ``stubs`` in place of theirs.

    A stub is a module, or None for one of which nothing may matter (it accepts anything).
    """
    before = dict(sys.modules)
    for name, stub in (stubs or {}).items():
        sys.modules[name] = MagicMock() if stub is None else stub
    for name in [name for name in sys.modules if _shadows(name, folder)]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        # They were written for a NumPy that had this name for Python's float.
        with patch.object(np, "float", float, create=True):
            yield Importer(folder)
    finally:
        sys.path.remove(str(folder))
        for name in [
            name for name in sys.modules if _shadows(name, folder) or name in (stubs or {})
        ]:
            del sys.modules[name]
        sys.modules.update({k: v for k, v in before.items() if k not in sys.modules})


def function(path: Path, name: str, **given: Any) -> Any:
    """The function ``name`` of a script whose other parts need what is not installed.

    ``given``: what it finds by name beside Python's own.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    exec(compile(tree, path, "exec"), given)
    return given[name]


def _shadows(name: str, folder: Path) -> bool:
    """Whether a module has the name of a package or module of ``folder``."""
    top = name.partition(".")[0]
    return (folder / top).is_dir() or (folder / f"{top}.py").is_file()


def clip(bench: Bench) -> ModuleType:
    """The official package ``clip``, without the image transforms that text does not need."""
    folder = checkout(bench, "openai", "CLIP")
    images = ("torchvision", "torchvision.transforms")
    with importing(folder, dict.fromkeys(images)) as load:
        module: ModuleType = load("clip")
    return module
