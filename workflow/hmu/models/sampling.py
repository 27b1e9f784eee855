"""Categorical draws from given uniform numbers: the one sampler of every model.

The uniforms come from the caller, one for each draw, so that noise belongs to a sample and not to
a batch, and the same numbers serve every device. The distribution equals that of the reference's
Gumbel and multinomial sampling; only the way from noise to class differs.
"""

import math

import torch
from torch import Tensor


def inverse_cdf(weights: Tensor, uniform: Tensor) -> Tensor:
    """Classes drawn with probability proportional to ``weights``.

    weights: (..., K), not negative, at least one positive. uniform: (...) in [0, 1).
    Returns int64 (...). A class of weight zero is never drawn.
    """
    cumulative = weights.cumsum(-1)
    # 1 - u lies in (0, 1], so the threshold is positive and the class that reaches it has weight.
    threshold = (1.0 - uniform.to(weights.dtype)).unsqueeze(-1) * cumulative[..., -1:]
    return torch.searchsorted(cumulative, threshold).squeeze(-1).clamp_max(weights.shape[-1] - 1)


def choose(logits: Tensor, uniform: Tensor | None, temperature: float, keep: float) -> Tensor:
    """Draw from the most probable share ``keep`` of the classes, sharpened by ``temperature``.

    logits: (..., K). uniform: (...) in [0, 1), or None for the most probable class, which is also
    what temperature 0 means. Returns int64 (...).
    """
    if uniform is None or temperature == 0:
        return logits.argmax(-1)
    classes = logits.shape[-1]
    logits = logits.float()  # in mixed precision sums of probabilities would be too coarse
    # The small term keeps rounding in keep * K from adding one class.
    best = logits.topk(max(1, math.ceil(keep * classes - 1e-9)), dim=-1)
    rank = inverse_cdf((best.values / temperature).softmax(-1), uniform)
    return best.indices.gather(-1, rank.unsqueeze(-1)).squeeze(-1)


def uniforms(shape: tuple[int, ...], generator: torch.Generator, device: torch.device) -> Tensor:
    """Uniform float32 numbers in [0, 1) from ``generator``, then moved to ``device``.

    A generator on the processor gives the same numbers wherever the model is.
    """
    drawn = torch.rand(shape, generator=generator, device=generator.device)
    return drawn.to(device, non_blocking=True)
