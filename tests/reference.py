"""The official code, for tests to compare with: checkouts in the folder HMU_REFERENCE."""

import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from torch import Tensor


def checkout(name: str) -> Path:
    """The checkout ``owner+repository``; skips the test where it is absent."""
    root = os.environ.get("HMU_REFERENCE")
    if not root:
        pytest.skip("HMU_REFERENCE is not set: no official code to compare with")
    folder = Path(root) / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: nothing to compare with")
    return folder


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let the packages and modules of ``folder`` be imported, with CLIP replaced by nothing."""
    names = {path.stem for path in folder.iterdir()} | {"clip"}

    def taken() -> dict[str, types.ModuleType]:
        return {name: sys.modules[name] for name in list(sys.modules) if _top(name) in names}

    kept = taken()
    for name in kept:
        del sys.modules[name]
    sys.modules["clip"] = types.ModuleType("clip")
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in taken():
            del sys.modules[name]
        sys.modules.update(kept)


def _top(name: str) -> str:
    return name.partition(".")[0]


def gap(one: Tensor, other: Tensor) -> float:
    """The largest difference of two tensors of one shape."""
    assert one.shape == other.shape
    return float((one - other).abs().max().detach())
