"""What is wrong with the literals by which plugins say what they read and give, before anything is
planned by them. What methods read of a model, :mod:`hmu.unlearning.declaration` looks at."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hmu import registry
from hmu.declarations import either, unknown
from hmu.sections.evaluation import EvaluationSection
from hmu.sections.generation import GenerationSection

Literals = Mapping[str, Any]

_OF_MOTIONS = ("generated", "real", "all_real", "pairs")
_OF_TEXTS = ("text", "masked")
_PART = {"network": True, "sizes": True, "recipe": False}
"""What a part of a backbone names, and whether that is something in a module, or else one."""


def of_plugins() -> Iterator[str]:
    """The faults of all plugins: each names the file and the literal, and says what to do.

    Raises InputError for a file that is no Python.
    """
    for kind, faults in _FAULTS.items():
        for name in registry.names(kind):
            yield from faults(registry.shown(kind, name), registry.literals(kind, name))
    metrics = {name: registry.literals("metrics", name) for name in registry.names("metrics")}
    times = Counter(value for each in metrics.values() for value in each.get("NAMES", ()))
    for name, each in metrics.items():
        for value in each.get("NAMES", ()):
            if times[value] > 1:
                file = registry.shown("metrics", name)
                yield f"{file}: NAMES has {value!r}, and so has another metric; call it otherwise."


def _of_metric(file: str, says: Literals) -> Iterator[str]:
    yield from _absent(file, says, {"NAMES": tuple, "READS": Mapping, "SETTINGS": tuple})
    yield from unknown(file, "NAMES", says.get("NAMES", ()), says.get("NAMES", ()))
    for field, address in _mapping(says, "READS").items():
        yield from _of_address(f"{file}: READS of {field!r}", address)
    yield from unknown(file, "SETTINGS", says.get("SETTINGS", ()), EvaluationSection.model_fields)
    for literal in ("CLAIMS", "AGAINST", "ALONE"):
        yield from unknown(file, literal, tuple(says.get(literal, ())), says.get("NAMES", ()))
    families = ("".join(name.rpartition("@")[:2]) for name in says.get("NAMES", ()) if "@" in name)
    yield from unknown(
        file, "SAYS", tuple(says.get("SAYS", ())), (*says.get("NAMES", ()), *families)
    )


def _of_address(where: str, address: Any) -> Iterator[str]:
    """What is wrong with SUBJECT/DESCRIPTOR."""
    subject, _, name = str(address).partition("/")
    known = registry.names("descriptors")
    if subject not in _OF_MOTIONS + _OF_TEXTS:
        yield f"{where} is of {subject!r}; {either(subject, _OF_MOTIONS + _OF_TEXTS)}"
    elif name not in known:
        yield f"{where} has no descriptor {name!r}; {either(name, known)}"
    else:
        says = registry.literals("descriptors", name)
        if subject in _OF_MOTIONS and not says.get("SEES", True):
            yield f"{where} is {address!r}, and {name} describes texts alone; write text/{name}."
        if subject == "masked" and "TEXTS" in says:
            yield f"{where} is {address!r}, and {name} has no masked texts; write text/{name}."


def _of_descriptor(file: str, says: Literals) -> Iterator[str]:
    yield from _absent(file, says, {"SEES": tuple, "MODELS": tuple, "SETTINGS": tuple})
    seen = ("features", "joints", "codes", "replaced", "unedited")
    yield from unknown(file, "SEES", says.get("SEES", ()), seen)
    models = ("evaluator", "tmr", "detector")
    yield from unknown(file, "MODELS", says.get("MODELS", ()), models)
    yield from unknown(file, "SETTINGS", says.get("SETTINGS", ()), EvaluationSection.model_fields)
    yield from unknown(file, "TEXTS", (says.get("TEXTS", "caption"),), ("caption",))


def _of_backbone(file: str, says: Literals) -> Iterator[str]:
    yield from _absent(file, says, {"PARTS": Mapping})
    parts = _mapping(says, "PARTS")
    if not parts:
        yield from _absent(file, says, {"MOTIONS": str})
        yield from _of_module(f"{file}: MOTIONS", says.get("MOTIONS"))
        return
    yield from _absent(file, says, {"SAMPLER": str, "SETTINGS": tuple})
    yield from _of_module(f"{file}: SAMPLER", says.get("SAMPLER"))
    settings = says.get("SETTINGS", ())
    yield from unknown(file, "SETTINGS", settings, GenerationSection.model_fields)
    if "tokenizer" not in parts:
        yield f"{file}: PARTS has no 'tokenizer', which turns motions into codes; add it."
    for name, part in parts.items():
        where = f"{file}: PARTS of {name!r}"
        if not isinstance(part, Mapping):
            yield f"{where} is {part!r}; write a mapping with network, sizes, recipe and reads."
            continue
        for key, inside in _PART.items():
            if key not in part:
                yield f"{where} has no {key!r}; add it."
            else:
                named = str(part[key])
                yield from _of_module(
                    f"{where}, {key}", named.rpartition(".")[0] if inside else named
                )
        reads = part.get("reads", ())
        yield from unknown(file, f"reads of {name!r}", reads, ("features", "codes", "captions"))


def _of_prompts(file: str, says: Literals) -> Iterator[str]:
    yield from _of_params(file, says)
    yield from _absent(file, says, {"FILES": tuple})
    for literal in ("FILES", "CONCEPTS"):
        yield from unknown(file, literal, says.get(literal, ()), _mapping(says, "PARAMS"))
    yield from _of_module(f"{file}: KNOWS", says.get("KNOWS"))


def _of_source(file: str, says: Literals) -> Iterator[str]:
    yield from _absent(file, says, {"STAGE": str})
    yield from unknown(file, "STAGE", (says.get("STAGE", "joints"),), ("joints", "features"))
    yield from unknown(file, "MARKS", says.get("MARKS", ()), says.get("MARKS", ()))


def _of_tagger(file: str, says: Literals) -> Iterator[str]:
    if "NEEDS" in says:
        yield from _absent(file, says, {"NEEDS": Mapping})


def _of_method(file: str, says: Literals) -> Iterator[str]:
    yield from _of_params(file, says)
    yield from _of_module(f"{file}: CHECKS", says.get("CHECKS"))


def _of_params(file: str, says: Literals) -> Iterator[str]:
    """PARAMS, of which the schema of a configuration is made."""
    yield from _absent(file, says, {"PARAMS": Mapping})
    for name, node in _mapping(says, "PARAMS").items():
        if not isinstance(node, Mapping) or "description" not in node:
            yield (
                f"{file}: PARAMS of {name!r} is {node!r}; write what JSON Schema says of it: "
                '{"type": "number", "default": 0.5, "description": "What it does."}.'
            )


_FAULTS: Mapping[str, Callable[[str, Literals], Iterator[str]]] = {
    "metrics": _of_metric,
    "descriptors": _of_descriptor,
    "backbones": _of_backbone,
    "prompts": _of_prompts,
    "sources": _of_source,
    "methods": _of_method,
    "taggers": _of_tagger,
}
_KINDS = {tuple: "a tuple of names", Mapping: "a mapping", str: "a text"}


def _absent(file: str, says: Literals, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Literals that must be there, and of this type."""
    for literal, kind in wanted.items():
        if literal not in says:
            yield f"{file}: has no literal {literal}; add it, {_KINDS[kind]}, written out."
        elif kind is not tuple and not isinstance(says[literal], kind):
            yield f"{file}: {literal} is {says[literal]!r}; write {_KINDS[kind]}."


def _mapping(says: Literals, literal: str) -> Mapping[str, Any]:
    found = says.get(literal)
    return found if isinstance(found, Mapping) else {}


def _of_module(where: str, name: Any) -> Iterator[str]:
    """A dotted name that leads to no module of the package."""
    if name is None:
        return
    top, *rest = str(name).split(".")
    path = registry.PACKAGE.joinpath(*rest)
    found = (path / "__init__.py").is_file() or path.with_name(f"{path.name}.py").is_file()
    if top != registry.PACKAGE.name or not found:
        yield f"{where} is {name!r}, and there is no such module; write all of its name."
