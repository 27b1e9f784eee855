"""A configuration as a user gave it, of which only a part may be well formed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from hmu.config.configuration import Configuration
from hmu.sections.prompts import completed

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Given:
    """A configuration, ``raw``, with the backbones, prompts and sets that every one has."""

    raw: Mapping[str, Any]

    @classmethod
    def of(cls, config: Any) -> "Given":
        """What was given, which may be no configuration at all."""
        whole = completed(config if isinstance(config, Mapping) else {})
        return cls({"backbones": Configuration.model_fields["backbones"].default, **whole})

    def entries(self, section: str, kind: Any) -> dict[str, Any]:
        """The entries of a section that are such as ``kind`` says, by name."""
        found = {name: parsed(kind, each) for name, each in self.names(section).items()}
        return {name: each for name, each in found.items() if each is not None}

    def names(self, section: str) -> Mapping[str, Any]:
        """The entries of a section, whatever they are."""
        found = self.raw.get(section)
        return found if isinstance(found, Mapping) else {}


def parsed(kind: type[Kind], value: Any) -> Kind | None:
    """A value as a section of this kind, or None when it is none."""
    try:
        return TypeAdapter(kind).validate_python(value, strict=False)
    except ValidationError:
        return None
