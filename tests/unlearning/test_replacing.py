"""What takes the place of codes."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from hmu import rng
from hmu.unlearning import replacing


def drawn(codes: int, dim: int) -> torch.Tensor:
    return torch.randn(codes, dim, generator=torch.Generator().manual_seed(0)) * 3


def test_only_the_chosen_codes_change() -> None:
    book, chosen, targets = drawn(6, 2), np.array([4, 1]), np.array([0, 5])
    edited = replacing.replaced(book, chosen, targets, 0.0, rng.generator(0, "t"))
    assert torch.equal(book, drawn(6, 2)), "the model itself stays"
    assert torch.equal(edited[[4, 1]], book[[0, 5]])
    assert torch.equal(edited[[0, 2, 3, 5]], book[[0, 2, 3, 5]])


def test_noise_has_alpha_times_the_deviation_of_the_codebook() -> None:
    book, chosen = drawn(4000, 16), np.arange(2000)
    targets = np.arange(2000, 4000)
    edited = replacing.replaced(book, chosen, targets, 0.5, rng.generator(0, "t"))
    assert (edited[:2000] - book[2000:]).std().item() == pytest.approx(1.5, rel=0.02)


def test_the_nearest_code_is_a_safe_one() -> None:
    book, chosen = drawn(40, 3), np.arange(0, 40, 2)
    safe = np.arange(1, 40, 2)
    expected = safe[cdist(book[chosen].numpy(), book[safe].numpy()).argmin(axis=1)]
    assert replacing.nearest(book, chosen).tolist() == expected.tolist()


def test_nothing_is_left_along_the_direction_of_the_chosen_codes() -> None:
    book, chosen = drawn(10, 4).double(), np.array([2, 3, 7])
    direction = book[chosen].mean(0) / book[chosen].mean(0).norm()
    for alpha in (0.0, 0.5, 1.0):
        edited = replacing.without_direction(book, chosen, alpha)
        assert torch.equal(book, drawn(10, 4).double())
        left = edited[chosen] @ direction
        assert torch.allclose(left, (1 - alpha) * (book[chosen] @ direction), atol=1e-12)
        across = edited - book - torch.outer((edited - book) @ direction, direction)
        assert across.abs().max() < 1e-12
        assert torch.equal(edited[[0, 1, 4]], book[[0, 1, 4]])
