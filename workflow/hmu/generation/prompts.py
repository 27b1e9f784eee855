"""What a model is asked for: prompts from the command line or from a file, with lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hmu.errors import InputError
from hmu.io import contents, inert
from hmu.sections.text_encoder import ClipSizes
from hmu.sections.tokenizer import LONGEST_MOTION, UNIT_LENGTH
from hmu.text import clip

_LARGEST_FILE = 1 << 24  # bytes


@dataclass(frozen=True)
class Prompt:
    """A text, and the length of its motion in frames, or None to have it predicted."""

    text: str
    frames: int | None = None


def read(path: Path, frames: int | None = None) -> list[Prompt]:
    """The prompts of a file: a line each, as ``text`` or ``text#frames``.

    The latter is MoMask's form (gen_t2m.py, ``--text_path``), whose ``#NA`` leaves the length open.
    ``frames`` is the length of prompts that have none. Blank lines are skipped. Raises
    InputError when the file is missing, not UTF-8 text, without a prompt, or has a wrong length.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError(f"{path} is too large for a file of prompts: give one per line.")
        lines = contents.lines(contents.read_text(path))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: give a file with one prompt per line.") from error
    prompts = [
        _of_line(line, f"{path}, line {number}", frames)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not prompts:
        raise InputError(f"{path} has no prompt: write one per line.")
    return prompts


def _of_line(line: str, where: str, frames: int | None) -> Prompt:
    text, _, length = (part.strip() for part in line.partition("#"))
    if not text:
        raise InputError(f"{where} has no text before the length: write `text#frames`.")
    if length in ("", "NA"):
        return Prompt(text, frames)
    if not (length.isascii() and length.isdigit()):
        raise InputError(f"{where}: {length!r} is not a number of frames: write `text#frames`.")
    return Prompt(text, int(length))


def check(prompts: Sequence[Prompt]) -> None:
    """Raise InputError for a prompt that is empty or longer than CLIP reads, or a wrong length."""
    context = ClipSizes().context  # start and end included
    for prompt in prompts:
        if not prompt.text.strip():
            raise InputError("A prompt is empty: say what the person does.")
        if fault := inert.control_fault(prompt.text):
            raise InputError(f"The prompt {prompt.text[:60]!r} {fault}.")
        count = clip.count_tokens(prompt.text)
        if count > context - 2:
            raise InputError(
                f"The prompt {prompt.text[:60]!r}… has {count} tokens and the text encoder reads "
                f"{context - 2}: shorten it."
            )
        frames = prompt.frames
        if frames is not None and not UNIT_LENGTH <= frames <= LONGEST_MOTION:
            raise InputError(
                f"The length of {prompt.text[:60]!r} is {frames} frames: models make "
                f"{UNIT_LENGTH} to {LONGEST_MOTION} (20 a second)."
            )
