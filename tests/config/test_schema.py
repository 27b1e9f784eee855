"""The schema: valid, whole, and the file that editors read."""

import json

import jsonschema

from hmu.config import schema_file
from hmu.config.schema import schema


def properties(node: object, way: str = ""):
    """Every property of the schema, with the way to it."""
    if isinstance(node, dict):
        for name, inner in node.get("properties", {}).items():
            yield f"{way}.{name}", inner
        for name, inner in node.items():
            if name != "if":
                yield from properties(inner, f"{way}.{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from properties(inner, f"{way}.{number}")


def test_the_schema_is_valid_and_describes_every_key():
    jsonschema.Draft202012Validator.check_schema(schema())
    found = dict(properties(schema()))
    assert len(found) > 100
    shared = schema()["$defs"]

    def description(node: dict) -> str:
        return {**shared.get(node.get("$ref", "").rpartition("/")[2], {}), **node}["description"]

    bare = [way for way, node in found.items() if len(description(node)) < 10]
    assert not bare


def test_the_schema_file_is_what_the_sections_give():
    """For people and editors; the checks use the sections and the plugins themselves."""
    stored = schema_file.FILE.read_text(encoding="utf-8")
    assert stored == schema_file.text(), "run `make schema`"
    assert json.loads(stored) == schema()


def test_every_section_refuses_unknown_keys():
    def sections(node, way=""):
        if isinstance(node, dict):
            if "properties" in node and "allOf" not in node:
                yield way, node
            for name, inner in node.items():
                if name != "allOf":  # the keys of kinds and methods are sections of their own
                    yield from sections(inner, f"{way}.{name}")

    loose = [way for way, node in sections(schema()) if node["additionalProperties"]]
    assert not loose
