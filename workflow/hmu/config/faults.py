"""What is wrong with a configuration by its schema, in words: the key, the fault, the remedy."""

import difflib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema

from hmu.config.schema import schema

_TYPES = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def of_schema(config: Any) -> Iterator[str]:
    """The faults of values by themselves: kinds, limits, keys that are unknown or missing."""
    validator = jsonschema.Draft202012Validator(schema())
    for error in sorted(validator.iter_errors(config), key=lambda e: [str(p) for p in e.path]):
        yield from _described(error, "")
    yield from _beyond_schemas(config, "")


def unknown(name: Any, known: Iterable[str], kind: str) -> str:
    """Of a name that leads nowhere: what it should have named, and what it may have meant."""
    names = [str(each) for each in known]
    listed = ", ".join(names) or "none"
    return f"there is no {kind} {name!r}; {_near(str(name), names)}write one of: {listed}."


def _near(name: str, names: Iterable[str]) -> str:
    spelled = {each.casefold(): each for each in names}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    return f"did you mean {spelled[near[0]]!r}? " if near else ""


def _beyond_schemas(value: Any, key: str) -> Iterator[str]:
    """What YAML can write and no schema refuses: numbers that are not finite, keys that are no
    text."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: is {value}; write a finite number."
    children = value.items() if isinstance(value, Mapping) else ()
    for name, _ in children:
        if not isinstance(name, str):
            yield f"{key or 'the whole'}: has the key {name!r}; write it in quotes."
    for name, each in enumerate(value) if isinstance(value, list) else children:
        yield from _beyond_schemas(each, _joined(key, name))


def _described(error: Any, prefix: str) -> Iterator[str]:
    """What one ``jsonschema.ValidationError`` means to the user."""
    key = ".".join([*([prefix] if prefix else []), *map(str, error.path)])
    match error.validator:
        case "anyOf":
            yield from _no_alternative(error, key)
        case "additionalProperties":
            known = list(error.schema["properties"])
            for name in error.instance:
                if name not in known:
                    yield f"{_joined(key, name)}: {unknown(name, known, 'key')}"
        case "required":
            for name in error.validator_value:
                if name not in error.instance:
                    yield f"{_joined(key, name)}: is missing; add it ({_meaning(error, name)})."
        case _:
            yield f"{key or 'the whole'}: {_wrong_value(error)}"


def _no_alternative(error: Any, key: str) -> Iterator[str]:
    """Of a value that may be of several kinds: what is wrong within its kind, or all kinds."""
    refused = {each.schema_path[0] for each in error.context if each.validator == "type"}
    own = [each for each in error.context if each.schema_path[0] not in refused]
    if not own:
        kinds = ", or ".join(_kind(each) for each in error.validator_value)
        yield f"{key}: is {_shown(error.instance)}; write {kinds}."
    for each in own:
        yield from _described(each, key)


def _kind(node: Mapping[str, Any]) -> str:
    """What a value of a schema is, in words."""
    node = _resolved(node)
    if isinstance(inner := node.get("additionalProperties"), Mapping):
        return f"a mapping of {_TYPES[inner['type']].partition(' ')[2]}s"
    return _TYPES[node["type"]]


def _wrong_value(error: Any) -> str:
    """What is wrong with a value, and what may stand there."""
    shown, limit = _shown(error.instance), error.validator_value
    match error.validator:
        case "type":
            kinds = [limit] if isinstance(limit, str) else limit
            wanted = " or ".join(_TYPES[kind] for kind in kinds)
            hint = ""
            if isinstance(error.instance, str) and {"number", "integer"} & set(kinds):
                hint = _number_hint(error.instance)
            return f"is {shown}, not {wanted}; write {wanted}{hint}."
        case "enum":
            return f"is {shown}; write {_either(limit)}."
        case "minimum":
            return f"is {shown}; write at least {limit}."
        case "maximum":
            return f"is {shown}; write at most {limit}."
        case "exclusiveMinimum":
            return f"is {shown}; write more than {limit}."
        case "exclusiveMaximum":
            return f"is {shown}; write less than {limit}."
        case "multipleOf":
            return f"is {shown}; write a multiple of {limit}."
        case "minItems" | "minProperties" | "minLength" if not error.instance:
            return "is empty; write at least one."
        case "minItems" | "maxItems":
            return f"is {shown}; write {limit} values."
        case "uniqueItems":
            return f"is {shown}; write each of them once."
        case "maxLength":
            return f"{shown} is too long; write at most {limit} characters."
        case "pattern":
            meaning = error.schema.get("description", f"text like {limit}")
            return f"{shown} is not valid here; write {meaning[0].lower()}{meaning[1:]}"
    return f"is {shown}: {error.message}; see the key in workflow/schemas/config.schema.json."


def _number_hint(text: str) -> str:
    """YAML reads 2e-4 as text: say so, instead of leaving the user to wonder."""
    try:
        value = float(text)
    except ValueError:
        return ""
    digits, exponent = f"{value:e}".split("e")
    mantissa = digits.rstrip("0")
    mantissa += "0" if mantissa.endswith(".") else ""
    return f" without quotes and with a dot, {mantissa}e{int(exponent):+d} (YAML needs the dot)"


def _either(options: Iterable[Any]) -> str:
    return " or ".join("null" if option is None else str(option) for option in options)


def _meaning(error: Any, name: str) -> str:
    """The first sentence of a missing key's description."""
    node = _resolved(error.schema.get("properties", {}).get(name, {}))
    return str(node.get("description", "a value")).partition(". ")[0].rstrip(".")


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node with what it refers to in the schema; its own keywords come first."""
    while "$ref" in node:
        own = {key: value for key, value in node.items() if key != "$ref"}
        node = {**schema()["$defs"][node["$ref"].rpartition("/")[2]], **own}
    return node


def _shown(value: Any) -> str:
    """A value as a user wrote it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _joined(key: str, name: Any) -> str:
    return f"{key}.{name}" if key else str(name)
