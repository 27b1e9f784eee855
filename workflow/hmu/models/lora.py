"""Low-rank adaptation (Hu et al., ICLR 2022): a matrix is trained by what is added to it, B A."""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class LowRank(nn.Module):
    """A matrix (out, in) plus B A with B (out, rank), zero at first, and A (rank, in)."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        outputs, inputs = weight.shape
        self.a = nn.Parameter(torch.randn(rank, inputs, device=weight.device) * inputs**-0.5)
        self.b = nn.Parameter(torch.zeros(outputs, rank, device=weight.device))

    def forward(self, weight: Tensor) -> Tensor:
        """(out, in) to the same."""
        return weight + self.b @ self.a


def attach(model: nn.Module, rank: int) -> None:
    """Freeze ``model``, and let each of its matrices be trained by a term of this ``rank``.

    Matrices are the weights that linear layers and attention multiply with. Random numbers are
    torch's own.
    """
    model.requires_grad_(False)
    for module in list(model.modules()):
        if isinstance(module, nn.Embedding):
            continue
        for name, weight in list(module.named_parameters(recurse=False)):
            if name in ("weight", "in_proj_weight") and weight.ndim == 2:
                parametrize.register_parametrization(module, name, LowRank(weight, rank))


def merge(model: nn.Module) -> None:
    """Add the terms to their matrices; the model has the tensors that it had before."""
    for module in list(model.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)
