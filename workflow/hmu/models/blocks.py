"""What the token transformers are made of: projections, positions and post-norm encoder blocks.

Names and shapes of the weights are the reference's (MoMask and BAMM,
models/mask_transformer/transformer.py, there around nn.TransformerEncoder), so that their files
load as they are. Inside the blocks tokens are packed (:mod:`hmu.models.packing`). A model that
writes its tokens one by one keeps the keys and values of those that it has (``Blocks.memory``).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.models.dropout import drop
from hmu.models.guidance import guide
from hmu.models.linear import Linear, linear
from hmu.models.packing import Packing
from hmu.sections.transformer import BlockShape


class InputProjection(nn.Module):
    """Token embeddings (B, L, code_dim) to the width of the blocks."""

    def __init__(self, code_dim: int, latent: int) -> None:
        super().__init__()
        self.poseEmbedding = Linear(code_dim, latent)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.poseEmbedding(x)
        return out


class Positions(nn.Module):
    """Sinusoidal positions, added; then dropout. Table (5000, 1, latent) as in the reference."""

    pe: Tensor

    def __init__(self, latent: int, dropout: float, longest: int = 5000) -> None:
        super().__init__()
        self.dropout = dropout
        place = torch.arange(longest, dtype=torch.float32).unsqueeze(1)
        steps = torch.arange(0, latent, 2, dtype=torch.float32)
        angles = place * torch.exp(steps * (-math.log(10000.0) / latent))
        table = torch.stack([angles.sin(), angles.cos()], dim=-1).view(longest, latent)
        self.register_buffer("pe", table.unsqueeze(1))

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """x: (B, L, latent), the first of its positions being ``start``."""
        return drop(x + self.pe[start : start + x.shape[1], 0], self.dropout, self.training)


class Attention(nn.Module):
    """Multi-head self-attention with the weight names of nn.MultiheadAttention."""

    def __init__(self, latent: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * latent, latent))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * latent))
        self.out_proj = Linear(latent, latent)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(
        self,
        x: Tensor,
        packing: Packing,
        memory: Tensor | None = None,
        rows: Tensor | None = None,
    ) -> Tensor:
        """What ``out_proj`` is to project, (tokens, latent), for all tokens of x, (tokens, latent).

        memory: keys and values (2, B, heads, positions, latent / heads); the tokens are written to
        it and see what it holds. rows: int64 (tokens,), the row of x that each token is; None
        means that each has its own.
        """
        joint = linear(x, self.in_proj_weight, self.in_proj_bias)
        if rows is not None:
            joint = joint.index_select(0, rows)
        return packing.joined(
            [self._mix(each, packing, memory) for each in packing.sequences(joint)]
        )

    def _mix(self, joint: Tensor, packing: Packing, memory: Tensor | None) -> Tensor:
        """joint: queries, keys and values (B, S, 3 latent). Returns (B, S, latent)."""
        split = joint.view(*joint.shape[:2], 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        if memory is not None:
            stop = packing.start + packing.length
            memory[0, :, :, packing.start : stop] = key
            memory[1, :, :, packing.start : stop] = value
            key, value = memory[:, :, :, : packing.keys or stop]
        return self._attend(query, key, value, packing.visible).transpose(1, 2).flatten(2)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None) -> Tensor:
        """All (B, heads, S, latent / heads)."""
        if not self.training or query.device.type != "cpu":
            dropout = self.dropout if self.training else 0.0
            return F.scaled_dot_product_attention(query, key, value, visible, dropout_p=dropout)
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        if visible is not None:
            scores = scores.masked_fill(~visible, -math.inf)
        return drop(scores.softmax(-1), self.dropout, True) @ value


class Block(nn.Module):
    """One post-norm encoder block with the weight names of nn.TransformerEncoderLayer."""

    def __init__(self, sizes: BlockShape) -> None:
        super().__init__()
        self.self_attn = Attention(sizes.latent, sizes.heads, sizes.dropout)
        self.linear1 = Linear(sizes.latent, sizes.feedforward)
        self.linear2 = Linear(sizes.feedforward, sizes.latent)
        self.norm1 = nn.LayerNorm(sizes.latent)
        self.norm2 = nn.LayerNorm(sizes.latent)
        self.dropout = sizes.dropout

    def forward(
        self,
        x: Tensor,
        packing: Packing,
        memory: Tensor | None = None,
        places: Tensor | None = None,
        rows: Tensor | None = None,
    ) -> Tensor:
        """x: (tokens, latent). memory, rows: as :meth:`Attention.forward` has them.

        places: int64 (N,), the tokens that alone are returned, (N, latent); None is all of them.
        """
        mixed = self.self_attn(x, packing, memory, rows)
        if rows is not None:
            x = x.index_select(0, rows)
        if places is not None:
            x, mixed = x[places], mixed[places]
        x = self.norm1(self._add(x, self.self_attn.out_proj(mixed)))
        inner = drop(F.gelu(self.linear1(x)), self.dropout, self.training)
        out: Tensor = self.norm2(self._add(x, self.linear2(inner)))
        return out

    def _add(self, x: Tensor, out: Tensor) -> Tensor:
        """x + ``out`` after dropout, in the memory of ``out`` unless that is of less precision."""
        out = drop(out, self.dropout, self.training)
        return out.add_(x) if out.dtype == x.dtype else x + out


class Blocks(nn.Module):
    """The stack of blocks."""

    def __init__(self, sizes: BlockShape) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.layers = nn.ModuleList(Block(sizes) for _ in range(sizes.layers))

    def forward(
        self,
        x: Tensor,
        packing: Packing,
        memory: Tensor | None = None,
        wanted: Tensor | None = None,
        alike: Tensor | None = None,
    ) -> Tensor:
        """(B, S, latent) to the same; zero where ``packing`` has no token.

        wanted: bool (B, S), tokens that alone are returned, as (N, latent), row by row: the last
        block then computes no others. alike: int64 (B, S), x being the (R, latent) that tokens
        begin as, and this the row of each: the first block projects tokens that begin alike once.
        """
        packed = packing.pack(x) if alike is None else x
        rows = None if alike is None else packing.pack(alike.unsqueeze(-1)).squeeze(-1)
        places = None
        for index, layer in enumerate(self.layers):
            if wanted is not None and index == len(self.layers) - 1:
                places = packing.places(wanted)
            kept = None if memory is None else memory[index]
            packed = layer(packed, packing, kept, places, rows)
            rows = None
        return packing.spread(packed) if wanted is None else packed

    def memory(self, batch: int, positions: int, like: Tensor) -> Tensor:
        """Room for keys and values, (layers, 2, batch, heads, positions, latent / heads)."""
        shape = (len(self.layers), 2, batch, self.heads, positions, like.shape[-1] // self.heads)
        return like.new_zeros(shape)


class OutputProjection(nn.Module):
    """From the blocks to scores: dense, GELU, normalisation, linear (the head of BERT)."""

    def __init__(self, latent: int, out: int) -> None:
        super().__init__()
        self.dense = Linear(latent, latent)
        self.LayerNorm = nn.LayerNorm(latent, eps=1e-12)
        self.poseFinal = Linear(latent, out)

    def forward(self, x: Tensor, guidance: float | None = None) -> Tensor:
        """(N, latent) to (N, out); with ``guidance`` of (2N, latent), see :func:`guide`."""
        inner = self.LayerNorm(F.gelu(self.dense(x)))
        # The last layer is linear: guiding what it reads is the same for half of the products.
        out: Tensor = self.poseFinal(inner if guidance is None else guide(inner, guidance))
        return out
