"""What a file says of itself: the upper-case literals at its top, read without importing it."""

import ast
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read(path: Path, room: Path) -> dict[str, Any]:
    """The literals of the file ``path``, which stands for a plugin in ``room``, the folder of its
    kind, by name: as :func:`hmu.registry.literals` says it."""
    found: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
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
