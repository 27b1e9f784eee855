"""Answers of language models, kept in a file: a JSON object a line, appended as they come.

What was asked once is never asked again, also after an interruption; so the file belongs under
version control. It lies wherever the user says, and not among the outputs, which Snakemake removes
when a job fails.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from hmu.errors import InputError
from hmu.io import contents, files, json_document


@dataclass(frozen=True)
class Answer:
    """What a model said to a caption.

    ``instruction`` is what it was told, ``answered_by`` what the service calls the model that
    answered, ``date`` when, in UTC (ISO 8601).
    """

    model: str
    instruction: str
    caption: str
    answer: str
    answered_by: str
    date: str

    @property
    def asked(self) -> tuple[str, str, str]:
        """What was asked of whom."""
        return self.model, self.instruction, self.caption


_KEYS = {each.name for each in fields(Answer)}


def read(path: Path) -> dict[tuple[str, str, str], Answer]:
    """The answers of a file by what was asked, none of one that is not there.

    Raises InputError, naming the line, for one that is no answer.
    """
    try:
        lines = contents.lines(contents.read_text(path))
    except FileNotFoundError:
        return {}
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = _parsed(line)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{path}, line {number} is no answer ({error}): remove it, and it is asked again."
            ) from None
        found[answer.asked] = answer
    return found


def mend(path: Path) -> None:
    """Remove a last line that an interruption cut off."""
    data = path.read_bytes() if path.is_file() else b""
    if data and not data.endswith(b"\n"):
        whole = data[: data.rfind(b"\n") + 1]
        try:
            _parsed(data[len(whole) :].decode("utf-8"))
            whole = data + b"\n"
        except (ValueError, TypeError):
            pass
        with files.atomic(path) as temporary:
            temporary.write_bytes(whole)


def _parsed(line: str) -> Answer:
    value = json_document.parse(line)
    if not isinstance(value, dict) or value.keys() != _KEYS:
        raise ValueError(f"it needs the keys {', '.join(sorted(_KEYS))}")
    if not all(isinstance(each, str) for each in value.values()):
        raise ValueError("its values must be texts")
    return Answer(**value)


def append(path: Path, answer: Answer) -> None:
    """Add an answer to a file of whole lines; it is safe on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(f"{_line(answer)}\n".encode())
        stream.flush()
        os.fsync(stream.fileno())


def _line(answer: Answer) -> str:
    return json.dumps(asdict(answer), ensure_ascii=False, sort_keys=True)


def lines(answers: Iterable[Answer]) -> str:
    """A file of answers."""
    return "".join(f"{_line(answer)}\n" for answer in answers)
