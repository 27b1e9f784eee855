"""Sections whose keys depend on the plugin that they name."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ConfigDict, model_validator

from hmu import registry
from hmu.sections.base import Section


class ParametrisedSection(Section):
    """What a plugin is told: the parameters in its literal PARAMS, and what every one is told.

    Parameters that are left out have the defaults of PARAMS; whether the others are allowed is
    not checked here, but by the schema of the configuration.
    """

    model_config = ConfigDict(extra="allow")

    plugins: ClassVar[str]
    """The folder of the plugins."""
    chosen_by: ClassVar[str]
    """The key that names the plugin."""

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        name = given.get(cls.chosen_by) if isinstance(given, Mapping) else None
        if name not in registry.names(cls.plugins):
            return given
        nodes = registry.literals(cls.plugins, name).get("PARAMS", {})
        defaults = {key: node["default"] for key, node in nodes.items() if "default" in node}
        return {
            **defaults,
            **{key: _whole(nodes.get(key, {}), each) for key, each in given.items()},
        }


def _whole(node: Mapping[str, Any], value: Any) -> Any:
    """3.0 as 3 where a whole number is meant: JSON Schema does not tell them apart."""
    whole = isinstance(value, float) and value.is_integer() and node.get("type") == "integer"
    return int(value) if whole else value
