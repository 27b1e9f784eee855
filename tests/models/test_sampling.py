"""Drawing codes: in proportion, from the best, at a temperature."""

import pytest
import torch

from hmu.models import sampling
from support.small_models import noise_source


def test_inverse_cdf_draws_in_proportion() -> None:
    weights = torch.tensor([0.0, 3.0, 0.0, 1.0, 6.0, 0.0])
    uniform = torch.arange(100_000, dtype=torch.float64) / 100_000
    drawn = sampling.inverse_cdf(weights.double().expand(100_000, -1), uniform)
    share = torch.bincount(drawn, minlength=6) / 100_000
    assert torch.allclose(share, weights / 10, atol=1e-4)


def test_inverse_cdf_never_draws_what_has_no_weight() -> None:
    largest = torch.nextafter(torch.tensor(1.0), torch.tensor(0.0))
    weights = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1e-30]])
    for uniform in (torch.tensor(0.0), largest):
        assert sampling.inverse_cdf(weights, uniform.expand(2)).tolist() == [1, 2]


def test_choose_keeps_to_the_best_and_to_the_temperature() -> None:
    logits = torch.randn(1, 20).expand(50_000, -1)
    uniform = torch.rand(50_000, generator=noise_source())
    kept = logits[0].topk(4).indices
    for temperature in (0.5, 1.0, 2.0):
        drawn = sampling.choose(logits, uniform, temperature, 0.2)
        share = torch.bincount(drawn, minlength=20) / len(drawn)
        assert set(drawn.unique().tolist()) <= set(kept.tolist())
        expected = (logits[0, kept] / temperature).softmax(-1)
        assert torch.allclose(share[kept], expected, atol=0.01)
    for still in (sampling.choose(logits, None, 1, 0.2), sampling.choose(logits, uniform, 0, 0.2)):
        assert (still == logits[0].argmax()).all()


def test_choose_draws_finely_from_coarse_scores() -> None:
    logits = torch.linspace(0, 1e-3, 400).bfloat16().expand(40_000, -1)
    uniform = torch.arange(40_000) / 40_000
    share = torch.bincount(sampling.choose(logits, uniform, 1.0, 1.0), minlength=400) / 40_000
    assert torch.allclose(share, torch.full((400,), 1 / 400), atol=1e-4)


@pytest.mark.parametrize(("classes", "kept"), [(512, 52), (513, 52), (510, 51), (10, 1), (3, 1)])
def test_choose_keeps_as_many_as_the_reference(classes: int, kept: int) -> None:
    logits = torch.linspace(0, 1e-3, classes).expand(20_000, -1)
    drawn = sampling.choose(logits, torch.rand(20_000, generator=noise_source()), 1.0, 0.1)
    assert len(drawn.unique()) == kept
