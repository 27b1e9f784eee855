"""A configuration as a file: YAML in which no key stands twice."""

from pathlib import Path
from typing import Any

from hmu.errors import InputError
from hmu.io import yaml_document


def read(path: Path) -> Any:
    """What a YAML file holds, unchecked.

    Raises InputError when the file cannot be read, is not YAML or holds a key twice.
    """
    try:
        return yaml_document.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name another file.") from error
    except ValueError as error:
        raise InputError(f"{path} is not valid YAML: {error}") from error
