"""What a variant's method reads and changes, by the literals in its file and the variant's
parameters.

The literals are read without importing the method (:mod:`hmu.registry`), so that planning imports
neither torch nor the plugin. :mod:`hmu.interface` says what each of them means.
"""

import json
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hmu import registry
from hmu.declarations import either, unknown
from hmu.errors import InputError
from hmu.io.names import brace_fault

TOKENIZER = "tokenizer"
TRANSFORMERS = "transformers"
"""All parts of a backbone but its tokenizer."""
OF_A_CONCEPT = ("statistics", "reference_statistics", "clips", "keywords")
READABLE = (
    *("model", "sampling", "retrained"),
    *OF_A_CONCEPT,
    *("codes", "captions", "motions", "features", "text_encoder"),
)
"""What INPUTS may name, beside parts of the backbone."""

ALTERED = ("codes", "features")
"""What ALTERS may say."""

_SIGNS = {"<": ("less than", operator.lt), "<=": ("at most", operator.le)}
"""What BOUNDS may say of a parameter and a size of the backbone."""


@dataclass(frozen=True)
class Declaration:
    """What the method of a variant reads and changes.

    ``inputs`` and ``changes`` are the names in INPUTS and CHANGES with those that the variant's
    parameters add. ``concepts`` are the other concepts whose statistics, clips or keywords it reads
    with the own, ``files`` the paths by the parameter of FILES that names them. ``alters``: whether
    it changes motions after they were generated.
    """

    method: str
    params: Mapping[str, Any]
    inputs: tuple[str, ...]
    changes: tuple[str, ...]
    concepts: tuple[str, ...]
    files: Mapping[str, list[str]]
    trains: bool
    alters: bool

    @classmethod
    def of(cls, variant: Mapping[str, Any]) -> "Declaration":
        """The declaration of a variant of a validated configuration, whose method has no
        :func:`faults`."""
        method = variant["method"]
        literals = registry.literals("methods", method)
        params = {name: variant[name] for name in literals["PARAMS"]}
        return cls(
            method,
            params,
            _chosen(literals, "INPUTS", params),
            _chosen(literals, "CHANGES", params),
            tuple(dict.fromkeys(_names(literals.get("CONCEPTS", ()), params))),
            {name: _listed(params[name]) for name in literals.get("FILES", ())},
            bool(literals.get("TRAINS", False)),
            "ALTERS" in literals,
        )

    def parts(self, backbone: Collection[str]) -> list[str]:
        """The parts, of a ``backbone`` with these, whose tensors it reads, with those it changes.

        Raises InputError for a part that the backbone does not have.
        """
        named = [name for name in self.inputs if name not in READABLE]
        return self._expanded([*named, *self.changes], backbone)

    def changed(self, backbone: Collection[str]) -> list[str]:
        """The parts, of a ``backbone`` with these, that it may edit. Raises as :meth:`parts`."""
        return self._expanded(self.changes, backbone)

    def _expanded(self, names: Iterable[str], backbone: Collection[str]) -> list[str]:
        found: set[str] = set()
        for name in names:
            if name == TRANSFORMERS:
                found |= set(backbone) - {TOKENIZER}
            elif name in backbone:
                found.add(name)
            else:
                raise InputError(
                    f"The method {self.method!r} is for backbones with a part {name!r}; this one "
                    f"has {', '.join(backbone)}: leave the variant out of its tables."
                )
        return [part for part in backbone if part in found]


def faults(
    variants: Mapping[str, Mapping[str, Any]], concepts: Collection[str], parts: Collection[str]
) -> Iterator[str]:
    """What is wrong with the literals of the variants' methods, and with the concepts they name.

    ``concepts`` and ``parts`` are those of the configuration. Each fault names the file and the
    literal, or the key of the configuration, and says what to do.
    """
    for method in dict.fromkeys(variant["method"] for variant in variants.values()):
        yield from _method_faults(method, parts)
    for key, variant in variants.items():
        literals = registry.literals("methods", variant["method"])
        yield from _unread(literals, key, variant)
        for param in literals.get("FILES", ()):
            for path in _names((param,), variant):
                if fault := brace_fault(f"variants.{key}.{param}", path):
                    yield fault
        for param in literals.get("CONCEPTS", ()):
            for name in _names((param,), variant):
                if name not in concepts:
                    file = registry.shown("methods", variant["method"])
                    yield (
                        f"variants.{key}.{param}: there is no concept {name!r}, and {param} is in "
                        f"CONCEPTS of {file}; {either(name, concepts)}"
                    )


def out_of_bounds(
    variants: Mapping[str, Mapping[str, Any]],
    backbones: Mapping[str, Mapping[str, Any]],
    pairs: Iterable[tuple[str, str]],
) -> Iterator[str]:
    """What is wrong with parameters that the sizes of a backbone bound, by the BOUNDS of methods.

    ``pairs`` are the backbones and variants that go together; the variants have no :func:`faults`.
    What READ_IF says is not read is held to nothing, nor what is bound by a part that is not there.
    """
    for backbone, name in dict.fromkeys(pairs):
        variant = variants[name]
        literals = registry.literals("methods", variant["method"])
        for param, (sign, size) in literals.get("BOUNDS", {}).items():
            part, _, key = size.partition(".")
            if part not in backbones[backbone] or _unmet(literals, param, variant):
                continue
            limit, given = backbones[backbone][part][key], variant[param]
            words, holds = _SIGNS[sign]
            values = given.values() if isinstance(given, Mapping) else _listed(given)
            if not all(holds(value, limit) for value in values):
                yield (
                    f"variants.{name}.{param}: is {given}, and backbones.{backbone}.{size} is "
                    f"{limit}; write {words} {limit}."
                )


def _unread(literals: Mapping[str, Any], key: str, variant: Mapping[str, Any]) -> Iterator[str]:
    """A fault for each parameter that is given though the others leave it unread."""
    for param in literals.get("READ_IF", {}):
        unmet = _unmet(literals, param, variant)
        if (
            unmet
            and param in variant
            and variant[param] != literals["PARAMS"][param].get("default")
        ):
            said = " and ".join(
                f"{other}: {' or '.join(map(_written, values))}" for other, values in unmet.items()
            )
            yield (
                f"variants.{key}.{param}: is {_written(variant[param])}, and the method "
                f"{variant['method']} reads it only with {said}; leave one of the two out."
            )


def _unmet(
    literals: Mapping[str, Any], param: str, variant: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """What READ_IF asks of other parameters for this one to be read, and they are not."""
    asked = literals.get("READ_IF", {}).get(param, {})
    return {
        other: list(values)
        for other, values in asked.items()
        if other in variant and not any(_same(variant[other], value) for value in values)
    }


def _written(value: Any) -> str:
    """A value as YAML has it, on a line."""
    return json.dumps(value, ensure_ascii=False)


def _method_faults(method: str, parts: Collection[str]) -> Iterator[str]:
    """The faults of the literals of one method."""
    literals = registry.literals("methods", method)
    file, params = registry.shown("methods", method), literals.get("PARAMS")
    known = {"CHANGES": (TOKENIZER, TRANSFORMERS, *parts)}
    known["INPUTS"] = (*READABLE, *known["CHANGES"])
    if not isinstance(params, dict):
        yield f"{file}: has no literal PARAMS; add its parameters, {{}} where it has none."
        return
    for literal, names in known.items():
        if literal not in literals:
            yield f"{file}: has no literal {literal}; add it, () where there is nothing to name."
        yield from unknown(file, literal, literals.get(literal, ()), names)
        for param, by_value in literals.get(f"{literal}_BY", {}).items():
            yield from unknown(file, f"{literal}_BY", (param,), params)
            values = params.get(param, {}).get("enum", by_value)
            yield from unknown(file, f"{literal}_BY of {param}", tuple(by_value), values)
            for more in by_value.values():
                yield from unknown(file, f"{literal}_BY of {param}", more, names)
    if literals.get("ALTERS", "codes") not in ALTERED:
        yield f"{file}: ALTERS is {literals['ALTERS']!r}; write {' or '.join(map(repr, ALTERED))}."
    for literal in ("CONCEPTS", "FILES"):
        yield from unknown(file, literal, literals.get(literal, ()), params)
    for param, asked in literals.get("READ_IF", {}).items():
        yield from unknown(file, "READ_IF", (param, *asked), params)
    bounds = literals.get("BOUNDS", {})
    yield from unknown(file, "BOUNDS", tuple(bounds), params)
    for param, (sign, size) in bounds.items():
        yield from unknown(file, f"BOUNDS of {param}", (sign,), _SIGNS)
        yield from unknown(file, f"BOUNDS of {param}", (size.partition(".")[0],), parts)


def _chosen(
    literals: Mapping[str, Any], literal: str, params: Mapping[str, Any]
) -> tuple[str, ...]:
    """The names in a literal, and what its table by values adds for ``params``."""
    found = list(literals[literal])
    for param, by_value in literals.get(f"{literal}_BY", {}).items():
        for value, more in by_value.items():
            if _same(params[param], value):
                found += more
    return tuple(dict.fromkeys(found))


def _same(given: Any, value: Any) -> bool:
    """Whether two values are one: True == 1 in Python, and neither is meant by the other."""
    return bool(given == value) and isinstance(given, bool) == isinstance(value, bool)


def _names(params: Iterable[str], variant: Mapping[str, Any]) -> Iterator[str]:
    """The concepts that parameters name: one, a list of them, or the keys of a mapping."""
    for param in params:
        yield from _listed(variant.get(param))


def _listed(value: Any) -> list[Any]:
    """What a parameter names: nothing, one thing, or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | Mapping) else [value]
