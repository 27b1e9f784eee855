"""Prompts from a file of one's own, a JSON object a line.

``prompt``: the text. ``sample``: the sample of the test split whose real motion the prompt stands
for ("0%000021": caption 0 of clip 000021), or else ``frames``, the length of the motion. May be
left out: ``tokens`` ("word/POS word/POS"), which the dataset's tagger then finds, and ``name``, by
default the number of the line.

Implicit prompts name their ``concept``: those that hold a word of it after all are left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.interface.prompts import Prompt, PromptContext
from hmu.io import contents, inert, json_document
from hmu.sections.tokenizer import LONGEST_MOTION, UNIT_LENGTH

PARAMS = {
    "path": {
        "type": "string",
        "minLength": 1,
        "description": "A file of prompts, a JSON object a line.",
    },
    "concept": {
        "type": ["string", "null"],
        "default": None,
        "description": "The concept whose words no prompt may hold, for prompts that describe a "
        "motion without naming it.",
    },
    "without": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Other concepts whose words no prompt may hold either.",
    },
}
FILES = ("path",)
WRITTEN = True
CONCEPTS = ("concept", "without")
_KINDS = {"prompt": str, "sample": str, "frames": int, "tokens": str, "name": str}


def prompts(context: PromptContext) -> Iterator[Prompt]:
    """The prompts in the order of the lines; blank lines are skipped.

    Raises InputError for a file that is not UTF-8 or has no prompt, and, naming the line, for one
    that is no JSON object, lacks its text, or has a key or a value that it may not have.
    """
    path = context.files["path"]
    try:
        lines = contents.lines(contents.read_text(path))
    except FileNotFoundError:
        raise InputError(f"{path} is missing: give a file of prompts.") from None
    given = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not given:
        raise InputError(f"{path} has no prompt: write a JSON object with `prompt` a line.")
    for number, line in given:
        value = _object(line, path, number)
        yield Prompt(
            value.get("name", f"{number:06d}"),
            value["prompt"],
            value.get("tokens", ""),
            value.get("sample"),
            value.get("frames"),
        )


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    where = f"{path}, line {number}"
    try:
        value = json_document.parse(line)
    except ValueError as error:
        raise InputError(f"{where} is not JSON ({error}): write one object a line.") from error
    if not isinstance(value, dict) or not str(value.get("prompt", "")).strip():
        raise InputError(f'{where} has no text: write {{"prompt": "a person …", …}}.')
    for key, each in value.items():
        if key not in _KINDS:
            raise InputError(f"{where}: {key!r} is unknown; known are {', '.join(_KINDS)}.")
        if type(each) is not _KINDS[key]:
            raise InputError(f"{where}: {key} is {each!r}, not {_KINDS[key].__name__}.")
        if isinstance(each, str) and (fault := inert.control_fault(each)):
            raise InputError(f"{where}: {key} {fault}.")
    if not UNIT_LENGTH <= value.get("frames", UNIT_LENGTH) <= LONGEST_MOTION:
        raise InputError(
            f"{where}: frames is {value['frames']}; write {UNIT_LENGTH} to {LONGEST_MOTION}, which "
            "models make (20 a second)."
        )
    return value
