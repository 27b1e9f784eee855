"""What a source file does, as a digest: its syntax tree without its prose.

Prose is what makes no difference to a result: comments and layout, docstrings and other constants
that stand as statements, the wording of exceptions that are raised, and the descriptions of
parameters. The digest is the same under every Python: ``ast.dump`` is not, since its text and the
fields of nodes change with versions, and so the tree is written out here.
"""

import ast
import hashlib
from collections.abc import Iterable

# Fields that say nothing of what the code does, or only in some versions of Python.
_LEFT_OUT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}  # sorted, of each kind of node
_NOTHING: tuple[object, ...] = (None, [])


def digest(tree: ast.Module) -> str:
    """SHA-256 of what a module does. Prose is taken out of ``tree`` itself."""
    _remove_prose(tree)
    return hashlib.sha256(_text(tree).encode("ascii")).hexdigest()


def _remove_prose(tree: ast.Module) -> None:
    """Blank the wording of exceptions and the descriptions of parameters."""
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(args=arguments, keywords=keywords)):
                node.exc.args = [_without_wording(each) for each in arguments]  # type: ignore[union-attr]
                for keyword in keywords:
                    keyword.value = _without_wording(keyword.value)
            case ast.Call(func=ast.Name(id="Field") | ast.Attribute(attr="Field")):
                node.keywords = [each for each in node.keywords if each.arg != "description"]
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                pass
            case _:
                continue
        if name.isupper():
            _blank_descriptions(value)


def _without_wording(node: ast.expr) -> ast.expr:
    """An argument of an exception without its literal text; what is formatted into it stays."""
    match node:
        case ast.Constant(value=str()):
            return ast.Constant("")
        case ast.JoinedStr(values=values):
            formatted = [each for each in _joined(values) if not isinstance(each, ast.Constant)]
            return ast.JoinedStr(formatted) if formatted else ast.Constant("")
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(_without_wording(left), op, _without_wording(right))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return ast.IfExp(test, _without_wording(body), _without_wording(orelse))
    return node


def _blank_descriptions(value: ast.expr) -> None:
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            for position, key in enumerate(node.keys):
                match key, node.values[position]:
                    case ast.Constant(value="description"), ast.Constant(value=str()):
                        node.values[position] = ast.Constant("")


def _text(value: object) -> str:
    """A node, a list of nodes or a constant, in characters of ASCII."""
    if isinstance(value, ast.Constant):
        return _constant(value.value)
    if isinstance(value, ast.AST):
        return _node(value)
    if isinstance(value, list):
        return f"[{','.join(_text(each) for each in value if not _does_nothing(each))}]"
    return _constant(value)


def _node(node: ast.AST) -> str:
    parts = [type(node).__name__]
    for name in _fields(type(node)):
        value = getattr(node, name, None)
        if name == "values" and isinstance(node, ast.JoinedStr):
            value = _joined(node.values)
        if value not in _NOTHING:
            parts.append(f"{name}={_text(value)}")
    return f"({' '.join(parts)})"


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(sorted(set(kind._fields) - _LEFT_OUT))
    return _FIELDS[kind]


def _constant(value: object) -> str:
    """A constant with its type. Not ``repr``: what that escapes depends on Python's Unicode."""
    if isinstance(value, str):
        return ascii(value)
    return f"{type(value).__name__}:{value!a}"


def _does_nothing(value: object) -> bool:
    """Whether a statement is ``pass``, a docstring or another constant by itself."""
    if isinstance(value, ast.Expr):
        return isinstance(value.value, ast.Constant)
    return isinstance(value, ast.Pass)


def _joined(values: Iterable[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string: none nested, no two texts in a row, none empty.

    Versions of Python differ in how they split the text between the braces.
    """
    joined: list[ast.expr] = []
    for value in values:
        for part in _joined(value.values) if isinstance(value, ast.JoinedStr) else [value]:
            match joined, part:
                case _, ast.Constant(value=""):
                    pass
                case [*_, ast.Constant(value=str(before))], ast.Constant(value=str(after)):
                    joined[-1] = ast.Constant(before + after)
                case _:
                    joined.append(part)
    return joined
