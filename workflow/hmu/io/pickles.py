"""Pickles from anywhere: built-in values, and what the caller names, but never any other code."""

import pickle
import pickletools
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from hmu.errors import InputError
from hmu.io import contents

_KEEP = {"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"}
_TAKE = {"GET", "BINGET", "LONG_BINGET"}
_TUPLE = {"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "FROZENSET"}
_TUPLES = 1000
"""In a tuple, and in those in it; data have a few."""


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
        _check(self._stream)
        self._stream.seek(start)
        return super().load()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in self._known:
            return self._known[module, name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which data do not need")


def _check(stream: IO[bytes]) -> None:
    """Raise UnpicklingError for what would fill the memory, or never end, once it is made.

    Nothing is made: of each value on the stack of the pickle there is only the number of tuples in
    it. As the key of a dictionary, a tuple that is twice in a tuple that is twice in another, and
    so on, is looked at without end, and a million inside each other end the process.
    """
    stack: list[int] = []
    marks: list[int] = []
    memo: dict[int, int] = {}
    for count, (code, argument, _) in enumerate(pickletools.genops(stream)):
        if code.name in _KEEP:
            number = len(memo) if argument is None else int(argument)
            # Room for all numbers up to this one would be made, a hundred gigabytes of it.
            if number > count:
                raise pickle.UnpicklingError(
                    f"it calls its object {count}, at most, number {number}"
                )
            memo[number] = stack[-1]
        elif code.name in _TAKE:
            stack.append(memo[int(str(argument))])
        elif code.name == "DUP":
            stack.append(stack[-1])
        elif code.name == "MARK":
            marks.append(len(stack))
        elif code.name == "POP" and marks and marks[-1] == len(stack):
            marks.pop()
        else:
            before, end = code.stack_before, len(stack)
            if pickletools.markobject in before:
                before, end = before[: before.index(pickletools.markobject)], marks.pop()
            inside = min(sum(stack[end - len(before) :]), _TUPLES)
            if code.name in _TUPLE:
                if inside == _TUPLES:
                    raise pickle.UnpicklingError(f"it has {_TUPLES} tuples and more in a tuple")
                inside += 1
            stack[end - len(before) :] = [inside] * len(code.stack_after)


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
        if said := contents.form_of(path):
            raise InputError(f"{path} {said}.") from error
        raise InputError(
            f"{path} is not a pickle of data ({why(error)}): copy it again."
        ) from error


def why(error: Exception) -> str:
    """What an error says, in one short line: a pickle chooses the names in it."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
