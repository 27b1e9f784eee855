"""The transformer that the masked models of every backbone and the residual model share.

Tokens of a motion, preceded by a few context tokens (the text, the quantiser layer), go through the
blocks. Dropout draws from torch's own generator: the training loop forks and seeds it for each
step, which makes training repeatable.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.interface.backbones import Predictions
from hmu.models.blocks import Blocks, InputProjection, OutputProjection, Positions
from hmu.models.linear import Linear
from hmu.models.packing import Packing
from hmu.models.sampling import uniforms
from hmu.sections.transformer import TransformerSizes


class CodedMotions(Protocol):
    """A training batch: codes int64 (B, L, quantizers), lengths (B,), text (B, text_dim)."""

    @property
    def codes(self) -> Tensor: ...
    @property
    def lengths(self) -> Tensor: ...
    @property
    def text(self) -> Tensor: ...


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

    def attend(
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
        packing = Packing.of(batch, first + longest, empty)
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
        out: Tensor = self.seqTransEncoder(sequence, packing, wanted=asked, alike=alike)
        return out[:, first:] if wanted is None else out

    @abstractmethod
    def predict(
        self, codes: Tensor, lengths: Tensor, text: Tensor, generator: torch.Generator
    ) -> Predictions:
        """As :meth:`hmu.interface.backbones.Transformer.predict`."""

    def mean(self, predictions: Predictions) -> Tensor:
        """The cross-entropy of predictions."""
        return F.cross_entropy(predictions.scores, predictions.targets)

    def loss(
        self, codes: Tensor, lengths: Tensor, text: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of what :meth:`predict` takes, and the accuracy for the log."""
        found = self.predict(codes, lengths, text, generator)
        hits = found.scores.detach().argmax(-1) == found.targets
        return self.mean(found), {"accuracy": hits.float().mean()}

    def batch_loss(
        self, batch: CodedMotions, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """:meth:`loss` of a training batch."""
        return self.loss(batch.codes, batch.lengths, batch.text, generator)

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
    def latents(
        self,
        ids: Tensor,
        text: Tensor,
        padding: Tensor | None = None,
        hidden: Tensor | None = None,
    ) -> Tensor:
        """As :meth:`hmu.interface.backbones.FirstLayer.latents`."""

    def scores(
        self,
        ids: Tensor,
        text: Tensor,
        padding: Tensor | None = None,
        hidden: Tensor | None = None,
    ) -> Tensor:
        """As :meth:`hmu.interface.backbones.FirstLayer.scores`."""
        out: Tensor = self.output_process(self.latents(ids, text, padding, hidden))
        return out

    @abstractmethod
    def visited(
        self,
        text: Tensor,
        lengths: Tensor,
        noise: Tensor,
        settings: Mapping[str, Any],
        when: float,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As :meth:`hmu.interface.backbones.FirstLayer.visited`."""

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
