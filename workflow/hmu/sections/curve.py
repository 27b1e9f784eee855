"""A curve: what a parameter of a method does, over the rows of a table."""

from typing import Annotated

from pydantic import Field

from hmu.sections.base import Section


class CurveSection(Section):
    """What a parameter of a method does: the values of a table over the parameter, through the rows
    that differ in it alone."""

    table: str = Field(description="Name of a table of this configuration.")
    parameter: str = Field(
        description="A parameter of a method that is a number, text or a switch: k, epochs."
    )
    variants: tuple[
        Annotated[str, Field(description="Name of a variant of this configuration.")], ...
    ] = Field(
        default=(),
        strict=False,  # a list will do
        json_schema_extra={"uniqueItems": True},
        description="Which variants of the table; all whose method has the parameter, if left out.",
    )
