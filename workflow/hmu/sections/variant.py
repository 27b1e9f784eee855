"""An unlearning variant: a method and its parameters."""

from typing import ClassVar

from pydantic import Field

from hmu.sections.parametrised import ParametrisedSection


class VariantSection(ParametrisedSection):
    """A method and its parameters; which these are stands in the method's file (PARAMS)."""

    plugins: ClassVar = "methods"
    chosen_by: ClassVar = "method"

    method: str = Field(description="Name of the method, a file in hmu/methods.")
    label: str | None = Field(
        default=None,
        min_length=1,
        description="How tables name the variant, where the layout does not; null for the "
        "variant's name.",
    )
    training_free: bool | None = Field(
        default=None,
        description="What tables say of the variant, where the layout does not: whether it needs "
        "no training; null says nothing.",
    )
