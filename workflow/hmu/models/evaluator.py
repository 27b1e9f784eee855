"""The evaluator: motions and texts in one space, where distance says how well they match.

As in text-to-motion (networks/modules.py and trainers.py): a movement autoencoder turns four
frames into one vector; its encoder serves the evaluator, whose two recurrent encoders embed
movements and words. The evaluator's weights are grouped as ``movement_encoder.*``,
``text_encoder.*`` and ``motion_encoder.*``, as in the official file.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from hmu.models.convolution import FoldConvTranspose1d, UnfoldConv1d
from hmu.models.dropout import Dropout
from hmu.sections.evaluator import CONTACTS, EvaluatorSizes, MatchingTraining

FRAMES_PER_MOVEMENT = 4
_MARGIN = MatchingTraining().margin


class MatchedPairs(Protocol):
    """A training batch: motions (B, T, features), words (B, L, word_dim) with their parts of
    speech ``tags`` (B, L, pos_dim), and the lengths (B,) of both."""

    @property
    def motions(self) -> Tensor: ...
    @property
    def lengths(self) -> Tensor: ...
    @property
    def words(self) -> Tensor: ...
    @property
    def tags(self) -> Tensor: ...
    @property
    def text_lengths(self) -> Tensor: ...


class MovementEncoder(nn.Module):
    """(B, T, size) to movements (B, T / 4, out)."""

    def __init__(self, size: int, hidden: int, out: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            UnfoldConv1d(size, hidden, 4, 2, 1),
            Dropout(0.2),
            nn.LeakyReLU(0.2),
            UnfoldConv1d(hidden, out, 4, 2, 1),
            Dropout(0.2),
            nn.LeakyReLU(0.2),
        )
        self.out_net = nn.Linear(out, out)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out_net(self.main(x))
        return out


class MovementDecoder(nn.Module):
    """Movements (B, L, size) to (B, 4 L, out)."""

    def __init__(self, size: int, hidden: int, out: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            FoldConvTranspose1d(size, hidden, 4, 2, 1),
            nn.LeakyReLU(0.2),
            FoldConvTranspose1d(hidden, out, 4, 2, 1),
            nn.LeakyReLU(0.2),
        )
        self.out_net = nn.Linear(out, out)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out_net(self.main(x))
        return out


class MovementAutoencoder(nn.Module):
    """Learns movements by rebuilding windows from them; only its encoder is kept."""

    def __init__(self, sizes: EvaluatorSizes) -> None:
        super().__init__()
        self.encoder = MovementEncoder(
            sizes.features - CONTACTS, sizes.movement_hidden, sizes.movement_latent
        )
        self.decoder = MovementDecoder(sizes.movement_latent, sizes.movement_hidden, sizes.features)
        _initialise(self)

    def loss(
        self, motions: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss of windows (B, T, features), T a multiple of 4; nothing is drawn from ``generator``.

        L1 of the reconstruction, plus 0.001 of the movements' size and of their change
        (text-to-motion, networks/trainers.py, DecompTrainerV3).
        """
        movements = self.encoder(motions[..., :-CONTACTS])
        rebuilt = F.l1_loss(self.decoder(movements), motions)
        size = movements.abs().mean()
        change = F.l1_loss(movements[:, 1:], movements[:, :-1])
        return rebuilt + 0.001 * size + 0.001 * change, {"reconstruction": rebuilt.detach()}


class SequenceEncoder(nn.Module):
    """A bidirectional GRU over sequences of their own length; its two last states are read out."""

    def __init__(self, size: int, hidden: int, out: int) -> None:
        super().__init__()
        self.input_emb = nn.Linear(size, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True, bidirectional=True)
        self.output_net = nn.Sequential(
            nn.Linear(hidden * 2, hidden),
            nn.LayerNorm(hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, out),
        )
        self.hidden = nn.Parameter(torch.randn(2, 1, hidden))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, L, size) with ``lengths`` (B,), at least 1, to (B, out)."""
        packed = pack_padded_sequence(
            self.input_emb(x), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        start = self.hidden.expand(-1, len(x), -1).contiguous()
        _, last = self.gru(packed, start)
        out: Tensor = self.output_net(torch.cat([last[0], last[1]], dim=-1))
        return out


class TextEncoder(SequenceEncoder):
    """Word vectors, to which an embedding of the part of speech is added, to one vector."""

    def __init__(self, sizes: EvaluatorSizes) -> None:
        super().__init__(sizes.word_dim, sizes.text_hidden, sizes.embedding)
        self.pos_emb = nn.Linear(sizes.pos_dim, sizes.word_dim)

    def embed(self, words: Tensor, pos: Tensor, lengths: Tensor) -> Tensor:
        """words (B, L, word_dim), pos one-hot (B, L, pos_dim), lengths (B,) to (B, embedding)."""
        out: Tensor = self(words + self.pos_emb(pos), lengths)
        return out


class Evaluator(nn.Module):
    """Embeds motions and texts. The movement encoder comes from a trained autoencoder."""

    def __init__(self, sizes: EvaluatorSizes) -> None:
        super().__init__()
        self.sizes = sizes
        seen, latent = sizes.features - CONTACTS, sizes.movement_latent
        self.movement_encoder = MovementEncoder(seen, sizes.movement_hidden, latent)
        self.text_encoder = TextEncoder(sizes)
        self.motion_encoder = SequenceEncoder(latent, sizes.motion_hidden, sizes.embedding)
        _initialise(self)

    def movements(self, motions: Tensor) -> Tensor:
        """Movements (B, frames / 4, latent) of motions (B, T, features), T at most ``frames``.

        Shorter batches get the zeros that the reference pads with, only as many as can be seen.
        """
        length = motions.shape[1]
        missing = min(self.sizes.frames, length + 2 * FRAMES_PER_MOVEMENT) - length
        padded = F.pad(motions, (0, 0, 0, max(0, missing)))
        out: Tensor = self.movement_encoder(padded[..., :-CONTACTS])
        return out

    def embed_motion(self, motions: Tensor, lengths: Tensor) -> Tensor:
        """Embeddings (B, embedding) of normalised motions (B, T, features).

        lengths: (B,) in frames, at least 4. Frames behind a motion's end should be zero, as the
        reference pads them: the last movement sees up to three of them.
        """
        out: Tensor = self.motion_encoder(self.movements(motions), lengths // FRAMES_PER_MOVEMENT)
        return out

    def embed_text(self, words: Tensor, pos: Tensor, lengths: Tensor) -> Tensor:
        """Embeddings (B, embedding) of word vectors (B, 22, 300), parts of speech (B, 22, 15)."""
        return self.text_encoder.embed(words, pos, lengths)

    def batch_loss(
        self, batch: MatchedPairs, generator: torch.Generator, margin: float = _MARGIN
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """:meth:`matching_loss` of a training batch, its negatives a random shift away.

        The movement encoder is trained already: it neither learns nor drops out (text-to-motion,
        networks/trainers.py, TextMotionMatchTrainer, which may also draw the pairs themselves).
        """
        self.movement_encoder.eval()
        motion = self.embed_motion(batch.motions, batch.lengths)
        text = self.embed_text(batch.words, batch.tags, batch.text_lengths)
        drawn = torch.rand((), generator=generator, device=generator.device).item()
        shift = 1 + int(drawn * (len(text) - 1))
        return self.matching_loss(text.float(), motion.float(), shift, margin)

    def matching_loss(
        self, text: Tensor, motion: Tensor, shift: int, margin: float = _MARGIN
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Contrastive loss of embeddings (B, embedding) that belong together row by row.

        Pairs are pulled together; each text is pushed from the motion ``shift`` rows further on
        (0 < shift < B for true negatives) until ``margin`` lies between them.
        """
        near = F.pairwise_distance(text, motion)
        far = F.pairwise_distance(text, motion.roll(-shift, 0))
        pull, push = (near**2).mean(), ((margin - far).clamp_min(0) ** 2).mean()
        return pull + push, {"positive": pull.detach(), "negative": push.detach()}


def _initialise(module: nn.Module) -> None:
    """The reference's start: Xavier's normal weights, biases zero."""
    for each in module.modules():
        if isinstance(each, nn.Linear | nn.Conv1d | nn.ConvTranspose1d):
            nn.init.xavier_normal_(each.weight)
            if each.bias is not None:
                nn.init.zeros_(each.bias)
