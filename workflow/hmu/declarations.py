"""What a file says of itself: the upper-case literals at its top, read without importing it."""

import ast
import difflib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hmu.errors import InputError


@cache
def read(path: Path, room: Path) -> dict[str, Any]:
    """The literals of the file ``path``, which stands for a plugin in ``room``, the folder of its
    kind, by name: as :func:`hmu.registry.literals` says it.

    Raises InputError for a file that is no Python.
    """
    found: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for node in _parsed(path, room).body:
        match node:
            case ast.ImportFrom(module=str(module)):
                package, _, other = module.rpartition(".")
                beside = room / f"{other}.py"
                if package != f"hmu.{room.name}" or not beside.is_file():
                    continue
                given = read(beside, room)
                taken = [each for each in node.names if each.name in given]
                theirs |= {each.asname or each.name: given[each.name] for each in taken}
                found |= {each.name: given[each.name] for each in taken if each.asname is None}
                continue
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=target), value=value) if value is not None:
                pass
            case _:
                continue
        if target.isupper():
            try:
                found[target] = _value(value, theirs)
            except ValueError:
                continue
    return found


def shown(path: Path, room: Path) -> str:
    """A file of the package as a user knows it, who stands above: workflow/hmu/methods/lcr.py."""
    above = room.parents[1]
    return f"{above.name}/{path.relative_to(above).as_posix()}"


def unknown(file: str, literal: str, given: Any, known: Collection[Any]) -> Iterator[str]:
    """A fault for each name that a literal has and that is not ``known``, or for what is no tuple
    of names."""
    if not isinstance(given, tuple | list):
        yield f"{file}: {literal} has {given!r}; write a tuple, ({given!r},) for one name."
        return
    for name in given:
        if name not in known:
            yield f"{file}: {literal} has {name!r}; {either(name, known)}"


def either(name: Any, known: Collection[Any]) -> str:
    """What to write in the place of a name that is not ``known``."""
    names = [str(each) for each in dict.fromkeys(known)]
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}write one of: {', '.join(names) or 'none'}."


def _parsed(path: Path, room: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else error
        raise InputError(f"{shown(path, room)}{line} is not Python ({said}): correct it.") from None


def _value(node: ast.expr, theirs: dict[str, Any]) -> Any:
    """A literal; a mapping may spread some of ``theirs``, by name. Raises ValueError for others."""
    if not isinstance(node, ast.Dict):
        return ast.literal_eval(node)
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            found[ast.literal_eval(key)] = ast.literal_eval(value)
        elif isinstance(value, ast.Name) and value.id in theirs:
            found |= theirs[value.id]
        else:
            raise ValueError(f"no literal: {ast.unparse(node)}")
    return found
