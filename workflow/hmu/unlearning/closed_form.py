"""Closed forms that edit a linear map W, (out, in), which reads a text's embedding.

All in float64. Systems are solved by Cholesky's factorisation, never by an inverse.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

_WORST = 1e12
"""Largest condition of a system whose solution still has digits to trust."""


class IllConditionedError(ArithmeticError):
    """A system so near to a singular one that its solution is noise; says which weight to raise."""


def mapped(weight: Tensor, keys: Tensor, values: Tensor, scales: Tensor, ridge: float) -> Tensor:
    """The map (out, in) nearest to ``weight`` that sends ``keys`` (n, in) to ``values`` (n, out).

    It is [λW + Σ s v kᵀ] [λI + Σ s k kᵀ]⁻¹, the least of λ‖W' − W‖² + Σ s‖W'k − v‖² (Gandikota et
    al., "Unified Concept Editing in Diffusion Models", WACV 2024, equation 7). ``scales``: (n,),
    the s; ``ridge``: λ. Raises IllConditionedError.
    """
    scaled = scales.unsqueeze(1) * keys
    return _solved(ridge * weight + values.T @ scaled, keys.T @ scaled, ridge, "lambda")


def still_reaching(
    edited: Iterable[Tensor], untouched: Iterable[Tensor], keys: Tensor, ridge: float
) -> Tensor:
    """Inputs (n, in) that the ``edited`` maps W' send where the ``untouched`` W sent ``keys``.

    They are c' = (ρI + Σ W'ᵀW')⁻¹ (Σ W'ᵀW) c over the pairs of maps, the least of
    Σ ‖W'c' − Wc‖² + ρ‖c'‖² (Gong et al., "Reliable and Efficient Concept Erasure of Text-to-Image
    Diffusion Models", ECCV 2024, equation 8). ``keys``: (n, in), the c; ``ridge``: ρ. Raises
    IllConditionedError.
    """
    pairs = list(zip(edited, untouched, strict=True))
    across = sum((new.T @ old for new, old in pairs), torch.zeros(()).double())
    own = sum((new.T @ new for new, _ in pairs), torch.zeros(()).double())
    return _solved(keys @ across.T, own, ridge, "rho")


def without_direction(values: Tensor, directions: Tensor) -> Tensor:
    """What of ``values`` is orthogonal to ``directions``, row by row, (n, out) both."""
    units = torch.nn.functional.normalize(directions, dim=1)
    return values - (units * values).sum(1, keepdim=True) * units


def _solved(right: Tensor, gram: Tensor, ridge: float, name: str) -> Tensor:
    """``right`` (n, in) times the inverse of ``gram`` + ``ridge`` I, (in, in) and symmetric.

    ``name`` is what a user calls the ridge.
    """
    system = gram + ridge * torch.eye(len(gram), dtype=gram.dtype)
    spread = torch.linalg.eigvalsh(system)
    if not spread[0] * _WORST > spread[-1]:
        raise IllConditionedError(f"{name} is {ridge}, too little beside the rest: raise it")
    return torch.cholesky_solve(right.T, torch.linalg.cholesky(system)).T
