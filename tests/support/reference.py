"""The official code, for tests to compare with: checkouts in the folder HMU_REFERENCE."""

import os
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from torch import Tensor

from benchmarks import official


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
    with official.importing(folder, {"clip": types.ModuleType("clip")}):
        yield


def gap(one: Tensor, other: Tensor) -> float:
    """The largest difference of two tensors of one shape."""
    assert one.shape == other.shape
    return float((one - other).abs().max().detach())
