"""The detector: whether a motion shows a concept, from its joints alone.

It shares nothing with the evaluator of FID and R@1, neither weights nor features, so that a method
cannot please both by the same means. Strided convolutions look at what the body does within half
a second to two seconds; what is found anywhere in the motion, and how much of it, decides.
"""

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hmu.io.codes import by_length
from hmu.models.dropout import Dropout
from hmu.models.linear import Linear
from hmu.motion import skeleton
from hmu.sections.detector import DetectorSizes

_FIRST_STRIDE = 4
_BATCH = 128


class Labelled(Protocol):
    """Joints float32 (B, T, 22, 3) in metres with lengths int64 (B,) in frames, zero behind them;
    whether each is of the concept, float32 (B,), and how much that counts, float32 (B,)."""

    @property
    def joints(self) -> Tensor: ...

    @property
    def lengths(self) -> Tensor: ...

    @property
    def shows(self) -> Tensor: ...

    @property
    def weights(self) -> Tensor: ...


def seen(joints: Tensor, lengths: Tensor) -> Tensor:
    """What the detector sees of joints (B, T, 22, 3), y up, 20 frames a second: (B, T, 132).

    Of each frame the positions, in metres, from the ground below the root and as the body faces,
    and the velocities to the next frame, in metres a second, turned the same way; the last frame of
    a motion has none. Zero behind the ``lengths`` (B,).
    """
    across = joints[:, :, skeleton.LEFT_HIP] - joints[:, :, skeleton.RIGHT_HIP]
    across = across + joints[:, :, skeleton.LEFT_SHOULDER] - joints[:, :, skeleton.RIGHT_SHOULDER]
    left = F.normalize(across[..., ::2], dim=-1).unsqueeze(2)  # x and z of the body's left
    root = joints[:, :, :1] * joints.new_tensor([1.0, 0.0, 1.0])
    moved = F.pad((joints[:, 1:] - joints[:, :-1]) * skeleton.FPS, (0, 0, 0, 0, 0, 1))
    frame = torch.arange(joints.shape[1], device=joints.device)
    inside = frame < lengths[:, None]
    followed = frame < lengths[:, None] - 1
    parts = [
        _turned(joints - root, left) * inside[..., None, None],
        _turned(moved, left) * followed[..., None, None],
    ]
    return torch.cat(parts, dim=2).flatten(2)


def _turned(vectors: Tensor, left: Tensor) -> Tensor:
    """Vectors (B, T, joints, 3) as (to the left, up, forward); ``left`` is x, z (B, T, 1, 2)."""
    x, y, z = vectors.unbind(-1)
    a, b = left.unbind(-1)
    return torch.stack([a * x + b * z, y, a * z - b * x], dim=-1)


class Strided(nn.Module):
    """A convolution of twice as many taps as its stride, which gives a motion the same numbers
    whatever motions it comes with."""

    def __init__(self, size: int, out: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.stride = stride
        self.conv = Linear(2 * stride * size, out)
        self.norm = nn.LayerNorm(out)
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, size), T a multiple of the stride, zero behind the lengths (B,), to (B, T /
        stride, out), zero behind the lengths that are returned."""
        before = self.stride // 2
        padded = F.pad(x, (0, 0, before, self.stride - before))
        windows = padded.unfold(1, 2 * self.stride, self.stride).flatten(2)
        out = self.drop(F.gelu(self.norm(self.conv(windows))))
        lengths = (lengths + self.stride - 1) // self.stride
        return out * _inside(out, lengths), lengths


class Network(nn.Module):
    """One network: motions to scores, as logits. Dropout draws from torch's generator."""

    def __init__(self, sizes: DetectorSizes) -> None:
        super().__init__()
        self.sizes = sizes
        strides = [_FIRST_STRIDE, *[2] * sizes.layers]
        inputs = [2 * 3 * sizes.joints, *[sizes.width] * sizes.layers]
        self.layers = nn.ModuleList(
            Strided(size, sizes.width, stride, sizes.dropout)
            for size, stride in zip(inputs, strides, strict=True)
        )
        self.score = Linear(2 * sizes.width, 1)
        self.reach = _FIRST_STRIDE * 2**sizes.layers

    def forward(self, joints: Tensor, lengths: Tensor) -> Tensor:
        """Scores (B,) of joints (B, T, 22, 3), zero behind their lengths (B,), at least 1."""
        missing = -joints.shape[1] % self.reach
        x = seen(F.pad(joints, (0, 0, 0, 0, 0, missing)), lengths)
        for layer in self.layers:
            x, lengths = layer(x, lengths)
        inside = _inside(x, lengths)
        mean = x.sum(dim=1) / lengths[:, None]
        most = x.masked_fill(~inside, -torch.inf).amax(dim=1)
        out: Tensor = self.score(torch.cat([mean, most], dim=-1)).squeeze(-1)
        return out

    def batch_loss(
        self, batch: Labelled, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Weighted cross-entropy, and the share of motions on the wrong side of 0."""
        scores = self(batch.joints, batch.lengths).float()
        loss = F.binary_cross_entropy_with_logits(scores, batch.shows, batch.weights)
        wrong = (scores.detach() > 0) != (batch.shows > 0)
        return loss, {"wrong": wrong.float().mean()}


class Ensemble(nn.Module):
    """A detector: networks that were trained without one fold each.

    Each network's scores count from a level of its own (``levels``, (folds,)), that of motions
    which it never saw: how high a network scores at all, no two have in common.
    """

    def __init__(self, networks: Sequence[Network], levels: Sequence[float]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.levels = nn.Buffer(torch.tensor(levels))

    @classmethod
    def untrained(cls, sizes: DetectorSizes) -> Self:
        """With random weights, for others to take their place."""
        return cls([Network(sizes) for _ in range(sizes.folds)], [0.0] * sizes.folds)

    def forward(self, joints: Tensor, lengths: Tensor) -> Tensor:
        """Mean scores above the levels, (B,), as those of :class:`Network`."""
        found = torch.stack([network(joints, lengths) for network in self.networks])
        return (found - self.levels[:, None]).mean(dim=0)


class Detectors(nn.Module):
    """The detectors of a concept, which differ in their seed alone."""

    def __init__(self, sizes: DetectorSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.seeds = nn.ModuleList(Ensemble.untrained(sizes) for _ in range(sizes.seeds))

    def forward(self, joints: Tensor, lengths: Tensor) -> Tensor:
        """Scores (B, seeds), as those of :class:`Ensemble`."""
        return torch.stack([ensemble(joints, lengths) for ensemble in self.seeds], dim=-1)


@torch.no_grad()
def scores(network: nn.Module, motions: Sequence[np.ndarray], device: torch.device) -> np.ndarray:
    """Scores of motions, float32 (frames, 22, 3) each: (n,) or (n, seeds).

    Those of one length are computed together, and a score is the same whatever motions it comes
    with: steps behind a motion's end would change the order in which those before are added up.
    """
    network.eval()
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for rows in by_length(np.array([len(each) for each in motions]), _BATCH):
        of_rows = network(*padded([motions[row] for row in rows], device))
        found.append((rows, of_rows.cpu().numpy()))
    order = np.concatenate([rows for rows, _ in found])
    whole: np.ndarray = np.concatenate([of_rows for _, of_rows in found])[order.argsort()]
    return whole


def padded(motions: Sequence[np.ndarray], device: torch.device) -> tuple[Tensor, Tensor]:
    """Joints (n, longest, 22, 3), zero behind their lengths int64 (n,)."""
    lengths = [len(each) for each in motions]
    joints = np.zeros((len(motions), max(lengths), *motions[0].shape[1:]), dtype=np.float32)
    for target, each in zip(joints, motions, strict=True):
        target[: len(each)] = each
    return torch.from_numpy(joints).to(device), torch.tensor(lengths, device=device)


def _inside(x: Tensor, lengths: Tensor) -> Tensor:
    """Which steps of (B, T, channels) are before the lengths, bool (B, T, 1)."""
    steps = torch.arange(x.shape[1], device=x.device)
    return (steps < lengths[:, None]).unsqueeze(-1)
