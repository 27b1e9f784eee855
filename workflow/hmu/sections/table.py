"""A table: a layout, and what holds for all of it."""

from typing import Annotated

from pydantic import Field

from hmu.sections.base import Section


class TableSection(Section):
    """A table: a layout, and the part of an address (dataset, backbone, concept, variant, set,
    metric) that holds for the whole of it."""

    layout: str = Field(description="Name of the layout, a file in workflow/tables.")
    dataset: str | None = Field(
        default=None, description="Name of a dataset of this configuration."
    )
    backbone: str | None = Field(
        default=None,
        description="Name of a backbone of this configuration; the first one, if neither the "
        "table nor the layout names one.",
    )
    concept: str | None = Field(default=None, description="Name of the concept that is forgotten.")
    variant: str | None = Field(
        default=None, description="Name of a variant of this configuration."
    )
    set: str | None = Field(
        default=None,
        description="Name of a set of this configuration, after a concept and a slash where it is "
        "another concept's.",
    )
    metric: str | None = Field(default=None, description="Name of a value that a metric gives.")
    names: dict[str, Annotated[str, Field(description="A name of this configuration.")]] = Field(
        default={},
        description="What the layout's names of datasets, backbones, concepts, variants and sets "
        "are called in this configuration.",
    )
    rows: tuple[
        Annotated[str, Field(description="Name of a variant of this configuration.")], ...
    ] = Field(
        default=(),
        strict=False,  # a list will do
        json_schema_extra={"uniqueItems": True},
        description="Variants shown below the rows of the layout.",
    )
    pictures: bool = Field(
        default=True,
        description="Whether there are film strips of its rows, where it measures the forget set, "
        "and a sheet of its concept's codes; those of another table are there all the same.",
    )
