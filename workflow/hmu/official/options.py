"""``opt.txt``, in which the official code keeps a model's options: ``key: value``, one a line.

Values stay the text that they are in the file, so that an export writes back what came in. The
official reader (MoMask, utils/get_opt.py) takes a number only with digits on both sides of the
point, which is why numbers are never written with an exponent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hmu.errors import InputError
from hmu.io import contents

_FIRST = "------------ Options -------------"
_LAST = "-------------- End ----------------"
_LONGEST = 1 << 20  # bytes; the longest official one has three thousand
_LONGEST_LINE = 1000  # characters; messages show some, and Python reads no number of many more
LARGEST = 1_000_000
"""Any size of a model; the largest of an official one is a twentieth of it."""
BLOCKS = 64
"""Layers of any kind; official models have 8 at most. All are built to see whether weights fit."""


@dataclass(frozen=True)
class Options:
    """The options of one file, in its order."""

    source: Path
    values: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> "Options":
        """Raises InputError when the file is missing, not text, or has a line that is none."""
        try:
            with path.open("rb") as stream:
                text = contents.decode(stream.read(_LONGEST))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path} cannot be read as text ({error}): copy it again.") from error
        if said := contents.form(text[:256].encode()):
            raise InputError(f"{path} {said}.")
        values = {}
        for number, line in enumerate(contents.lines(text), start=1):
            if not line.strip() or line.strip() in (_FIRST, _LAST):
                continue
            if len(line) > _LONGEST_LINE:
                raise InputError(f"{path}: line {number} is far too long: copy the file again.")
            key, found, value = line.partition(": ")
            if not found or ": " in value:
                raise InputError(
                    f"{path}: line {number} is not `key: value`: the official code could not read "
                    "it either; copy the file again."
                )
            values[key] = value
        return cls(path, values)

    def text(self, name: str, default: str | None = None) -> str:
        """The value of ``name``. Raises InputError when it is absent and has no default."""
        value = self.values.get(name, default)
        if value is None:
            raise InputError(f"{self.source} has no option {name}: copy the model's own opt.txt.")
        return value

    def integer(self, name: str, most: int = LARGEST) -> int:
        """The value of ``name``, a whole number from 1 to ``most``. Raises InputError otherwise."""
        value = self.text(name)
        found = int(value) if value.isdecimal() else 0
        if not 1 <= found <= most:
            raise InputError(
                f"{self.source}: {name} is {value!r}, not a whole number from 1 to {most}: "
                "copy the file again."
            )
        return found

    def share(self, name: str) -> float:
        """The value of ``name`` as a number from 0 to 1. Raises InputError otherwise."""
        value = self.text(name)
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            raise InputError(f"{self.source}: {name} is {value!r}, not a number from 0 to 1.")
        return number

    def only(self, name: str, wanted: str) -> None:
        """Raise InputError when an option of the architecture has another value than ours."""
        found = self.text(name, wanted)
        if found != wanted:
            raise InputError(
                f"{self.source}: {name} is {found}; models of this kind are not supported, only "
                f"those with {wanted}, as the paper's."
            )

    def flag(self, name: str) -> bool:
        """The value of ``name`` as True or False. Raises InputError otherwise."""
        value = self.text(name)
        if value not in ("True", "False"):
            raise InputError(f"{self.source}: {name} is {value!r}, not True or False.")
        return value == "True"


def shown(value: str | float | bool) -> str:
    """A value as the official reader takes it."""
    if isinstance(value, float):
        import numpy as np  # only here: planning imports this module

        return str(np.format_float_positional(value, trim="0"))
    return str(value)


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write an ``opt.txt``, keys in the order given."""
    lines = [_FIRST, *(f"{key}: {value}" for key, value in values.items()), _LAST]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
