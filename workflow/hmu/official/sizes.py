"""The sizes of a part of an official model, and whether the configuration says others.

Nothing here imports torch: planning compares what ``opt.txt`` says.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hmu.errors import InputError
from hmu.official.options import Options
from hmu.official.parts import Files, Part
from hmu.sections.base import Section, wrong_value


def read(part: Part, files: Files) -> Section:
    """The sizes. Raises InputError for what no model of ours can be."""
    try:
        return part.read_sizes(files)
    except ValidationError as error:
        raise InputError(
            f"{files.weights}: no model of ours can be so ({wrong_value(error)}): copy the whole "
            "directory again."
        ) from error


def misfits(
    part: Part, found: Mapping[str, Path], expected: Mapping[str, Any], section: str
) -> Iterator[str]:
    """What the files that `hmu.official.layout.inputs` ``found`` say otherwise than the
    configuration's ``section``, whose sizes are ``expected``. Tensors are not read. Raises
    InputError for options that are damaged, or of no model of ours."""
    if "options" in found:
        told, tokenizer = (
            Options.read(found[name]) if name in found else None
            for name in ("options", "tokenizer_options")
        )
        sizes = read(part, _Described(found["weights"], {}, told, tokenizer))
        yield from differing(sizes.model_dump(), expected, section, found["options"])


def differing(
    sizes: Mapping[str, Any], expected: Mapping[str, Any], section: str, source: Path
) -> Iterator[str]:
    """A fault for each size of the file ``source`` that ``section`` says otherwise."""
    for name, value in sizes.items():
        if expected.get(name, value) != value:
            yield (
                f"{source}: {name} is {value}, but {section}.{name} is {expected[name]}; write "
                f"{name}: {value} there, or leave out the weights."
            )


class _Described(Files):
    """A part of which only the options are read: what tensors tell, no section says."""

    def extent(self, name: str, axis: int) -> int:
        """Any size."""
        return 1
