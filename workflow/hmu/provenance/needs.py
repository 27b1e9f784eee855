"""What a step cannot do without, read in its source: a record that lacks it was not left by it."""

import ast
from collections.abc import Iterator
from functools import cache

from hmu import registry
from hmu.provenance.code import Code
from hmu.provenance.lineage import Record


def unlike_its_step(record: Record, now: Code) -> Iterator[str]:
    """How a record differs from what its step leaves, one line each.

    Its step's needs are known only where the code that stands here does what it did then.
    """
    source = f"{now.package.name}/steps/{record.step}.py"
    made = record.made()
    if source not in record.code:
        yield f"not made by this: the record of {made} does not name the code of its step"
        return
    for kind, paths in (("inputs", record.inputs), ("outputs", record.outputs)):
        named = record.job[kind].values()
        if {path for each in named for path in (each if isinstance(each, list) else [each])} != {
            *paths
        }:
            yield f"not made by this: the record of {made} lists other {kind} than its job had"
    try:
        same = now.source(now.package.parent / source).behaviour == record.code[source][1]
    except (OSError, SyntaxError):
        return
    if same:
        for kind, needed in zip(("inputs", "outputs"), needs(record.step), strict=True):
            for name in sorted(needed - record.job[kind].keys()):
                yield f"not made by this: the record of {made} has no {name!r} among its {kind}"


@cache
def needs(step: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the inputs and of the outputs that ``run`` of the step asks for whatever its
    settings are.

    Raises InputError for an unknown step.
    """
    source = registry.source("steps", step).read_text(encoding="utf-8")
    run = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == "run"
    )
    asked = [each for statement in run.body for each in _asked(statement)]
    return (
        frozenset(name for kind, name in asked if kind == "inputs"),
        frozenset(name for kind, name in asked if kind == "outputs"),
    )


_SOMETIMES = (
    *(ast.If, ast.IfExp, ast.BoolOp, ast.Match, ast.For, ast.While, ast.Try),
    *(ast.Lambda, ast.FunctionDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
"""What may leave alone what is inside it."""


def _asked(node: ast.AST) -> Iterator[tuple[str, str]]:
    """``job.input("x")``, ``job.inputs["x"]``, ``job.outputs["x"]`` where they always run."""
    if isinstance(node, _SOMETIMES):
        return
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="job"), attr="input" | "input_list"),
            args=[ast.Constant(value=str(name))],
        ):
            yield "inputs", name
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id="job"), attr="inputs" | "outputs" as kind),
            slice=ast.Constant(value=str(name)),
        ):
            yield kind, name
    for child in ast.iter_child_nodes(node):
        yield from _asked(child)
