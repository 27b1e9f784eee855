"""The motion tokenizer: a convolutional autoencoder around a residual quantiser (MoMask's RVQVAE).

Motions are normalised HumanML3D features; one token stands for ``stride ** down`` frames. The names
of the weights are those of the reference, so that its files load as they are. Their stride is 2.
With others the reference's encoder loses frames (one in each block at 1, a token at 3) and its
decoder doubles all the same, so that it cannot train them; here both follow the stride.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.models.convolution import Conv1d, PointwiseConv1d, Repeat
from hmu.models.dropout import drop
from hmu.models.quantizer import ResidualQuantizer
from hmu.sections.tokenizer import TokenizerSizes

POSITIONS = slice(4, 67)
"""Where the 21 joint positions stand among the features (HumanML3D, 22 joints)."""


class ResidualBlock(nn.Module):
    """Two convolutions (a dilated one of three taps, a pointwise one) added to their input."""

    def __init__(self, width: int, dilation: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.conv1 = Conv1d(width, width, 3, 1, dilation, dilation)
        self.conv2 = PointwiseConv1d(width, width)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv2(F.relu(self.conv1(F.relu(x))))
        return x + drop(inner, self.dropout, self.training)


class ResidualStack(nn.Module):
    """``depth`` residual blocks, the widest dilation first."""

    def __init__(self, sizes: TokenizerSizes) -> None:
        super().__init__()
        dilations = [sizes.dilation**level for level in reversed(range(sizes.depth))]
        self.model = nn.Sequential(*(ResidualBlock(sizes.width, each) for each in dilations))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)
        return out


class Encoder(nn.Module):
    """Features (B, T, features), T whole tokens, to latents (B, T / stride**down, code_dim)."""

    def __init__(self, sizes: TokenizerSizes) -> None:
        super().__init__()
        width, stride = sizes.width, sizes.stride
        # The taps of the reference, 2 at a stride of 1 apart; padded so that T becomes T / stride.
        taps, padding = max(2 * stride, 3), (stride + 1) // 2
        shortenings = [
            nn.Sequential(Conv1d(width, width, taps, stride, padding), ResidualStack(sizes))
            for _ in range(sizes.down)
        ]
        self.model = nn.Sequential(
            Conv1d(sizes.features, width, 3, 1, 1),
            nn.ReLU(),
            *shortenings,
            Conv1d(width, sizes.code_dim, 3, 1, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)
        return out


class Decoder(nn.Module):
    """Latents (B, L, code_dim) to features (B, L * stride**down, features)."""

    def __init__(self, sizes: TokenizerSizes) -> None:
        super().__init__()
        width = sizes.width
        lengthenings = [
            nn.Sequential(
                ResidualStack(sizes),
                Repeat(sizes.stride),
                Conv1d(width, width, 3, 1, 1),
            )
            for _ in range(sizes.down)
        ]
        self.model = nn.Sequential(
            Conv1d(sizes.code_dim, width, 3, 1, 1),
            nn.ReLU(),
            *lengthenings,
            Conv1d(width, width, 3, 1, 1),
            nn.ReLU(),
            Conv1d(width, sizes.features, 3, 1, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)
        return out


class Tokenizer(nn.Module):
    """Motion to codes and back.

    The residual blocks drop out in training; that noise comes from torch's own generator, which
    the training loop seeds for each step. All other noise comes from the generator it passes.
    """

    def __init__(self, sizes: TokenizerSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(sizes)
        self.decoder = Decoder(sizes)
        self.quantizer = ResidualQuantizer(
            sizes.quantizers, sizes.codes, sizes.code_dim, sizes.ema, sizes.quantizer_dropout
        )

    @property
    def frames_per_token(self) -> int:
        """Frames that one token stands for."""
        return self.sizes.frames_per_token

    def latents(self, motions: Tensor) -> Tensor:
        """Latents (B, tokens, code_dim) of normalised motions (B, T, features).

        The last token stands for zeros too where T is not whole tokens.
        """
        missing = -motions.shape[1] % self.frames_per_token
        whole = F.pad(motions, (0, 0, 0, missing)) if missing else motions
        out: Tensor = self.encoder(whole)
        return out

    @torch.no_grad()
    def encode(self, motions: Tensor) -> Tensor:
        """Codes (B, tokens, quantizers) int64 of motions (B, T, features), as :meth:`latents`."""
        return self.quantizer.encode(self.latents(motions))

    def decode(self, codes: Tensor) -> Tensor:
        """Motions (B, L * frames_per_token, features) of codes (B, L, quantizers or fewer).

        -1 stands for an absent code. What follows a motion's last code is not silence (the
        convolutions have biases): cut it off, and pad every batch alike for equal results.
        """
        return self._render(self.quantizer.decode(codes))

    def _render(self, latents: Tensor) -> Tensor:
        out: Tensor = self.decoder(latents)
        return out

    def forward(self, motions: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction (B, T, features), commitment loss and perplexity of ``motions``."""
        quantised, commitment, perplexity = self.quantizer(self.latents(motions), generator)
        return self._render(quantised)[:, : motions.shape[1]], commitment, perplexity

    def batch_loss(
        self, motions: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Training loss of normalised windows (B, T, features), and its parts for the log.

        Smooth L1 of all features, half that of the joint positions, and 0.02 of the commitment
        (MoMask, models/vq/vq_trainer.py and options/vq_option.py).
        """
        rebuilt, commitment, perplexity = self(motions, generator)
        features = F.smooth_l1_loss(rebuilt, motions)
        positions = F.smooth_l1_loss(rebuilt[..., POSITIONS], motions[..., POSITIONS])
        loss = features + 0.5 * positions + 0.02 * commitment
        parts = {
            "features": features.detach(),
            "positions": positions.detach(),
            "commitment": commitment.detach(),
            "perplexity": perplexity,
        }
        return loss, parts

    def training_state(self) -> dict[str, Tensor]:
        """State of the codebooks' moving averages, needed to resume training exactly."""
        return self.quantizer.training_state()

    def load_training_state(self, state: dict[str, Tensor]) -> None:
        """Take back what :meth:`training_state` gave."""
        self.quantizer.load_training_state(state)
