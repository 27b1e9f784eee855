"""Which rows of a table differ in one parameter of their method alone: what curves go through.

Planning reads this: it imports nothing that draws.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hmu import registry
from hmu.errors import InputError
from hmu.tables.addresses import REAL
from hmu.tables.binding import Bound


@dataclass(frozen=True)
class Model:
    """What rows are compared on: the models of one backbone that forgot one concept."""

    dataset: str
    backbone: str
    concept: str


@dataclass(frozen=True)
class Point:
    """A row of a sweep, its variant, and the value that the parameter has in it."""

    value: Any
    row: str
    variant: str


@dataclass(frozen=True)
class Sweep:
    """Rows, two at least, that differ in ``parameter`` alone. Numbers ascend; other values stand in
    the order of the table. ``told``: the other parameters that tell it from sweeps beside it."""

    parameter: str
    method: str
    told: Mapping[str, Any]
    model: Model
    points: tuple[Point, ...]


def sweeps(bound: Bound, parameter: str, variants: Collection[str] = ()) -> list[Sweep]:
    """The sweeps of a parameter in a table, over these ``variants`` of it, or over all.

    Raises InputError when there is none, when the table lacks one of the ``variants``, and when the
    parameter is a list or a mapping.
    """
    shown = {cell.variant for cell in bound.cells}
    if lacking := sorted(set(variants) - shown):
        raise InputError(
            f"the table {bound.name!r} shows no variant {lacking[0]!r}; write one of "
            f"{', '.join(sorted(shown - {REAL}))}."
        )
    lines: dict[tuple[str, str, Model], dict[Any, Point]] = {}
    for cell in bound.cells:
        given = bound.variants.get(cell.variant, {})
        if parameter not in _parameters(given) or (variants and cell.variant not in variants):
            continue
        value = given[parameter]
        if isinstance(value, list | dict):
            raise InputError(
                f"{parameter} of the variant {cell.variant!r} is no number, text or switch: "
                "choose another parameter."
            )
        model = Model(cell.dataset, cell.backbone, cell.concept)
        line = (given["method"], _text(_others(given, parameter)), model)
        lines.setdefault(line, {}).setdefault(value, Point(value, cell.row, cell.variant))
    found = {line: _ordered(points) for line, points in lines.items() if len(points) > 1}
    if not found:
        raise InputError(
            f"no two rows of the table {bound.name!r} differ in {parameter!r} alone; name another "
            "parameter, or add variants that do."
        )
    others = [json.loads(text) for _, text, _ in found]
    return [
        Sweep(parameter, method, _telling(json.loads(text), others), model, points)
        for (method, text, model), points in found.items()
    ]


def _parameters(variant: Mapping[str, Any]) -> Collection[str]:
    """The names of the parameters of a variant's method; none of real motions."""
    return registry.literals("methods", variant["method"])["PARAMS"] if variant else ()


def _others(variant: Mapping[str, Any], parameter: str) -> dict[str, Any]:
    """All that a variant tells its method but one parameter."""
    return {name: variant[name] for name in _parameters(variant) if name != parameter}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _telling(own: Mapping[str, Any], all_others: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters, of those that some sweep has otherwise."""
    return {
        name: value
        for name, value in own.items()
        if any(name in each and each[name] != value for each in all_others)
    }


def _ordered(points: Mapping[Any, Point]) -> tuple[Point, ...]:
    own = tuple(points.values())
    numbers = all(is_number(point.value) for point in own)
    return tuple(sorted(own, key=lambda point: point.value)) if numbers else own


def is_number(value: Any) -> bool:
    """Whether a value of a parameter is a number, and no switch."""
    return isinstance(value, int | float) and not isinstance(value, bool)
