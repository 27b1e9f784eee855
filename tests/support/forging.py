"""Ways to damage and to forge the results of the project in ``support.toy``, for tests."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hmu.provenance import hashes
from hmu.provenance.lineage import Lineage, seal
from support.toy import Toy

__all__ = [
    *("CELL", "TOTAL", "Toy", "content_of", "entry", "flip", "forge", "forge_content"),
    "record_of",
]

CELL = "results/cells/main/sum.json"
TOTAL = "results/totals/a.json"


def record_of(root: Path, name: str) -> dict[str, Any]:
    """The record of an output of the project in ``root``, without its seal."""
    text = Lineage(root / "results").address(name).read_text(encoding="utf-8")
    value: dict[str, Any] = json.loads(text)
    value.pop("seal")
    return value


def content_of(path: Path) -> dict[str, Any]:
    """What a record says of a file or folder as it is now, but its name."""
    return hashes.content(path).as_json()


def forge(toy: Toy, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the record of an output and seal it again, as anybody can."""
    value = record_of(toy.root, name)
    change(value)
    Lineage(toy.root / "results").write(seal(value), [name])


def forge_content(root: Path, name: str) -> None:
    """Let the record of an output say what that is now."""
    value = record_of(root, name)
    value["outputs"] = [{"path": name, **content_of(root / name)}]
    Lineage(root / "results").write(seal(value), [name])


def entry(toy: Toy, name: str) -> dict[str, Any]:
    """How a record names a file as it is now."""
    return {"path": name, **content_of(toy.root / name)}


def flip(path: Path) -> None:
    """Flip a bit in the middle of a file, and put its times back."""
    times = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
