"""A configuration as a file: YAML in which no key stands twice."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import contents, yaml_document


def read(path: Path) -> Mapping[str, Any]:
    """What a YAML file says, unchecked.

    Raises InputError when the file cannot be read, is not YAML, holds a key twice or has no keys.
    """
    try:
        found = yaml_document.parse(contents.read_text(path))
    except FileNotFoundError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name another file.") from error
    except ValueError as error:
        raise InputError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(found, Mapping):
        raise InputError(
            f"{path} is not a mapping of keys to values, as `seed: 1` is: correct it, or name "
            "another file."
        )
    return found
