"""What every section has in common."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Section(BaseModel):
    """A part of a configuration, checked when it is made and never changed afterwards.

    Making one from values that it does not allow raises ``pydantic.ValidationError``. Types are
    taken strictly: neither "3" nor true is the number 3.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        regex_engine="python-re",  # as JSON Schema is checked with
    )

    @classmethod
    def of(cls, settings: "Section | Mapping[str, Any]", **more: Any) -> Self:
        """The fields that this class has out of ``settings``, which may hold others too.

        ``more`` are further fields, or such that take the place of those in ``settings``.
        """
        given = {name: value for name, value in dict(settings).items() if name in cls.model_fields}
        return cls(**{**given, **more})

    def faults(self, key: str) -> Iterator[str]:
        """What is wrong although each value by itself is allowed, ``key`` being its place."""
        yield from ()


def wrong_value(error: ValidationError) -> str:
    """The first value that was refused, and why: "codes is 1, and should be greater than 1"."""
    first = error.errors(include_url=False)[0]
    place, reason = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Input ")
    return f"{place} is {first['input']!r}, and {reason}"


def multiple(key: str, section: Section, name: str, divisor: str) -> Iterator[str]:
    """A fault if field ``name`` is no multiple of field ``divisor``."""
    size, parts = getattr(section, name), getattr(section, divisor)
    if size % parts:
        yield f"{key}.{name}: is {size}; write a multiple of {parts} ({divisor})."
