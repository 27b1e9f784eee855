"""What a source file does, imports and names, read from its syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from hmu.provenance import behaviour

_LONGEST_NAME = 100


def parse(data: bytes, path: Path, parent: str) -> tuple[str, list[str], list[str]]:
    """The digest of what a module does, the dotted names of its own package that it may import, and
    the strings in it that could name a data file beside it; both sorted.

    ``parent`` is the package that it is in. Raises SyntaxError, which names ``path``, for what is
    not Python.
    """
    try:
        tree = ast.parse(data, filename=str(path))
    except ValueError as error:  # null bytes
        raise SyntaxError(str(error), (str(path), None, None, None)) from error
    imports: set[str] = set()
    names: set[str] = set()
    for node in _running(tree):
        match node:
            case ast.Import(names=imported):
                imports |= {each.name for each in imported}
            case ast.ImportFrom(module=module, names=imported, level=level):
                base = _absolute(parent, module, level)
                imports |= {base, *(f"{base}.{each.name}" for each in imported)}
            case ast.Constant(value=str(text)) if _may_name_data(text):
                names.add(text)
    ours = parent.partition(".")[0]
    imports = {name for name in imports if name.partition(".")[0] == ours}
    return behaviour.digest(tree), sorted(imports), sorted(names)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a type checker sees."""
    yield node
    children = ast.iter_child_nodes(node)
    match node:
        case ast.If(test=ast.Name("TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            children = iter(node.orelse)
    for child in children:
        yield from _running(child)


def _may_name_data(text: str) -> bool:
    """Whether a string may be the name of a file with a suffix, and no module's."""
    if not 0 < len(text) < _LONGEST_NAME or not text.isprintable():
        return False
    return PurePosixPath(text).suffix not in ("", ".py")


def _absolute(parent: str, module: str | None, level: int) -> str:
    """The dotted name that ``from <level dots><module>`` means in a module of ``parent``."""
    if level == 0:
        return module or ""
    parts = parent.split(".")
    base = parts[: len(parts) - (level - 1)]
    return ".".join([*base, module] if module else base)
