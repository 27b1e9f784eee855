"""Whole methods that train, on small models whose motions to forget share no code with the others:
what becomes of either, and which weights change."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor

from hmu.methods import task_vector
from hmu.models.batches.drawing import Draw
from hmu.unlearning import tuning
from hmu.unlearning.batches import code_batches
from hmu.unlearning.context import MethodContext
from support.small_context import context
from support.small_models import noise_source

PARTS = ("masked", "residual")


def before(given: MethodContext, part: str) -> dict[str, Tensor]:
    return tuning.tensors(given.model(part))


def loss(given: MethodContext, part: str, tensors: Mapping[str, Tensor], forget: bool) -> float:
    """The training loss of a part with these tensors, over the clips of one side."""
    model = given.model(part)
    model.load_state_dict(tensors)
    (batch,) = code_batches(given, 99, forget).training(Draw((0,), 0))
    with torch.no_grad():
        return sum(float(model.batch_loss(batch, noise_source(n))[0]) for n in range(4)) / 4


@pytest.mark.parametrize("rank", [None, 2])
def test_a_task_vector_goes_as_far_the_other_way_as_alpha_says(
    tmp_path: Path, rank: int | None
) -> None:
    """θ₀ - α(θ - θ₀): nothing at 0, what has learned the concept at -1, a straight line between."""

    params = {"rank": rank, "epochs": 3, "rate": 0.02, "retain": 0.0}
    learned, same, half, whole = (
        task_vector.unlearn(context(tmp_path, "task_vector", alpha=alpha, **params)).tensors
        for alpha in (-1.0, 0.0, 0.5, 1.0)
    )
    given = context(tmp_path, "task_vector")
    assert whole.keys() == set(PARTS)
    for part in PARTS:
        was = before(given, part)
        gained = loss(given, part, was, True) - loss(given, part, learned[part], True)
        assert gained > 0.002
        for name, value in was.items():
            assert torch.equal(same[part][name], value)
            assert torch.allclose(half[part][name], (value + whole[part][name]) / 2, atol=1e-6)
            assert torch.allclose(whole[part][name] + learned[part][name], 2 * value, atol=1e-6)
