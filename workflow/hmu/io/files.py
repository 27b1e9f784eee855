"""Files that are whole when they have their final name, and their hashes."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import contents


def staged(path: Path) -> Path:
    """Where ``path`` is written until it is whole: same folder, same suffix, hidden."""
    return path.with_name(f".part.{path.name}")


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it on success, remove it on failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = staged(path)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON with sorted keys, atomically."""
    with atomic(path) as temporary:
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; raise InputError when it is missing or malformed."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: run the step that makes it first.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        if said := contents.form_of(path):
            raise InputError(f"{path} {said}.") from error
        message = f"{path} is not valid JSON ({error}): delete it and make it again."
        raise InputError(message) from error
