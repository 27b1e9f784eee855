"""BAMM: first-layer codes from text, written in order, then the first half rewritten.

Pinyoanuntapong et al., "BAMM: Bidirectional Autoregressive Motion Model" (ECCV 2024); reference:
exitudio/BAMM, models/mask_transformer/transformer.py. What differs from MoMask:

- each position predicts the next token, from the text on; the end of a motion is a token too, so
  that the model finds the length;
- attention is causal among the tokens to be written, while all see the given ones, and these see
  one another;
- generation writes the motion from left to right, then its first half once more, with the second
  half and the end given;
- the text has a position, like a token.

A written token never changes what was computed for those before it, nor for the given ones. So
their keys and values are kept, and a token costs one position of one pass. The reference goes on to
write over the given half as well, and then puts it back; that work has no effect and is left out.
Which half it rewrites, it leaves to how its sort orders equal scores; here, as with a stable
sort, it is the first.
"""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.interface.backbones import Predictions
from hmu.models.guidance import twice
from hmu.models.packing import Packing, padding_of
from hmu.models.sampling import choose, uniforms
from hmu.models.transformer import BaseLayerTransformer
from hmu.sections.transformer import TransformerSizes

_LEAVE_BELOW = 0.75
"""Finished sequences leave the batch when fewer than this share of it goes on: leaving copies."""


def sight(given: Tensor) -> Tensor:
    """What each token sees, bool (B, S, S), when those of ``given`` (B, S) are given."""
    ones = torch.ones(given.shape[1], given.shape[1], dtype=torch.bool, device=given.device)
    return given.unsqueeze(1) | (ones.tril() & ~given.unsqueeze(2))


class MaskedTransformer(BaseLayerTransformer):
    """Predicts the next first-layer code. Token ``codes`` is the end, ``codes + 1`` padding.

    The reference also has a mask, ``codes + 2``, which nothing uses.
    """

    predicts_length = True

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__(sizes, sizes.codes + 1)
        self.end_id, self.pad_id = sizes.codes, sizes.codes + 1
        self.token_emb = nn.Embedding(sizes.codes + 3, sizes.code_dim)
        self.initialise()

    def embed(self, ids: Tensor, text: Tensor) -> Tensor:
        """What the blocks read, (B, 1 + L, latent): the text, then tokens ``ids`` (B, L)."""
        tokens = self.input_process(self.token_emb(ids))
        sequence = torch.cat([self.cond_emb(text).unsqueeze(1), tokens], dim=1)
        out: Tensor = self.position_enc(sequence)
        return out

    def latents(
        self,
        ids: Tensor,
        text: Tensor,
        padding: Tensor | None = None,
        hidden: Tensor | None = None,
    ) -> Tensor:
        """As the contract has it; what is not ``hidden`` is given. None: all is written in order.

        The latent of a position is that of the token before it, the first one's that of the text.
        The end is a token of ``ids`` like the codes, and has a score, the last.
        """
        known = torch.zeros_like(ids, dtype=torch.bool) if hidden is None else ~hidden
        if padding is not None:
            ids, known = ids.masked_fill(padding, self.pad_id), known & ~padding
        known = F.pad(known, (1, 0), value=True)  # the text
        empty = None if padding is None else F.pad(padding, (1, 0))
        packing = Packing.of(known.shape[0], known.shape[1], empty, sight(known))
        out: Tensor = self.seqTransEncoder(self.embed(ids, text), packing)
        return out[:, :-1]

    def predict(
        self, codes: Tensor, lengths: Tensor, text: Tensor, generator: torch.Generator
    ) -> Predictions:
        """Every token of the first layer and the end.

        In half of the batches a share of the tokens, up to a half, is given; in all of them a share
        of the codes read, up to a half, is random.
        """
        codes = codes[..., 0]
        shape = (codes.shape[0], codes.shape[1] + 1)
        place = torch.arange(shape[1], device=codes.device)
        last = lengths.unsqueeze(1)
        ids = F.pad(codes, (0, 1)).masked_fill(place >= last, self.end_id)
        padding = place > last
        ids = ids.masked_fill(padding, self.pad_id)
        some, share, wrong = uniforms((3,), generator, codes.device)
        share = torch.where(some < 0.5, share * 0.5, 0.0)
        hidden = uniforms(shape, generator, codes.device) >= share
        noisy = (uniforms(shape, generator, codes.device) < wrong * 0.5) & (place < last)
        random = (uniforms(shape, generator, codes.device) * self.sizes.codes).long()
        shown = torch.where(noisy, random, ids)
        latents = self.latents(shown, self.drop_text(text, generator), padding, hidden)
        motions = (~padding).nonzero()[:, 0]
        scores, layers = self.output_process(latents[~padding]), torch.zeros_like(motions)
        return Predictions(scores, ids[~padding], motions, layers)

    def mean(self, predictions: Predictions) -> Tensor:
        """The cross-entropy in which each motion has the same weight."""
        scores, targets, motions = predictions.scores, predictions.targets, predictions.motions
        tokens = motions.bincount()
        weights = (1 / tokens)[motions] / len(tokens)
        return (F.cross_entropy(scores, targets, reduction="none") * weights).sum()

    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """One number for each position in each of the two passes."""
        return 2, tokens or settings["longest"]

    @torch.no_grad()
    def sample(
        self, text: Tensor, lengths: Tensor, noise: Tensor | None, settings: Mapping[str, Any]
    ) -> tuple[Tensor, Tensor]:
        """The motion in order, up to its end; then its first half once more.

        ``refinement_guidance`` is the guidance of the second pass. A motion that has not found its
        end is ``longest`` tokens long (`TokenizerSizes.longest`: 49 of 4 frames, as in the
        reference). Codes are drawn from all of them, as there.
        """
        first, second = (None, None) if noise is None else (noise[:, 0], noise[:, 1])
        ids, lengths = self._in_order(text, lengths, first, settings)
        ids, _ = self._refined(ids, lengths, text, second, settings)
        longest = int(lengths.max())
        return ids[:, :longest].masked_fill(padding_of(lengths, longest), -1), lengths

    @torch.no_grad()
    def visited(
        self,
        text: Tensor,
        lengths: Tensor,
        noise: Tensor,
        settings: Mapping[str, Any],
        when: float,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As the contract has it: in the first half of the way what is written in order so far,
        behind the text; in the second the whole motion and its end, of which the last half is
        given. The end is a position too."""
        ids, lengths = self._in_order(text, lengths, noise[:, 0], settings)
        written, hidden = lengths + 1, torch.ones_like(ids, dtype=torch.bool)
        if when < 0.5:
            written = (2 * when * written).long() + 1
        else:
            ids, given = self._refined(ids, lengths, text, noise[:, 1], settings)
            hidden = ~given
        longest = int(written.max())
        return ids[:, :longest], padding_of(written, longest), hidden[:, :longest]

    def _in_order(
        self, text: Tensor, lengths: Tensor, noise: Tensor | None, settings: Mapping[str, Any]
    ) -> tuple[Tensor, Tensor]:
        """The first pass: tokens (B, longest + 1) with the end and padding, and the lengths."""
        free = lengths == 0
        until = lengths.masked_fill(free, settings["longest"])
        # As wide in every batch: how attention adds up follows how many keys there are.
        ids = torch.full((len(text), settings["longest"] + 1), self.pad_id, device=text.device)
        given = torch.zeros_like(ids, dtype=torch.bool)
        scale, temperature = settings["guidance"], settings["temperature"]
        ids = self._write(ids, given, text, until, noise, scale, temperature, free)
        # The end, or the padding behind the last place; a motion has one token at least.
        lengths = (ids[:, 1:] >= self.end_id).int().argmax(1) + 1
        return ids.scatter(1, lengths.unsqueeze(1), self.end_id), lengths

    def _refined(
        self,
        ids: Tensor,
        lengths: Tensor,
        text: Tensor,
        noise: Tensor | None,
        settings: Mapping[str, Any],
    ) -> tuple[Tensor, Tensor]:
        """The second pass: the tokens with their first half rewritten, and which were given."""
        width = ids.shape[1]
        half = torch.round(0.5 * lengths).clamp_min(1).long()
        given = padding_of(half, width) & ~padding_of(lengths + 1, width)  # from half to the end
        scale, temperature = settings["refinement_guidance"], settings["temperature"]
        free = torch.zeros_like(lengths, dtype=torch.bool)
        ids = self._write(ids, given, text, half, noise, scale, temperature, free)
        return ids, given

    def _write(
        self,
        ids: Tensor,
        given: Tensor,
        text: Tensor,
        until: Tensor,
        noise: Tensor | None,
        scale: float,
        temperature: float,
        free: Tensor,
    ) -> Tensor:
        """Tokens (B, L) like ``ids`` with the first ``until`` (B,) written, in order.

        ``given`` (B, L) are the tokens of ``ids`` that all see. A sequence that is ``free`` (B,)
        ends earlier with the end token. noise: (B, until or more).
        """
        ids, rows = ids.clone(), torch.arange(len(ids), device=ids.device)
        known = F.pad(given, (1, 0))
        known[:, 0] = True
        reach = known.shape[1] if bool(given.any()) else 1
        both_known, both_ids = twice(known, ids)
        x = self.embed(both_ids, torch.cat([text, torch.zeros_like(text)]))[:, :reach]
        memory = self.seqTransEncoder.memory(len(x), known.shape[1], x)
        at_first = both_known[:, :reach]
        packing = Packing.of(len(x), reach, ~at_first, at_first.unsqueeze(1))
        last = self.seqTransEncoder(x, packing, memory)[:, 0]
        going = torch.ones_like(rows, dtype=torch.bool)
        for place in range(int(until.max())):
            scores = self.output_process(last, scale)
            scores[:, self.end_id].masked_fill_(~free[rows], -torch.inf)
            uniform = None if noise is None else noise[rows, place]
            drawn = choose(scores, uniform, temperature, 1.0)
            ids[rows[going], place] = drawn[going]
            going = going & (drawn != self.end_id) & (until[rows] > place + 1)
            count = int(going.sum())
            if count == 0:
                break
            if count < _LEAVE_BELOW * len(rows):
                memory = memory[:, :, torch.cat([going, going])]
                rows, drawn, going = rows[going], drawn[going], going[going]
            last = self._read(drawn, place + 1, memory, known[rows, :reach])
        return ids

    def _read(self, drawn: Tensor, place: int, memory: Tensor, known: Tensor) -> Tensor:
        """Latents (2B, latent) of tokens ``drawn`` (B,) at ``place``, with text and without.

        ``known``: bool (B, S), the positions of the memory that are given; S is 1 where only the
        text is.
        """
        x = self.input_process(self.token_emb(torch.cat([drawn, drawn]).unsqueeze(1)))
        keys, visible = max(place + 1, known.shape[1]), None
        if keys > place + 1:  # else all that is remembered was written before, or is the text
            written = torch.arange(keys, device=known.device) <= place
            (seen,) = twice(known | written)
            visible = seen[:, None, None]
        packing = Packing(len(x), 1, visible=visible, start=place, keys=keys)
        out: Tensor = self.seqTransEncoder(self.position_enc(x, place), packing, memory)
        return out[:, 0]
