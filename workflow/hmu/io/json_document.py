"""JSON from anywhere: what means one thing, of a depth that can be handled, or nothing.

JSON can say a key twice, numbers that are none, and lists a thousand levels deep.
"""

import json
from collections.abc import Iterator
from typing import Any

DEEPEST = 64
"""Levels of lists and objects inside one another."""

LONGEST_NUMBER = 1000
"""Digits of a whole number."""


def parse(text: str) -> Any:
    """What JSON ``text`` says.

    Raises ValueError for what is not JSON, a key given twice, a number that is none (``NaN``), and
    what is deeper than :data:`DEEPEST` or longer than :data:`LONGEST_NUMBER`.
    """
    value, end = _first(text.lstrip())
    if text.lstrip()[end:].strip():
        raise ValueError("there is more after its end")
    return value


def parse_all(text: str) -> Iterator[Any]:
    """The same of each of the values that stand one after another in ``text``."""
    rest = text.strip()
    while rest:
        value, end = _first(rest)
        yield value
        rest = rest[end:].lstrip()


def _first(text: str) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text)
    except RecursionError:
        raise ValueError(f"it is more than {DEEPEST} levels deep") from None
    if _depth(value) > DEEPEST:
        raise ValueError(f"it is more than {DEEPEST} levels deep")
    return value, end


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            break
        level = [x for each in level for x in (each.values() if isinstance(each, dict) else each)]
    return depth


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        again = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {again!r} is given twice")
    return value


def _number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number in it has {len(digits)} digits")
    return int(digits)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_number, parse_constant=_constant)
