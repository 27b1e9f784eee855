"""MoMask: first-layer codes from text by repeated unmasking."""

import itertools
import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from hmu.interface.backbones import Predictions
from hmu.models.guidance import guide
from hmu.models.packing import padding_of
from hmu.models.sampling import choose, uniforms
from hmu.models.transformer import BaseLayerTransformer
from hmu.sections.transformer import TransformerSizes

_SETTLED = 1e5
"""Score of a token that is not masked again: above any probability."""


def schedule(time: Tensor) -> Tensor:
    """Share of tokens masked at ``time`` from 0 (all) to 1 (none): a quarter of a cosine."""
    return torch.cos(time * math.pi * 0.5)


class MaskedTransformer(BaseLayerTransformer):
    """Predicts masked first-layer codes. Token ``codes`` is the mask, ``codes + 1`` padding."""

    def __init__(self, sizes: TransformerSizes) -> None:
        super().__init__(sizes, sizes.codes)
        self.mask_id, self.pad_id = sizes.codes, sizes.codes + 1
        self.token_emb = nn.Embedding(sizes.codes + 2, sizes.code_dim)
        self.initialise()

    def latents(
        self,
        ids: Tensor,
        text: Tensor,
        padding: Tensor | None = None,
        hidden: Tensor | None = None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """As the contract has it; what is ``hidden`` shows the mask. None: ``ids`` show it already.

        ``text`` may be n texts a motion, (n B, text_dim); the latents are then (n B, L, latent).
        With ``wanted`` (B, L), those of the tokens that it says, (n N, latent).
        """
        shown = ids if hidden is None else ids.masked_fill(hidden, self.mask_id)
        if padding is not None:
            shown = shown.masked_fill(padding, self.pad_id)
        return self.attend(self.token_emb.weight, shown, [self.cond_emb(text)], padding, wanted)

    def guided(
        self,
        ids: Tensor,
        text: Tensor,
        padding: Tensor,
        scale: float,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Scores with guidance, (B, L, codes): both passes in one batch; scale 1 needs one.

        With ``wanted`` (B, L), those at the positions that it says, (N, codes).
        """
        seen = text if scale == 1 else torch.cat([text, torch.zeros_like(text)])
        latents = self.latents(ids, seen, padding, wanted=wanted)
        out: Tensor = self.output_process(latents, None if scale == 1 else scale)
        return out

    def opening(self, text: Tensor, lengths: Tensor, scale: float) -> Tensor:
        """What :meth:`guided` gives where all is masked, (B, L, codes).

        That depends on text and length alone, and without the text on the length alone: draws and
        repeats of a caption share the first, motions of a length the second.
        """

        def scores(lengths: Tensor, text: Tensor) -> Tensor:
            padding = padding_of(lengths, longest)
            return self.scores(torch.where(padding, self.pad_id, self.mask_id), text, padding)

        longest = int(lengths.max())
        asked = torch.cat([lengths.unsqueeze(1).to(text.dtype), text], dim=1)
        distinct, rows = asked.unique(dim=0, return_inverse=True)
        told = scores(distinct[:, 0].long(), distinct[:, 1:])[rows]
        if scale == 1:
            return told
        distinct, rows = lengths.unique(return_inverse=True)
        blind = scores(distinct, text.new_zeros(len(distinct), text.shape[1]))[rows]
        return guide(torch.cat([told, blind]), scale)

    def predict(
        self, codes: Tensor, lengths: Tensor, text: Tensor, generator: torch.Generator
    ) -> Predictions:
        """A random share of the positions of the first layer.

        The share is of all positions (cosine schedule, padding included, as in the reference); of
        those asked for, 10% show a random code, 79% the mask, 11% the truth.
        """
        codes = codes[..., 0]
        device, shape = codes.device, (codes.shape[0], codes.shape[1])
        padding = padding_of(lengths, shape[1])
        ids = codes.masked_fill(padding, self.pad_id)
        share = schedule(uniforms((shape[0],), generator, device))
        count = (shape[1] * share).round().clamp_min(1).unsqueeze(1)
        order = uniforms(shape, generator, device).argsort(dim=-1, stable=True)
        asked = (order < count) & ~padding
        wrong = uniforms(shape, generator, device) < 0.1
        hidden = uniforms(shape, generator, device) < 0.88
        random = (uniforms(shape, generator, device) * self.sizes.codes).long()
        shown = torch.where(asked & wrong, random, ids)
        shown = shown.masked_fill(asked & ~wrong & hidden, self.mask_id)
        latents = self.latents(shown, self.drop_text(text, generator), padding, wanted=asked)
        motions = asked.nonzero()[:, 0]
        layers = torch.zeros_like(motions)
        return Predictions(self.output_process(latents), ids[asked], motions, layers)

    def draws(self, tokens: int, settings: Mapping[str, Any]) -> tuple[int, int]:
        """One number for each position in each of the ``steps``."""
        return settings["steps"], tokens

    @torch.no_grad()
    def sample(
        self, text: Tensor, lengths: Tensor, noise: Tensor | None, settings: Mapping[str, Any]
    ) -> tuple[Tensor, Tensor]:
        """Codes of the given lengths: ``steps`` times, the least certain ones are drawn again.

        ``keep`` is the share of codes among which is drawn (the reference's topkr 0.9 means 0.1).
        Only masked tokens are scored. A motion that looks the same as in the step before keeps its
        scores: in short ones the number of masked tokens often stays.
        """
        _, _, ids = deque(self._unmasking(text, lengths, noise, settings), maxlen=1).pop()
        return ids.masked_fill(padding_of(lengths, ids.shape[1]), -1), lengths

    @torch.no_grad()
    def visited(
        self,
        text: Tensor,
        lengths: Tensor,
        noise: Tensor,
        settings: Mapping[str, Any],
        when: float,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As the contract has it: what a step of unmasking is shown, and what it draws."""
        step = int(when * settings["steps"])
        steps = self._unmasking(text, lengths, noise, settings)
        shown, hidden, _ = next(itertools.islice(steps, step, None))
        return shown, padding_of(lengths, shown.shape[1]), hidden

    def _unmasking(
        self, text: Tensor, lengths: Tensor, noise: Tensor | None, settings: Mapping[str, Any]
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Step by step: the tokens (B, L) that it is shown, which of them are masked, and the
        tokens after it."""
        longest, steps = int(lengths.max()), settings["steps"]
        padding = padding_of(lengths, longest)
        ids = torch.where(padding, self.pad_id, self.mask_id)
        logits = self.opening(text, lengths, settings["guidance"])
        certainty, shown = torch.where(padding, _SETTLED, 0.0), ids
        for step, time in enumerate(torch.linspace(0, 1, steps, device=text.device)):
            count = torch.round(schedule(time) * lengths).clamp_min(1).unsqueeze(1)
            masked = certainty.argsort(dim=1, stable=True).argsort(dim=1) < count
            before, shown = shown, ids.masked_fill(masked, self.mask_id)
            new = (shown != before).any(1)
            if bool(new.any()):
                wanted = masked & new.unsqueeze(1)
                logits[wanted] = self.guided(
                    shown[new], text[new], padding[new], settings["guidance"], wanted[new]
                )
            scores = logits[masked]
            uniform = None if noise is None else noise[:, step, :longest][masked]
            drawn = choose(scores, uniform, settings["temperature"], settings["keep"])
            ids = shown.masked_scatter(masked, drawn)
            sure = scores.float().softmax(-1).gather(-1, drawn.unsqueeze(-1)).squeeze(-1)
            certainty = torch.full_like(certainty, _SETTLED).masked_scatter(masked, sure)
            yield shown, masked, ids
