"""The residual transformer: the codes of layer q from those of the layers before it (MoMask)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.interface.backbones import Predictions
from hmu.models.linear import Linear, linear
from hmu.models.packing import padding_of
from hmu.models.sampling import choose, uniforms
from hmu.models.transformer import TokenTransformer
from hmu.sections.transformer import ResidualSizes


class ResidualTransformer(TokenTransformer):
    """Predicts the codes of layers 1 to ``quantizers - 1``. Token ``codes`` is padding.

    Each layer has a table of embeddings (of the codes that it reads) and one of projections (to
    the codes that it predicts). With ``share_weight`` a layer's projections are the embeddings
    of the next, and there are no biases; without, the reference doubles the product before it
    adds the bias (``output += output + bias``), and so do we.
    """

    sizes: ResidualSizes

    def __init__(self, sizes: ResidualSizes) -> None:
        super().__init__(sizes, sizes.code_dim)
        self.pad_id = sizes.codes
        self.quant_emb = Linear(sizes.quantizers, sizes.latent)
        layers = sizes.quantizers - 1

        def table(count: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(count, sizes.codes + 1, sizes.code_dim) * 0.02)

        if sizes.share_weight:
            self.embed_proj_shared_weight = table(layers - 1)
            self.token_embed_weight_ = table(1)
            self.output_proj_weight_ = table(1)
        else:
            self.output_proj_weight = table(layers)
            self.output_proj_bias = nn.Parameter(torch.zeros(sizes.quantizers, sizes.codes + 1))
            self.token_embed_weight = table(layers)
        self.initialise()

    def _embeddings(self, layer: int) -> Tensor:
        """Table (codes + 1, code_dim) of the codes of ``layer``, counted from 0."""
        if not self.sizes.share_weight:
            return self.token_embed_weight[layer]
        first = layer == 0
        return self.token_embed_weight_[0] if first else self.embed_proj_shared_weight[layer - 1]

    def project(self, x: Tensor, layer: int) -> Tensor:
        """Scores (..., codes + 1) of the codes of ``layer`` (1 or more), x: (..., code_dim)."""
        if not self.sizes.share_weight:
            output = linear(x, self.output_proj_weight[layer - 1])
            return output + output + self.output_proj_bias[layer - 1]
        last = layer == self.sizes.quantizers - 1
        shared = self.embed_proj_shared_weight
        return linear(x, self.output_proj_weight_[0] if last else shared[layer - 1])

    def embed(self, ids: Tensor, layer: int) -> Tensor:
        """Embeddings (..., code_dim) of codes ``ids`` of ``layer``."""
        return F.embedding(ids, self._embeddings(layer))

    def latents(
        self, codes: Tensor, text: Tensor, layer: int | Tensor, padding: Tensor | None = None
    ) -> Tensor:
        """As the contract has it; ``layer`` may also be one a motion, int64 (B,)."""
        if padding is not None:
            codes = codes.masked_fill(padding.unsqueeze(-1), self.pad_id)
        layers = torch.as_tensor(layer, device=codes.device).expand(len(codes))
        history = self.embed(codes[..., 0], 0)
        for before in range(1, int(layers.max())):
            rows = (layers > before).nonzero().squeeze(1)
            history = history.index_add(0, rows, self.embed(codes[rows, :, before], before))
        return self._continue(history, layers, text, padding)

    def scores(
        self, codes: Tensor, text: Tensor, layer: int, padding: Tensor | None = None
    ) -> Tensor:
        """As the contract has it; the last of the codes + 1 scores is that of padding."""
        latents = self.latents(codes, text, layer, padding)
        return self.project(self.output_process(latents), layer)

    def _continue(
        self,
        history: Tensor,
        layers: Tensor,
        text: Tensor,
        padding: Tensor | None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Latents (n B, L, latent) of the tokens whose codes of ``layers`` (B,) are asked for.

        history: sum of the embeddings of the layers before (B, L, code_dim). text: (n B, text_dim).
        With ``wanted`` (B, L), latents of the tokens that it says, (n N, latent).
        """
        which = F.one_hot(layers, self.sizes.quantizers).to(text.dtype)
        which = which.repeat(len(text) // len(layers), 1)
        context = [self.cond_emb(text), self.quant_emb(which)]
        rows = torch.arange(history[..., 0].numel(), device=history.device)
        rows = rows.view(history.shape[:2])
        return self.attend(history.flatten(0, 1), rows, context, padding, wanted)

    def guided(
        self,
        history: Tensor,
        layer: int,
        text: Tensor,
        padding: Tensor,
        scale: float,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Scores with guidance, (B, L, codes + 1): both passes in one batch; scale 1 needs one.

        history: sum of the embeddings of the layers before, (B, L, code_dim). With ``wanted``
        (B, L), scores at the positions that it says, (N, codes + 1).
        """
        layers = torch.full((len(text),), layer, dtype=torch.long, device=text.device)
        seen = text if scale == 1 else torch.cat([text, torch.zeros_like(text)])
        latents = self._continue(history, layers, seen, padding, wanted)
        return self.project(self.output_process(latents, None if scale == 1 else scale), layer)

    def predict(
        self, codes: Tensor, lengths: Tensor, text: Tensor, generator: torch.Generator
    ) -> Predictions:
        """The codes of one layer a motion, drawn with more weight on early ones."""
        padding = padding_of(lengths, codes.shape[1])
        ids = codes.masked_fill(padding.unsqueeze(-1), self.pad_id)
        time = uniforms((len(codes),), generator, codes.device)
        spread = (1 - torch.cos(time * math.pi * 0.5)) * (self.sizes.quantizers - 2)
        layers = spread.round().long() + 1
        latents = self.latents(codes, self.drop_text(text, generator), layers, padding)
        scores, targets, motions = [], [], []
        for layer in sorted(set(layers.tolist())):
            chosen = (layers == layer).unsqueeze(1) & ~padding
            scores.append(self.project(self.output_process(latents[chosen]), layer))
            targets.append(ids[..., layer][chosen])
            motions.append(chosen.nonzero()[:, 0])
        rows = torch.cat(motions)
        return Predictions(torch.cat(scores), torch.cat(targets), rows, layers[rows])

    @torch.no_grad()
    def generate(
        self,
        first: Tensor,
        text: Tensor,
        lengths: Tensor,
        noise: Tensor | None,
        scale: float,
        temperature: float,
        keep: float,
    ) -> Tensor:
        """Codes (B, L, quantizers) int64 that complete ``first`` (B, L), -1 behind ``lengths``.

        noise: uniforms in [0, 1), (B, quantizers - 1, L or more), or None for the most probable
        codes. A layer may also answer "no code" (-1) where the model says padding, as in the
        reference. Call in evaluation mode.
        """
        padding = padding_of(lengths, first.shape[1])
        present = ~padding
        ids = first.masked_fill(padding, self.pad_id)
        found, history = [ids], torch.zeros((), device=first.device)
        for layer in range(1, self.sizes.quantizers):
            history = history + self.embed(ids, layer - 1)
            scores = self.guided(history, layer, text, padding, scale, present)
            uniform = None if noise is None else noise[:, layer - 1, : first.shape[1]][present]
            drawn = choose(scores, uniform, temperature, keep)
            ids = ids.masked_scatter(present, drawn)
            found.append(ids)
        codes = torch.stack(found, dim=-1)
        return codes.masked_fill(codes == self.pad_id, -1)
