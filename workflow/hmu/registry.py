"""Plugins: one method, metric or source a file, one backbone a package, found by name.

What the workflow must know of a plugin (what it reads, which parameters it takes) stands in the
file as literals. They are read from the source, so that planning a run imports neither torch nor
the plugin.
"""

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from hmu.errors import InputError

PACKAGE = Path(__file__).resolve().parent


@cache
def names(kind: str) -> tuple[str, ...]:
    """The plugins of one kind: the packages in ``hmu.<kind>``, or its modules if it has none."""
    folder = PACKAGE / kind
    packages = [path.parent.name for path in folder.glob("*/__init__.py")]
    modules = [path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")]
    return tuple(sorted(packages or modules))


@cache
def source(kind: str, name: str) -> Path:
    """The source file of a plugin. Raises InputError for an unknown name."""
    known = names(kind)
    if name in known:
        package = PACKAGE / kind / name / "__init__.py"
        return package if package.is_file() else PACKAGE / kind / f"{name}.py"
    import difflib  # only here: planning and every job import this module

    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(f"There is no {name!r} among hmu.{kind} ({', '.join(known)}).{hint}")


def shown(kind: str, name: str) -> str:
    """The source file of a plugin as a user knows it: workflow/hmu/methods/lcr.py."""
    from hmu import declarations

    return declarations.shown(source(kind, name), PACKAGE / kind)


def literals(kind: str, name: str) -> dict[str, Any]:
    """The upper-case literals at the top level of a plugin's source, by name.

    Those that it imports by their own names from a module in the room of its kind are its own too
    (``from hmu.methods.original import PARAMS``), and a mapping may spread one that it imports:
    ``{**THEIRS, ...}``, with ``from hmu.methods.uce import PARAMS as THEIRS`` above.

    Raises InputError for an unknown name, and for a file that is no Python.
    """
    from hmu import declarations  # what only loads plugins parses none

    return declarations.read(source(kind, name), PACKAGE / kind)


def load(kind: str, name: str, module: str | None = None) -> ModuleType:
    """Import the plugin ``hmu.<kind>.<name>``, or one module of a plugin that is a package.

    Raises InputError for an unknown name.
    """
    source(kind, name)
    return importlib.import_module(".".join(filter(None, ("hmu", kind, name, module))))
