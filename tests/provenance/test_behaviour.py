"""The digest of what code does: blind to prose, and the same under every Python."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hmu.provenance import behaviour
from hmu.provenance.code import PACKAGE, Code

BEFORE = '''
"""A plugin."""

import math

from errors import InputError

PARAMS = {"k": {"type": "integer", "description": "How many."}}
WIDTH = 3
"""The width."""


class Size:
    """A size."""

    codes: int = Field(32, gt=0, description="Codes of a layer.")


def run(path, k):
    """Do it."""
    if k < 1:
        raise InputError(f"{path}: k is {k:>{WIDTH}}" " and " "small" if path else "none")
    for each in range(k):
        pass
    print(f"{k!r:>5} done {math.pi}", "description")
    return {"description": "kept"}
'''


def digest(text: str) -> str:
    return behaviour.digest(ast.parse(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A plugin."""', "# A comment"),
        ('"""The width."""', ""),
        ('"""The width."""', '"""The width in mm."""'),
        ('    """A size."""\n', ""),
        ('"""Do it."""', '"""Do it well."""\n    pass'),
        ('"""Do it."""', "..."),
        ('"How many."', '"How many codes."'),
        ("Codes of a layer.", "Number of codes."),
        ("k is", "the k of it is"),
        ('"small"', '"much too small"'),
        ('"none"', '"nothing"'),
        ("range(k)", "range(\n        k,\n    )"),
    ],
)
def test_prose_and_layout_change_nothing(old: str, new: str) -> None:
    assert BEFORE.count(old) == 1
    assert digest(BEFORE.replace(old, new)) == digest(BEFORE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("WIDTH = 3", "WIDTH = 4"),
        ("WIDTH = 3", "WIDTH = 3.0"),
        ("WIDTH = 3", "WIDTH = '3'"),
        ("k < 1", "k <= 1"),
        ("{path}: k", "{path!r}: k"),
        (":>{WIDTH}}", ":<{WIDTH}}"),
        ("raise InputError", "raise ValueError"),
        ("math.pi", "math.e"),
        (" done ", " made "),
        ("!r:>5", "!s:>5"),
        ('"description")', '"a description")'),
        ('"kept"', '"other"'),
        ('"integer"', '"number"'),
        ("gt=0", "gt=1"),
    ],
)
def test_whatever_else_changes_changes_the_digest(old: str, new: str) -> None:
    assert BEFORE.count(old) == 1
    assert digest(BEFORE.replace(old, new)) != digest(BEFORE)


def test_what_is_formatted_into_a_message_or_looked_up_for_it_is_no_prose() -> None:
    assert digest("raise E(f'{a}')") != digest("raise E(f'{b}')")
    assert digest('raise E(f\'{"a" if x else "b"}\')') != digest(
        'raise E(f\'{"a" if x else "c"}\')'
    )
    assert digest("raise E(words['a'])") != digest("raise E(words['b'])")
    assert digest("raise E(say('a'))") != digest("raise E(say('b'))")


def test_a_field_that_another_python_adds_or_splits_otherwise_makes_no_difference() -> None:
    """Trees of other versions, made by hand: `type_params`, and f-strings in pieces."""

    def function(**more: object) -> ast.Module:
        tree = ast.parse("def f(x):\n    return f'a {x} b'")
        vars(tree.body[0]).update(more)
        return tree

    class Later(ast.FunctionDef):
        _fields = (*ast.FunctionDef._fields, "later")

    Later.__name__ = "FunctionDef"
    later, split = function(), function()
    later.body[0] = Later(**vars(later.body[0]), later=[])
    (text,) = [node for node in ast.walk(split) if isinstance(node, ast.JoinedStr)]
    a, x, b = text.values
    text.values = [
        ast.Constant(""),
        ast.Constant("a"),
        ast.JoinedStr([ast.Constant(" "), x]),
        ast.Constant(" b"),
    ]
    expected = behaviour.digest(function())
    assert (a.value, b.value) == ("a ", " b")
    assert behaviour.digest(later) == expected
    assert behaviour.digest(split) == expected
    assert behaviour.digest(function(returns=ast.Name("int"))) != expected


def others() -> list[str]:
    """Pythons on this machine of another minor version, from 3.11 on."""
    found = {sys.version_info[1]: ""}
    homes = [Path.home() / ".pyenv/versions"]
    paths = [str(path) for home in homes for path in sorted(home.glob("3.*/bin/python"))]
    for path in filter(None, [shutil.which(f"python3.{minor}") for minor in range(11, 20)] + paths):
        done = subprocess.run(
            [path, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True
        )
        if done.returncode == 0 and int(done.stdout) >= 11:
            found.setdefault(int(done.stdout), path)
    return [path for path in found.values() if path]


SCRIPT = """
import ast, importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("behaviour", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for path in sorted(pathlib.Path(sys.argv[2]).rglob("*.py")):
    print(module.digest(ast.parse(path.read_bytes())))
"""


def test_every_python_here_gives_the_whole_package_the_same_digests() -> None:
    if not (pythons := others()):
        pytest.skip("there is no other Python from 3.11 on, in PATH or of pyenv")
    code = Code()
    expected = [code.source(path).behaviour for path in sorted(PACKAGE.rglob("*.py"))]
    for python in pythons:
        command = [python, "-W", "ignore", "-c", SCRIPT, behaviour.__file__, str(PACKAGE)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == expected, python
