"""Convolutions of sequences beside torch's own layers: results, gradients, names and precision."""

import pytest
import torch
from torch import Tensor, nn

from hmu.models.convolution import (
    Conv1d,
    FoldConvTranspose1d,
    PointwiseConv1d,
    Repeat,
    UnfoldConv1d,
)

_LAYERS = [
    (PointwiseConv1d, nn.Conv1d, {"kernel_size": 1}),
    (Conv1d, nn.Conv1d, {"kernel_size": 1}),
    (Conv1d, nn.Conv1d, {"kernel_size": 3, "padding": 1}),
    (Conv1d, nn.Conv1d, {"kernel_size": 3, "padding": 9, "dilation": 9}),
    (Conv1d, nn.Conv1d, {"kernel_size": 4, "padding": 1, "stride": 2}),
    (UnfoldConv1d, nn.Conv1d, {"kernel_size": 4, "padding": 1, "stride": 2}),
    (UnfoldConv1d, nn.Conv1d, {"kernel_size": 3}),
    (FoldConvTranspose1d, nn.ConvTranspose1d, {"kernel_size": 4, "padding": 1, "stride": 2}),
    (FoldConvTranspose1d, nn.ConvTranspose1d, {"kernel_size": 3, "stride": 3}),
]


def _pair(ours: type, torchs: type, settings: dict[str, int]) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    reference = torchs(5, 7, **settings)
    layer = ours(5, 7) if ours is PointwiseConv1d else ours(5, 7, **settings)
    layer.load_state_dict(reference.state_dict())
    return layer, reference


@pytest.mark.parametrize(("ours", "torchs", "settings"), _LAYERS)
@pytest.mark.parametrize(("batch", "steps"), [(3, 16), (1, 4), (2, 5)])
def test_layers_equal_those_of_torch(
    ours: type, torchs: type, settings: dict[str, int], batch: int, steps: int
) -> None:
    layer, reference = _pair(ours, torchs, settings)
    x = torch.randn(batch, steps, 5, dtype=torch.float64)
    layer, reference = layer.double(), reference.double()

    def results(module: nn.Module, forward: Tensor) -> list[Tensor]:
        weight = torch.linspace(-1, 1, forward.numel(), dtype=forward.dtype).view_as(forward)
        inputs = (leaf, *module.parameters())
        return [forward, *torch.autograd.grad((forward * weight).sum(), inputs)]

    leaf = x.requires_grad_()
    expected = results(reference, reference(leaf.transpose(1, 2)).transpose(1, 2))
    for mine, theirs in zip(results(layer, layer(leaf)), expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("ours", "torchs", "settings"), _LAYERS)
def test_layers_follow_mixed_precision(ours: type, torchs: type, settings: dict[str, int]) -> None:
    layer, reference = _pair(ours, torchs, settings)
    x = torch.randn(2, 12, 5)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(x)
        expected = reference(x.transpose(1, 2)).transpose(1, 2)
    assert found.dtype == expected.dtype
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)


def test_repeating_equals_nearest_upsampling() -> None:
    x = torch.randn(2, 3, 4)
    expected = nn.Upsample(scale_factor=2, mode="nearest")(x.transpose(1, 2)).transpose(1, 2)
    assert torch.equal(Repeat(2)(x), expected)
