"""Names that a configuration gives to datasets, concepts, variants and the like."""

from typing import Annotated

from pydantic import Field

Name = Annotated[
    str,
    Field(
        # Python's $ stands before a line's end too.
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)",
        max_length=64,
        description="A name that can be a folder: letters, digits, and - _ . inside.",
    ),
]
