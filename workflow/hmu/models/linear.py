"""Linear maps that give a row the same numbers whatever rows it comes with.

A motion must not depend on how many others share its batch. The matrix products of MKL add a row's
terms in one order from 16 rows on and in others below (so measured), where sums differ in the last
bit, and a draw that lies near a tie falls otherwise. On the processor fewer rows are therefore
filled up.
"""

import torch.nn.functional as F
from torch import Tensor, nn

_ROWS = 16


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x: (..., in), weight: (out, in), bias: (out,). Returns (..., out)."""
    rows = x.shape[:-1]
    lacking = _ROWS - rows.numel()
    if lacking <= 0 or x.device.type != "cpu":
        return F.linear(x, weight, bias)
    filled = F.pad(x.flatten(0, -2), (0, 0, 0, lacking))
    return F.linear(filled, weight, bias)[: rows.numel()].view(*rows, len(weight))


class Linear(nn.Linear):
    """:class:`torch.nn.Linear` by :func:`linear`."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        return linear(x, self.weight, self.bias)
