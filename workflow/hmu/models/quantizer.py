"""Residual vector quantisation with codebooks that follow the data (MoMask, models/vq).

A latent is written as a sum of codes: each layer quantises what the layers before it left over.
Codebooks are moving averages of the latents that they serve, and codes that serve too few are
put onto latents of the current batch.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.models.sampling import inverse_cdf, uniforms


class Codebook(nn.Module):
    """One layer: ``codes`` vectors of ``dim`` values, learned by exponential moving averages.

    Only ``codebook`` is a weight. ``code_sum`` and ``code_count`` are the state of its training.
    """

    codebook: Tensor
    code_sum: Tensor
    code_count: Tensor

    def __init__(self, codes: int, dim: int, ema: float) -> None:
        super().__init__()
        self.codes, self.dim, self.ema = codes, dim, ema
        self.started = False
        self.register_buffer("codebook", torch.zeros(codes, dim))
        self.register_buffer("code_sum", torch.zeros(codes, dim), persistent=False)
        self.register_buffer("code_count", torch.zeros(codes), persistent=False)

    def nearest(self, x: Tensor) -> Tensor:
        """Index (N,) int64 of the nearest code of each row of ``x`` (N, dim)."""
        return self._distances(x).argmin(-1)

    def sample(self, x: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
        """Index (N,) drawn with probability softmax(-squared distance / temperature)."""
        weights = (-self._distances(x) / temperature).softmax(-1)
        return inverse_cdf(weights, uniforms((len(x),), generator, x.device))

    def _distances(self, x: Tensor) -> Tensor:
        """Squared distances (N, codes)."""
        book = self.codebook.t()
        return (x**2).sum(-1, keepdim=True) - 2 * (x @ book) + (book**2).sum(0, keepdim=True)

    @torch.no_grad()
    def start(self, x: Tensor, generator: torch.Generator) -> None:
        """Begin training: from the loaded codebook if there is one, else from rows of ``x``."""
        if not bool(self.codebook.any()):
            self.codebook.copy_(self._candidates(x, generator))
        self.code_sum.copy_(self.codebook)
        self.code_count.fill_(1.0)
        self.started = True

    @torch.no_grad()
    def update(self, x: Tensor, index: Tensor, generator: torch.Generator) -> None:
        """Move the codes towards the rows of ``x`` (N, dim) that chose them (``index``, (N,))."""
        added = torch.zeros_like(self.code_sum).index_add_(0, index, x)
        self.code_sum.mul_(self.ema).add_(added, alpha=1.0 - self.ema)
        self.code_count.mul_(self.ema).add_(self._counts(index), alpha=1.0 - self.ema)
        used = self.code_count.unsqueeze(1) >= 1.0
        mean = self.code_sum / self.code_count.clamp_min(1.0).unsqueeze(1)
        self.codebook.copy_(torch.where(used, mean, self._candidates(x, generator)))

    def perplexity(self, index: Tensor) -> Tensor:
        """Exponential of the entropy of the codes in use: their effective number (scalar)."""
        share = self._counts(index) / index.numel()
        return torch.exp(-(share * torch.log(share + 1e-7)).sum())

    def _counts(self, index: Tensor) -> Tensor:
        return torch.bincount(index, minlength=self.codes).to(self.code_count.dtype)

    def _candidates(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """As many rows of ``x`` as there are codes, repeated with a little noise when too few."""
        if len(x) >= self.codes:
            return x[: self.codes]
        repeated = x.repeat(math.ceil(self.codes / len(x)), 1)[: self.codes]
        noise = torch.randn(repeated.shape, generator=generator, device=generator.device)
        return repeated + noise.to(x.device) * (0.01 / math.sqrt(self.dim))


class ResidualQuantizer(nn.Module):
    """A stack of codebooks, each on the remainder of the ones before it."""

    def __init__(self, layers: int, codes: int, dim: int, ema: float, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.layers = nn.ModuleList(Codebook(codes, dim, ema) for _ in range(layers))

    def books(self) -> list[Codebook]:
        """The layers with their type."""
        return [layer for layer in self.layers if isinstance(layer, Codebook)]

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Codes (B, L, layers) int64 of latents ``x`` (B, L, dim)."""
        shape, rest = x.shape, x.reshape(-1, x.shape[-1])
        codes = []
        for layer in self.books():
            index = layer.nearest(rest)
            rest = rest - F.embedding(index, layer.codebook)
            codes.append(index)
        return torch.stack(codes, dim=-1).view(*shape[:-1], -1)

    def decode(self, codes: Tensor) -> Tensor:
        """Latents (B, L, dim) of codes (B, L, up to ``layers``); -1 stands for no code."""
        total = torch.zeros((), device=codes.device)
        for index, layer in zip(codes.unbind(-1), self.books(), strict=False):
            found = F.embedding(index.clamp_min(0), layer.codebook)
            total = total + found.masked_fill((index < 0).unsqueeze(-1), 0.0)
        return total

    def forward(
        self, x: Tensor, generator: torch.Generator, temperature: float = 0.5
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Quantise latents (B, L, dim) in training; move the codebooks when in training mode.

        Codes are drawn with noise of ``temperature``, and in a share ``dropout`` of the batches
        the layers after a random one are left out. Returns the quantised latents with
        straight-through gradients (one for each layer in use, as in the reference), the
        commitment loss and the mean perplexity of the layers in use. All in float32: codebooks
        that follow rounded latents would not settle.
        """
        with torch.autocast(x.device.type, enabled=False):
            return self._quantise(x.float(), generator, temperature)

    def _quantise(
        self, x: Tensor, generator: torch.Generator, temperature: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        rest = x.reshape(-1, x.shape[-1])
        total, losses, perplexities = torch.zeros_like(rest), [], []
        for layer in self.books()[: self._depth(generator)]:
            if self.training and not layer.started:
                layer.start(rest.detach(), generator)
            with torch.no_grad():
                if self.training:
                    index = layer.sample(rest, temperature, generator)
                else:
                    index = layer.nearest(rest)
                found = F.embedding(index, layer.codebook)
                if self.training:
                    layer.update(rest, index, generator)
                perplexities.append(layer.perplexity(index))
            losses.append(F.mse_loss(rest, found))
            total = total + rest + (found - rest).detach()
            rest = rest - found
        loss = torch.stack(losses).mean()
        return total.view(x.shape), loss, torch.stack(perplexities).mean()

    def _depth(self, generator: torch.Generator) -> int:
        """How many layers this batch uses."""
        layers = len(self.layers)
        if not self.training:
            return layers
        drop, last = torch.rand(2, generator=generator, device=generator.device).tolist()
        return 1 + int(last * layers) if drop < self.dropout else layers

    def training_state(self) -> dict[str, Tensor]:
        """What must be kept beside the weights to resume training exactly."""
        state = {}
        for number, layer in enumerate(self.books()):
            state[f"layers.{number}.code_sum"] = layer.code_sum.clone()
            state[f"layers.{number}.code_count"] = layer.code_count.clone()
        return state

    def load_training_state(self, state: dict[str, Tensor]) -> None:
        """Take back what :meth:`training_state` gave."""
        for number, layer in enumerate(self.books()):
            layer.code_sum.copy_(state[f"layers.{number}.code_sum"])
            layer.code_count.copy_(state[f"layers.{number}.code_count"])
            layer.started = bool(layer.code_count.any())
