"""What all tests of models have."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Every test draws its weights and inputs from the same seed and leaves no trace of it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        yield
