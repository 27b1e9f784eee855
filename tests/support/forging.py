"""Ways to damage and to forge the results of the project in ``support.toy``, for tests."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hmu.provenance import hashes
from hmu.provenance.lineage import Lineage, seal
from support.toy import Toy

__all__ = ["CELL", "TOTAL", "Toy", "entry", "flip", "forge"]

CELL = "results/cells/main/sum.json"
TOTAL = "results/totals/a.json"


def forge(toy: Toy, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the record of an output and seal it again, as anybody can."""
    lineage = Lineage(toy.root / "results")
    value = json.loads(lineage.address(name).read_text(encoding="utf-8"))
    value.pop("seal")
    change(value)
    lineage.write(seal(value), [name])


def entry(toy: Toy, name: str) -> dict[str, Any]:
    """How a record names a file as it is now."""
    return {"path": name, **hashes.content(toy.root / name).as_json()}


def flip(path: Path) -> None:
    """Flip a bit in the middle of a file, and put its times back."""
    times = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
