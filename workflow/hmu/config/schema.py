"""The JSON Schema of a configuration, made from its sections and from the plugins' parameters."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from hmu import registry
from hmu.config.configuration import Configuration
from hmu.sections.backbone import of_kind
from hmu.sections.parametrised import ParametrisedSection
from hmu.sections.prompts import PromptsSection
from hmu.sections.variant import VariantSection

Node = dict[str, Any]
_PLACE = "#/$defs/{model}"
_FIRST = ("description", "type", "enum")


class _Readable(GenerateJsonSchema):
    """Without titles, descriptions first; of a section as a default, what it changes of its own."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def sort(self, value: Any, parent_key: str | None = None) -> Any:
        if isinstance(value, list):
            return [self.sort(each) for each in value]
        if not isinstance(value, dict):
            return value
        keys = value if parent_key == "properties" else [*filter(value.get, _FIRST), *value]
        return {key: self.sort(value[key], key) for key in dict.fromkeys(keys)}

    def model_schema(self, schema: core_schema.ModelSchema) -> Node:
        node = super().model_schema(schema)
        del node["title"]
        first, _, _ = node["description"].partition("\n\n")
        return {**node, "description": _line(first)}

    def dict_schema(self, schema: core_schema.DictSchema) -> Node:
        node: Node = {"type": "object"}
        if schema.get("min_length"):
            node["minProperties"] = schema["min_length"]
        names = self.generate_inner(schema["keys_schema"])
        if "pattern" in names:
            node["propertyNames"] = names
        return {**node, "additionalProperties": self.generate_inner(schema["values_schema"])}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> Node:
        return {"enum": schema["expected"]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Node:
        node = self.generate_inner(schema["schema"])
        if "enum" in node:
            return {"enum": [*node["enum"], None]}
        if "type" in node:
            return {**node, "type": [node["type"], "null"]}
        return {"anyOf": [node, {"type": "null"}]}

    def encode_default(self, value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value.model_dump(mode="json", exclude_defaults=True)
        if isinstance(value, dict):
            return {key: self.encode_default(each) for key, each in value.items()}
        return super().encode_default(value)


@cache
def schema() -> Node:
    """The JSON Schema of a configuration."""
    kinds = {kind: of_kind(kind) for kind in registry.names("backbones")}
    models = [(model, "validation") for model in (Configuration, *kinds.values())]
    places, whole = models_json_schema(
        models,  # type: ignore[arg-type]
        ref_template=_PLACE,
        schema_generator=_Readable,
    )
    defs = whole["$defs"]
    found = {kind: _name(places[model, "validation"]) for kind, model in kinds.items()}
    backbones = {kind: f"backbone {kind}" for kind in kinds}
    defs |= {backbones[kind]: defs[name] for kind, name in found.items()}
    defs["Backbone"] = _by_plugin("kind", defs["Backbone"], backbones)
    for section in (VariantSection, PromptsSection):
        node = defs[section.__name__]
        plugins = dict(_parametrised(section, node, defs))
        defs[section.__name__] = _by_plugin(section.chosen_by, node, plugins)
    top = defs["Configuration"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "config.schema.json",
        "title": "Configuration of the human motion unlearning pipeline",
        **top,
        "$defs": {
            name: defs[name] for name in sorted(defs.keys() - {"Configuration", *found.values()})
        },
    }


def _name(reference: Mapping[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _parametrised(
    section: type[ParametrisedSection], node: Node, defs: Node
) -> Iterator[tuple[str, str]]:
    """Adds to ``defs`` what each plugin is told; the name of each there, by plugin."""
    for name in registry.names(section.plugins):
        parameters = registry.literals(section.plugins, name).get("PARAMS", {})
        place = f"{section.chosen_by} {name}"
        needed = [key for key, each in parameters.items() if "default" not in each]
        defs[place] = {
            "additionalProperties": False,
            "properties": {**node["properties"], **parameters},
            "required": [*node["required"], *needed],
            "type": "object",
        }
        yield name, place


def _by_plugin(key: str, node: Node, places: Mapping[str, str]) -> Node:
    """A section whose other keys depend on ``key``; where it is absent, on its default."""
    said = {"required": [key]}
    needed = said if key in node.get("required", ()) else {}
    default = node["properties"][key].get("default")
    return {
        "description": node["description"],
        "type": "object",
        "properties": {key: node["properties"][key]},
        **needed,
        "allOf": [
            {
                "if": {
                    "properties": {key: {"const": name}},
                    **(needed if name == default else said),
                },
                "then": {"$ref": _PLACE.format(model=place)},
            }
            for name, place in places.items()
        ],
    }


def _line(text: str) -> str:
    return " ".join(text.split())
