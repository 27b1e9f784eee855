"""Convolutions along time of sequences (B, T, channels), the layout of linear and recurrent layers.

torch's own want (B, channels, T), and copy a transposed input. As images of height one in its
channels-last format the sequences need no copy, and the processor convolves them faster. The
weights are those of torch's layers, in name and shape.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class Conv1d(nn.Conv1d):
    """nn.Conv1d, padded with zeros, from (B, T, in) to (B, T', out)."""

    def forward(self, x: Tensor) -> Tensor:
        out = F.conv2d(
            _image(x),
            self.weight.unsqueeze(2),
            self.bias,
            (1, *self.stride),
            (0, _padding(self)),
            (1, *self.dilation),
        )
        return _sequence(out)


class PointwiseConv1d(nn.Conv1d):
    """nn.Conv1d of a single tap, from (B, T, in) to (B, T, out): a linear layer."""

    def __init__(self, size: int, out: int) -> None:
        super().__init__(size, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.squeeze(2), self.bias)


class UnfoldConv1d(nn.Conv1d):
    """nn.Conv1d without dilation, padded with zeros, from (B, T, in) to (B, T', out).

    One matrix product for all steps of the batch: faster than :class:`Conv1d`, which takes one
    sequence at a time, where these are short.
    """

    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, (0, 0, _padding(self), _padding(self)))
        windows = padded.unfold(1, *self.kernel_size, *self.stride)  # (B, T', in, taps)
        return F.linear(windows.flatten(2), self.weight.flatten(1), self.bias)


class FoldConvTranspose1d(nn.ConvTranspose1d):
    """nn.ConvTranspose1d from (B, T, in) to (B, T', out), as :class:`UnfoldConv1d`."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # lengths follow
        (taps,), (stride,), padding = self.kernel_size, self.stride, _padding(self)
        windows = F.linear(x, self.weight.flatten(1).t())  # (B, T, out * taps)
        length = (x.shape[1] - 1) * stride + taps - 2 * padding
        out = F.fold(windows.transpose(1, 2), (1, length), (1, taps), 1, (0, padding), (1, stride))
        out = _sequence(out)
        return out if self.bias is None else out + self.bias.to(out.dtype)


class Repeat(nn.Module):
    """Every step of (B, T, channels) ``times`` over: (B, T * times, channels)."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def forward(self, x: Tensor) -> Tensor:
        return x.unsqueeze(2).expand(-1, -1, self.times, -1).flatten(1, 2)


def _padding(layer: nn.Conv1d | nn.ConvTranspose1d) -> int:
    """Steps of zeros at each end."""
    return int(layer.padding[0])


def _image(x: Tensor) -> Tensor:
    """(B, T, channels) seen as (B, channels, 1, T)."""
    return x.transpose(1, 2).unsqueeze(2)


def _sequence(image: Tensor) -> Tensor:
    """(B, channels, 1, T) seen as (B, T, channels)."""
    return image.squeeze(2).transpose(1, 2)
