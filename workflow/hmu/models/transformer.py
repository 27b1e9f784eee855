"""The transformer that the masked models of every backbone and the residual model share.

Tokens of a motion, preceded by a few context tokens (the text, the quantiser layer), go through
post-norm encoder blocks. Names and shapes of the weights are the reference's (MoMask and BAMM,
models/mask_transformer/transformer.py, there around nn.TransformerEncoder), so that their files
load as they are. Dropout draws from torch's own generator: the training loop forks and seeds it
for each step, which makes training repeatable.

Inside the blocks the tokens of all sequences lie in one list without padding, because the blocks
spend nearly all their time on single tokens; only attention sees them as (batch, sequence).
On the processor sequences of equal length lie side by side in that list, and attention takes each
length by itself: nothing is padded or copied. A model that writes its tokens one by one keeps the
keys and values of those that it has (``Blocks.memory``).
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.models.dropout import drop
from hmu.models.linear import Linear, linear
from hmu.models.sampling import uniforms
from hmu.sections.transformer import TransformerSizes


@dataclass(frozen=True)
class Layout:
    """Where the tokens of a list lie among (batch, length).

    ``rows``: place of each among batch x length; None: as they come. ``groups``: how many
    sequences of which length follow each other in the list; None: attention takes (batch, length)
    as a whole, and sees what ``visible`` (bool, broadcast to (batch, heads, length, keys)) says.
    With a memory, ``start`` is where the first of ``length`` lies in it, and ``keys`` counts its
    positions that attention takes; such a layout has no groups.
    """

    batch: int
    length: int
    rows: Tensor | None = None
    groups: tuple[tuple[int, int], ...] | None = None
    visible: Tensor | None = None
    start: int = 0
    keys: int | None = None

    @classmethod
    def of(
        cls, batch: int, length: int, padding: Tensor | None, visible: Tensor | None = None
    ) -> "Layout":
        """The layout of sequences whose ``padding`` (batch, length) is True.

        ``visible``: bool, broadcast to (batch, length, length), what each token sees. Without it,
        each sees all of its sequence, and the padding lies behind the ends.
        """
        seen = None if visible is None else visible[:, None]
        if padding is None or not bool(padding.any()):
            return cls(batch, length, visible=seen)
        present = ~padding
        if seen is not None or padding.device.type != "cpu":
            rows = present.flatten().nonzero().squeeze(1)
            return cls(batch, length, rows, None, present[:, None, None] if seen is None else seen)
        lengths, order = present.sum(1).sort(stable=True)
        places = order.unsqueeze(1) * length + torch.arange(length)
        sizes, counts = lengths.unique_consecutive(return_counts=True)
        groups = tuple(zip(counts.tolist(), sizes.tolist(), strict=True))
        return cls(batch, length, places[present[order]], groups)

    def pack(self, x: Tensor) -> Tensor:
        """(batch, length, D) to the list (tokens, D)."""
        flat = x.reshape(self.batch * self.length, x.shape[-1])
        return flat if self.rows is None else flat.index_select(0, self.rows)

    def spread(self, packed: Tensor) -> Tensor:
        """The list (tokens, D) to (batch, length, D), zero where there is no token."""
        if self.rows is not None:
            empty = packed.new_zeros(self.batch * self.length, packed.shape[-1])
            packed = empty.index_copy(0, self.rows, packed)
        return packed.view(self.batch, self.length, -1)

    def sequences(self, packed: Tensor) -> list[Tensor]:
        """The list (tokens, D) as attention takes it: one or more (sequences, their length, D)."""
        if self.groups is None:
            return [self.spread(packed)]
        parts = packed.split([count * size for count, size in self.groups])
        shapes = zip(parts, self.groups, strict=True)
        return [part.view(count, size, -1) for part, (count, size) in shapes]

    def places(self, wanted: Tensor) -> Tensor:
        """Where in the list the tokens lie that ``wanted`` (batch, length) says, row by row."""
        flat = wanted.flatten().nonzero().squeeze(1)
        if self.rows is None:
            return flat
        place = torch.empty(self.batch * self.length, dtype=torch.long, device=flat.device)
        place[self.rows] = torch.arange(len(self.rows), device=flat.device)
        return place[flat]

    def joined(self, parts: list[Tensor]) -> Tensor:
        """The list (tokens, D) of what :meth:`sequences` gave."""
        if self.groups is None:
            return self.pack(parts[0])
        return torch.cat([part.reshape(-1, part.shape[-1]) for part in parts])


class CodedMotions(Protocol):
    """A training batch: codes int64 (B, L, quantizers), lengths (B,), text (B, text_dim)."""

    @property
    def codes(self) -> Tensor: ...
    @property
    def lengths(self) -> Tensor: ...
    @property
    def text(self) -> Tensor: ...


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
        layout: Layout,
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
        return layout.joined([self._mix(each, layout, memory) for each in layout.sequences(joint)])

    def _mix(self, joint: Tensor, layout: Layout, memory: Tensor | None) -> Tensor:
        """joint: queries, keys and values (B, S, 3 latent). Returns (B, S, latent)."""
        split = joint.view(*joint.shape[:2], 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        if memory is not None:
            stop = layout.start + layout.length
            memory[0, :, :, layout.start : stop] = key
            memory[1, :, :, layout.start : stop] = value
            key, value = memory[:, :, :, : layout.keys or stop]
        return self._attend(query, key, value, layout.visible).transpose(1, 2).flatten(2)

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

    def __init__(self, sizes: TransformerSizes) -> None:
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
        layout: Layout,
        memory: Tensor | None = None,
        places: Tensor | None = None,
        rows: Tensor | None = None,
    ) -> Tensor:
        """x: (tokens, latent). memory, rows: as :meth:`Attention.forward` has them.

        places: int64 (N,), the tokens that alone are returned, (N, latent); None is all of them.
        """
        mixed = self.self_attn(x, layout, memory, rows)
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

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.layers = nn.ModuleList(Block(sizes) for _ in range(sizes.layers))

    def forward(
        self,
        x: Tensor,
        layout: Layout,
        memory: Tensor | None = None,
        wanted: Tensor | None = None,
        alike: Tensor | None = None,
    ) -> Tensor:
        """(B, S, latent) to the same; zero where ``layout`` has no token.

        wanted: bool (B, S), tokens that alone are returned, as (N, latent), row by row: the last
        block then computes no others. alike: int64 (B, S), x being the (R, latent) that tokens
        begin as, and this the row of each: the first block projects tokens that begin alike once.
        """
        packed = layout.pack(x) if alike is None else x
        rows = None if alike is None else layout.pack(alike.unsqueeze(-1)).squeeze(-1)
        places = None
        for index, layer in enumerate(self.layers):
            if wanted is not None and index == len(self.layers) - 1:
                places = layout.places(wanted)
            kept = None if memory is None else memory[index]
            packed = layer(packed, layout, kept, places, rows)
            rows = None
        return layout.spread(packed) if wanted is None else packed

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


class TokenTransformer(nn.Module, ABC):
    """What the token models have in common: text, positions, blocks and output projection."""

    def __init__(self, sizes: TransformerSizes, out: int) -> None:
        super().__init__()
        self.sizes = sizes
        self.input_process = InputProjection(sizes.code_dim, sizes.latent)
        self.position_enc = Positions(sizes.latent, sizes.dropout)
        self.seqTransEncoder = Blocks(sizes)
        self.cond_emb = Linear(sizes.text_dim, sizes.latent)
        self.output_process = OutputProjection(sizes.latent, out)

    def initialise(self) -> None:
        """The reference's start: normal weights of deviation 0.02, biases zero."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def hidden(
        self,
        embeddings: Tensor,
        ids: Tensor,
        context: list[Tensor],
        padding: Tensor | None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Latents (n B, L, latent) of the motions' tokens, before the output projection.

        embeddings: (codes, code_dim), in whose rows ``ids`` (B, L) are. context: tokens (n B,
        latent) put in front, n times the motions under contexts of their own; more than once in
        evaluation mode only. padding: bool (B, L), True where there is no token, or None. wanted:
        bool (B, L), tokens whose latents alone are returned, (n N, latent), row by row.
        """
        front = torch.stack(context, dim=1)
        (batch, first), longest = front.shape[:2], ids.shape[1]
        times = batch // len(ids)
        empty, asked = (
            None if each is None else F.pad(each, (first, 0)).repeat(times, 1)
            for each in (padding, wanted)
        )
        layout = Layout.of(batch, first + longest, empty)
        if times == 1:
            tokens = self.input_process(F.embedding(ids, embeddings))
            sequence = torch.cat([front, self.position_enc(tokens)], dim=1)
            alike = None
        else:
            # A code at a place begins alike wherever it comes, whatever its context.
            keys = ids * longest + torch.arange(longest, device=ids.device)
            distinct, rows = keys.unique(return_inverse=True)
            tokens = self.input_process(F.embedding(distinct // longest, embeddings))
            tokens = tokens + self.position_enc.pe[distinct % longest, 0]
            sequence = torch.cat([front.flatten(0, 1), tokens])
            ahead = torch.arange(batch * first, device=ids.device).view(batch, first)
            alike = torch.cat([ahead, batch * first + rows.repeat(times, 1)], dim=1)
        out: Tensor = self.seqTransEncoder(sequence, layout, wanted=asked, alike=alike)
        return out[:, first:] if wanted is None else out

    @abstractmethod
    def batch_loss(
        self, batch: CodedMotions, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a training batch, and its parts for the log."""

    def drop_text(self, text: Tensor, generator: torch.Generator) -> Tensor:
        """Text (B, text_dim) with a share ``cond_drop`` of the rows set to zero in training."""
        if not self.training:
            return text
        drop = uniforms((len(text), 1), generator, text.device) < self.sizes.cond_drop
        return text.masked_fill(drop, 0.0)


class BaseLayerTransformer(TokenTransformer):
    """A masked transformer: from text to the codes of the first layer, whatever the backbone."""

    predicts_length = False
    """Whether it can find the length of a motion itself, asked for by a length of 0."""

    @abstractmethod
    def loss(
        self, codes: Tensor, lengths: Tensor, text: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of first-layer codes, and its parts for the log.

        codes: (B, L) int64, anything behind ``lengths`` (B,). text: (B, text_dim).
        """

    def batch_loss(
        self, batch: CodedMotions, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """:meth:`loss` of a training batch."""
        return self.loss(batch.codes[..., 0], batch.lengths, batch.text, generator)

    @abstractmethod
    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """How many uniform numbers a motion of this length takes, (draws, positions).

        A motion has no more tokens than positions.
        """

    @abstractmethod
    def sample(
        self, text: Tensor, lengths: Tensor, noise: Tensor | None, settings: Mapping[str, Any]
    ) -> tuple[Tensor, Tensor]:
        """First-layer codes (B, L) int64, -1 behind each end, and the lengths (B,) they have.

        text: (B, text_dim). lengths: (B,) in tokens, 0 for one that the model is to find. noise:
        uniforms in [0, 1), (B, draws, positions) as :meth:`draws` says, or more, or None for the
        most probable codes. settings: those that the backbone's SETTINGS name. Call in evaluation
        mode.
        """


def padding_of(lengths: Tensor, longest: int) -> Tensor:
    """Bool (B, longest), True behind the end of each sequence of ``lengths`` (B,)."""
    return torch.arange(longest, device=lengths.device) >= lengths.unsqueeze(1)


def twice(*tensors: Tensor) -> list[Tensor]:
    """Each tensor repeated along the batch: with text first, without text second."""
    return [torch.cat([each, each]) for each in tensors]


def guide(both: Tensor, scale: float) -> Tensor:
    """Classifier-free guidance of logits (2B, ...) whose second half saw no text."""
    told, blind = both.chunk(2)
    return blind + (told - blind) * scale
