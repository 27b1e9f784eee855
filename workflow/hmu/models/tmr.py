"""TMR: motions and texts as Gaussians in one space, where the angle says how well they match.

Petrovich et al. 2023 (TMR: Text-to-Motion Retrieval Using Contrastive 3D Human Motion Synthesis);
reference: Mathux/TMR, src/model. Names of the weights are the reference's. A decoder that rebuilds
motions from both sides is trained with the two encoders, and not kept.
"""

from collections.abc import Iterable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.models.blocks import Blocks, Positions
from hmu.models.linear import Linear
from hmu.models.packing import Packing, padding_of
from hmu.sections.tmr import TmrSizes

_LEARNED = 2
"""Tokens in front of each sequence, read out as mean and logarithm of the variance."""
_WEIGHTS = {"rebuilt": 1.0, "latent": 1e-5, "kl": 1e-5, "contrastive": 0.1}
"""Of the parts of the loss (configs/model/tmr.yaml)."""

Gaussian = tuple[Tensor, Tensor]
"""Means, and logarithms of the variances, (B, latent) each."""


class CaptionedMotions(Protocol):
    """A training batch: motions (B, T, features), zero behind their lengths (B,); the embeddings of
    their captions' tokens ``text`` (B, L, text_dim), with ``text_lengths`` (B,); and a unit vector
    for each caption, ``sentences`` (B, any), of which the products say how alike two are."""

    @property
    def motions(self) -> Tensor: ...
    @property
    def lengths(self) -> Tensor: ...
    @property
    def text(self) -> Tensor: ...
    @property
    def text_lengths(self) -> Tensor: ...
    @property
    def sentences(self) -> Tensor: ...


class Encoder(nn.Module):
    """Sequences to Gaussians (ACTORStyleEncoder of the reference, with ``vae``)."""

    def __init__(self, size: int, sizes: TmrSizes) -> None:
        super().__init__()
        self.projection = Linear(size, sizes.latent)
        self.tokens = nn.Parameter(torch.randn(_LEARNED, sizes.latent))
        self.sequence_pos_encoding = _positions(sizes)
        self.seqTransEncoder = Blocks(sizes)

    def forward(self, x: Tensor, lengths: Tensor) -> Gaussian:
        """Of sequences (B, S, size) of these lengths (B,), whatever they hold behind their ends."""
        tokens = self.tokens.expand(len(x), -1, -1)
        whole = self.sequence_pos_encoding(torch.cat([tokens, self.projection(x)], dim=1))
        padding = padding_of(lengths + _LEARNED, whole.shape[1])
        found = self.seqTransEncoder(whole, Packing.of(len(whole), whole.shape[1], padding))
        return found[:, 0], found[:, 1]


class Decoder(nn.Module):
    """Latents back to motions (ACTORStyleDecoder of the reference)."""

    def __init__(self, sizes: TmrSizes) -> None:
        super().__init__()
        self.sequence_pos_encoding = _positions(sizes)
        layer = nn.TransformerDecoderLayer(
            sizes.latent, sizes.heads, sizes.feedforward, sizes.dropout, "gelu", batch_first=True
        )
        self.seqTransDecoder = nn.TransformerDecoder(layer, sizes.layers)
        self.final_layer = nn.Linear(sizes.latent, sizes.features)

    def forward(self, latents: Tensor, padding: Tensor) -> Tensor:
        """(B, latent) to (B, T, features), zero where ``padding``, bool (B, T), is True."""
        steps = self.sequence_pos_encoding(latents.new_zeros(*padding.shape, latents.shape[1]))
        found = self.seqTransDecoder(steps, latents[:, None], tgt_key_padding_mask=padding)
        out: Tensor = self.final_layer(found).masked_fill(padding[..., None], 0.0)
        return out


class Tmr(nn.Module):
    """The two encoders."""

    def __init__(self, sizes: TmrSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.motion_encoder = Encoder(sizes.features, sizes)
        self.text_encoder = Encoder(sizes.text_dim, sizes)

    def embed_motion(self, motions: Tensor, lengths: Tensor) -> Tensor:
        """Means (B, latent) of normalised motions (B, T, features) of these lengths (B,)."""
        mean: Tensor = self.motion_encoder(motions, lengths)[0]
        return mean

    def embed_text(self, text: Tensor, lengths: Tensor) -> Tensor:
        """Means (B, latent) of texts, (B, L, text_dim) of these lengths (B,) in tokens."""
        mean: Tensor = self.text_encoder(text, lengths)[0]
        return mean


class Learner(Tmr):
    """The encoders in training, with the decoder beside them."""

    def __init__(self, sizes: TmrSizes, temperature: float, alike: float) -> None:
        super().__init__(sizes)
        self.motion_decoder = Decoder(sizes)
        self.temperature, self.alike = temperature, alike

    def encoders(self) -> Tmr:
        """What is kept."""
        kept = Tmr(self.sizes)
        kept.load_state_dict({name: self.state_dict()[name] for name in kept.state_dict()})
        return kept

    def batch_loss(
        self, batch: CaptionedMotions, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a training batch, and its parts (TMR.compute_loss of the reference).

        Motions are rebuilt from a latent drawn of either side; the Gaussians of a pair are to be
        alike, and like a standard one; and of a batch each text is to find its own motion, and the
        other way round (:func:`contrast`).
        """
        text = self.text_encoder(batch.text, batch.text_lengths)
        motion = self.motion_encoder(batch.motions, batch.lengths)
        said, moved = _drawn(text, generator), _drawn(motion, generator)
        padding = padding_of(batch.lengths, batch.motions.shape[1])
        rebuilt = [self.motion_decoder(each, padding) for each in (said, moved)]
        standard = torch.zeros_like(motion[0]), torch.zeros_like(motion[1])
        pairs = ((text, motion), (motion, text), (motion, standard), (text, standard))
        parts = {
            "rebuilt": _sum(F.smooth_l1_loss(each.float(), batch.motions) for each in rebuilt),
            "kl": _sum(divergence(*pair) for pair in pairs),
            "latent": F.smooth_l1_loss(said, moved),
            "contrastive": contrast(said, moved, batch.sentences, self.temperature, self.alike),
        }
        loss = _sum(_WEIGHTS[name] * each for name, each in parts.items())
        return loss, {name: each.detach() for name, each in parts.items()}


def divergence(one: Gaussian, other: Gaussian) -> Tensor:
    """The Kullback-Leibler divergence of Gaussians from others, mean over batch and values."""
    ratio = one[1] - other[1]
    apart = (other[0] - one[0]) ** 2 / other[1].exp()
    return 0.5 * (ratio.exp() + apart - 1 - ratio).mean()


def contrast(
    text: Tensor, motion: Tensor, sentences: Tensor, temperature: float, alike: float
) -> Tensor:
    """InfoNCE by cosines, both ways, of latents (B, latent) that belong together row by row.

    Other pairs whose captions are alike, ``sentences`` (B, D) being unit vectors of these, are no
    wrong answers: where half their cosine plus one half is above ``alike``, they do not count.
    """
    scores = F.normalize(text, dim=-1) @ F.normalize(motion, dim=-1).T / temperature
    near = sentences @ sentences.T > 2 * alike - 1
    scores = scores.masked_fill(near.fill_diagonal_(False), -torch.inf)
    own = torch.arange(len(scores), device=scores.device)
    return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2


def _sum(parts: Iterable[Tensor]) -> Tensor:
    return torch.stack([*parts]).sum()


def _drawn(gaussian: Gaussian, generator: torch.Generator) -> Tensor:
    mean, logarithm = (each.float() for each in gaussian)
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + noise * (logarithm / 2).exp()


def _positions(sizes: TmrSizes) -> Positions:
    """Positions whose table is not among the weights: the reference's files have none."""
    positions = Positions(sizes.latent, sizes.dropout)
    positions.register_buffer("pe", positions.pe, persistent=False)
    return positions
