"""Small configurations, for tests."""

from typing import Any


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
