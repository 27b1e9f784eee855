"""Pickles from anywhere: built-in values, and what the caller names, but never any other code."""

import pickle
import pickletools
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from hmu.errors import InputError

_KEEP = {"PUT", "BINPUT", "LONG_BINPUT"}


class Unpickler(pickle.Unpickler):
    """Reads numbers, text, bytes and containers, and makes only what ``known`` has.

    ``known`` maps the module and name of a class or function to what stands for it here: something
    that can do no harm whatever it is called with.
    """

    def __init__(
        self, stream: IO[bytes], known: Mapping[tuple[str, str], Any] | None = None, **options: Any
    ) -> None:
        super().__init__(stream, **options)
        self._stream = stream
        self._known = known or {}

    def load(self) -> Any:
        """The value. Raises UnpicklingError, or nearly anything for a damaged pickle."""
        start = self._stream.tell()
        for count, (code, argument, _) in enumerate(pickletools.genops(self._stream)):
            # Room for all numbers up to this one would be made, a hundred gigabytes of it.
            if code.name in _KEEP and argument is not None and int(argument) > count:
                raise pickle.UnpicklingError(
                    f"it calls its object {count}, at most, number {argument}"
                )
        self._stream.seek(start)
        return super().load()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in self._known:
            return self._known[module, name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which data do not need")


def read(path: Path, known: Mapping[tuple[str, str], Any] | None = None, **options: Any) -> Any:
    """The value in a pickle; ``options`` are those of ``pickle.Unpickler`` (an encoding, say).

    Raises InputError when the file is missing, damaged, or asks for anything but ``known``.
    """
    try:
        with path.open("rb") as stream:
            return Unpickler(stream, known, **options).load()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}): copy it again.") from error
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise InputError(f"{path} is not a pickle of data ({error}): copy it again.") from error
