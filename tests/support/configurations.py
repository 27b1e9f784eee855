"""Small configurations, for tests."""

from typing import Any

import pytest

from hmu import config
from hmu.errors import InputError


def minimal() -> dict[str, Any]:
    """A configuration with what every one must say."""
    return {
        "datasets": {"own": {"source": "joints", "raw": "somewhere"}},
        "concepts": {"wave": {"keywords": ["wave"]}},
        "variants": {"original": {"method": "original"}, "lcr": {"method": "lcr"}},
        "tables": {"main": {"layout": "main", "dataset": "own", "concept": "wave"}},
    }


def changed(path: str, value: object) -> dict[str, Any]:
    """The minimal configuration with one key, a dotted path, set to ``value``."""
    result = minimal()
    *way, last = path.split(".")
    node = result
    for key in way:
        node = node.setdefault(key, {})
    node[last] = value
    return result


def faults(value: object) -> list[str]:
    """What is wrong with a configuration, a line each; fails where the message says otherwise."""
    with pytest.raises(InputError) as caught:
        config.validate(value, "my.yaml")
    first, *lines = str(caught.value).split("\n")
    plural = "fault" if len(lines) == 1 else "faults"
    assert first == f"my.yaml has {len(lines)} {plural}:"
    return [line.removeprefix("  ") for line in lines]
