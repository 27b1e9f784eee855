"""Closed forms against the least squares that they solve."""

import re

import pytest
import torch
from torch import Tensor

from hmu.unlearning import closed_form
from hmu.unlearning.closed_form import IllConditionedError
from support.reference import gap

IN, OUT = 7, 4


def drawn(*shape: int, seed: int = 0) -> Tensor:
    own = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=own)


def least_squares(rows: list[Tensor], values: list[Tensor]) -> Tensor:
    """X that makes rows @ X nearest to the values, by a QR factorisation of the whole."""
    return torch.linalg.lstsq(torch.cat(rows), torch.cat(values), driver="gels").solution


def test_a_map_is_the_nearest_that_sends_keys_to_values() -> None:
    weight, keys, values = drawn(OUT, IN), drawn(5, IN, seed=1), drawn(5, OUT, seed=2)
    scales = torch.tensor([0.1, 0.1, 0.5, 2.0, 0.0], dtype=torch.float64)
    found = closed_form.mapped(weight, keys, values, scales, 0.3)
    root, hold = scales.sqrt().unsqueeze(1), 0.3**0.5 * torch.eye(IN, dtype=torch.float64)
    expected = least_squares([root * keys, hold], [root * values, hold @ weight.T]).T
    assert gap(found, expected) < 1e-12


def test_what_still_reaches_is_the_nearest_input() -> None:
    edited, untouched = ([drawn(n, IN, seed=n + more) for n in (4, 5)] for more in (0, 10))
    keys = drawn(3, IN, seed=3)
    found = closed_form.still_reaching(edited, untouched, keys, 1e-3)
    hold = 1e-3**0.5 * torch.eye(IN, dtype=torch.float64)
    sent = [weight @ keys.T for weight in untouched]
    expected = least_squares([*edited, hold], [*sent, torch.zeros(IN, 3).double()]).T
    assert gap(found, expected) < 1e-10
    for new, old in zip(edited, untouched, strict=True):
        assert gap(found @ new.T, keys @ old.T) < gap(keys @ new.T, keys @ old.T)


def test_a_direction_is_gone_and_the_rest_stays() -> None:
    values, directions = drawn(6, OUT), drawn(6, OUT, seed=1)
    found = closed_form.without_direction(values, directions)
    assert (found * directions).sum(1).abs().max() < 1e-12
    removed = values - found
    assert (
        gap(torch.nn.functional.cosine_similarity(removed, directions).abs(), torch.ones(6)) < 1e-6
    )


@pytest.mark.parametrize("count", [5, IN - 1])
@pytest.mark.parametrize("ridge", [0.0, 1e-14])
def test_a_system_without_a_solution_says_what_to_raise(ridge: float, count: int) -> None:
    """Also where a single direction is left open."""
    keys, scales = drawn(count, IN), torch.ones(count, dtype=torch.float64)
    with pytest.raises(IllConditionedError, match=re.escape(f"lambda is {ridge}, too little")):
        closed_form.mapped(drawn(OUT, IN), keys, drawn(count, OUT), scales, ridge)
    with pytest.raises(IllConditionedError, match=re.escape(f"rho is {ridge}, too little")):
        closed_form.still_reaching([drawn(count, IN)], [drawn(count, IN)], keys, ridge)


def test_enough_keys_need_no_ridge() -> None:
    weight, keys = drawn(OUT, IN), drawn(30, IN, seed=1)
    scales = torch.ones(30, dtype=torch.float64)
    other = drawn(OUT, IN, seed=2)
    assert gap(closed_form.mapped(weight, keys, keys @ other.T, scales, 0.0), other) < 1e-10
