"""The transformers: padding, noise, masking, and what their losses learn."""

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.models import dropout, packing
from hmu.models.residual import ResidualTransformer
from hmu.sections.transformer import ResidualSizes
from support.reference import gap
from support.small_models import RESIDUAL, SAMPLING, SMALL, TEXT, batch, noise_source


def test_dropout_keeps_the_mean_and_the_share() -> None:
    x = torch.ones(1001, 999)
    out = dropout.drop(x, 0.2, True)
    assert abs(float(out.mean()) - 1) < 0.01
    assert abs(float((out == 0).float().mean()) - 0.2) < 0.005
    assert torch.equal(dropout.drop(x, 0.2, False), x)
    # Neighbours share a word of noise and must be independent all the same.
    flat = (out == 0).float().flatten()
    assert abs(float((flat[1:] * flat[:-1]).mean()) - 0.04) < 0.002


def test_training_and_evaluation_compute_the_same_without_dropout() -> None:
    sizes = ResidualSizes.of(SMALL, dropout=0.0)
    text, lengths, codes = batch(sizes)
    model, padding = MaskedTransformer(sizes), packing.padding_of(lengths, 12)
    with torch.no_grad():
        trained = model.train().scores(codes[..., 0], text, padding)
        assert gap(model.eval().scores(codes[..., 0], text, padding), trained) < 1e-5


def test_padding_does_not_matter() -> None:
    text, _, codes = batch(SMALL)
    model = MaskedTransformer(SMALL).eval()
    alone = model.scores(codes[:, :7, 0], text)
    padding = packing.padding_of(torch.full((5,), 7), 12)
    padding[0] = False
    padded = model.scores(codes[..., 0], text, padding)
    assert gap(padded[1:, :7], alone[1:]) < 1e-5


def test_noise_belongs_to_the_sample() -> None:
    """Any batch gives the same codes, whatever else is in it."""
    masked, residual = MaskedTransformer(SMALL).eval(), ResidualTransformer(RESIDUAL).eval()
    text, lengths, _ = batch(SMALL)
    noise = torch.rand(5, 10 + 3, 12, generator=noise_source())

    def codes(rows: list[int]) -> list[Tensor]:
        hot = {**SAMPLING, "temperature": 1.3}
        first, _ = masked.sample(text[rows], lengths[rows], noise[rows, :10], hot)
        found = residual.generate(first, text[rows], lengths[rows], noise[rows, 10:], 5.0, 1.0, 0.1)
        return [each[:length] for each, length in zip(found, lengths[rows], strict=True)]

    together = codes([0, 1, 2, 3, 4])
    for rows in ([4, 2, 0], [1], [3, 1]):
        for row, found in zip(rows, codes(rows), strict=True):
            assert torch.equal(found, together[row])
    assert len(torch.cat(together).unique()) > 5


def test_a_code_that_is_kept_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a motion looks like from step to step: only masked tokens change."""
    model = MaskedTransformer(SMALL).eval()
    text, lengths, _ = batch(SMALL)
    guided = model.guided
    looks: list[list[Tensor]] = [[] for _ in text]

    def listen(ids: Tensor, texts: Tensor, *rest: Any) -> Tensor:
        for row, asked in enumerate(text):
            looks[row] += [
                look for look, of in zip(ids, texts, strict=True) if torch.equal(of, asked)
            ]
        return guided(ids, texts, *rest)

    monkeypatch.setattr(model, "guided", listen)
    hot = {**SAMPLING, "temperature": 2.0, "keep": 1.0}
    noise = torch.rand(5, 10, 12, generator=noise_source())
    codes, _ = model.sample(text, lengths, noise, hot)
    ends = codes.masked_fill(codes < 0, model.pad_id)
    for seen, end in zip(looks, ends, strict=True):
        for before, after in itertools.pairwise([*seen, end]):
            kept = before != model.mask_id
            assert torch.equal(after[kept], before[kept])
    assert len(looks[2]) > 5  # the longest


def test_generation_is_within_the_lengths() -> None:
    masked, residual = MaskedTransformer(SMALL).eval(), ResidualTransformer(RESIDUAL).eval()
    text, lengths, _ = batch(SMALL)
    noise = torch.rand(5, 13, 49, generator=noise_source())
    first, _ = masked.sample(text, lengths, noise[:, :10], SAMPLING)
    padding = packing.padding_of(lengths, 12)
    assert first.shape == (5, 12)
    assert bool((first[padding] == -1).all())
    assert bool((first[~padding] >= 0).all())
    assert int(first.max()) < SMALL.codes
    codes = residual.generate(first, text, lengths, noise[:, 10:], 5.0, 1.0, 0.1)
    assert codes.shape == (5, 12, 4)
    assert torch.equal(codes[..., 0], first)
    assert bool((codes[padding] == -1).all())
    assert int(codes.max()) < SMALL.codes


@pytest.mark.parametrize("kind", [MaskedTransformer, ResidualTransformer, bamm.MaskedTransformer])
def test_loss_is_repeatable_and_learns_text(kind: type[Any]) -> None:
    """Two texts, each with its own codes: training must tell them apart."""
    sizes = ResidualSizes.of(SMALL, dropout=0.1)
    model = kind(sizes)
    text = torch.randn(2, TEXT).repeat(8, 1)
    codes = torch.randint(0, SMALL.codes, (2, 6, SMALL.quantizers)).repeat(8, 1, 1)
    lengths = torch.full((16,), 6)

    def loss(seed: int) -> Tensor:
        torch.manual_seed(seed)  # inside the fork of the fixture, as the training loop does
        value: Tensor = model.loss(codes, lengths, text, noise_source(seed))[0]
        return value

    assert torch.equal(loss(1), loss(1))
    assert not torch.equal(loss(1), loss(2))
    before = loss(0).item()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(120):
        optimiser.zero_grad()
        loss(step).backward()
        optimiser.step()
    assert loss(0).item() < 0.35 * before


@pytest.mark.parametrize("kind", [MaskedTransformer, ResidualTransformer, bamm.MaskedTransformer])
def test_text_is_hidden_from_a_share_of_the_training_samples(kind: type[Any]) -> None:
    sizes = ResidualSizes.of(SMALL, cond_drop=1.0)
    model = kind(sizes)
    text, lengths, codes = batch(sizes)

    def loss(text: Tensor) -> Tensor:
        torch.manual_seed(0)  # inside the fork of the fixture
        value: Tensor = model.loss(codes, lengths, text, noise_source())[0]
        return value

    assert torch.equal(loss(text), loss(-text))
    model.eval()
    assert not torch.equal(loss(text), loss(-text))
    model = kind(RESIDUAL).train()
    seen = model.drop_text(torch.ones(20_000, 3), noise_source())
    assert abs(float((seen == 0).all(-1).float().mean()) - SMALL.cond_drop) < 0.01
    assert bool(((seen == 0).all(-1) | (seen == 1).all(-1)).all())


def test_masking_follows_the_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the positions asked for, 10% show a random code, 79% the mask, 11% the truth."""
    model = MaskedTransformer(SMALL)
    codes = torch.randint(0, SMALL.codes, (3000, 12))
    lengths = torch.full((3000,), 12)
    shown: list[Tensor] = []
    asked: list[int] = []

    def latents(ids: Tensor, text: Tensor, padding: Tensor, wanted: Tensor) -> Tensor:
        shown.append(ids)
        return torch.zeros(int(wanted.sum()), SMALL.latent)

    monkeypatch.setattr(model, "latents", latents)
    model.output_process.register_forward_hook(lambda module, inputs, out: asked.append(len(out)))
    model.loss(codes.unsqueeze(-1), lengths, torch.zeros(3000, TEXT), noise_source())
    total = asked[0]
    assert abs(total / codes.numel() - 2 / torch.pi) < 0.02  # mean of the cosine schedule
    assert abs(float((shown[0] == model.mask_id).sum()) / total - 0.9 * 0.88) < 0.02
    changed = (shown[0] != codes) & (shown[0] != model.mask_id)
    assert abs(float(changed.sum()) / total - 0.1 * (1 - 1 / SMALL.codes)) < 0.02
