"""The models: agreement with the official code, properties of sampling and losses, storage."""

import importlib
import importlib.util
import itertools
import json
import math
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from benchmarks import models as official_models
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.errors import InputError
from hmu.models import dropout, packing, sampling, storage, transformer
from hmu.models.batches.lengths import LengthBatch
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.length import LengthEstimator
from hmu.models.quantizer import Codebook
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import ResidualBlock, Tokenizer
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from support.reference import checkout, gap, importable
from support.small_models import RESIDUAL, SMALL, TEXT, TOLERANCE, align, noise_source

TINY = TokenizerSizes(codes=16, code_dim=12, width=12, depth=2, quantizers=4)
SAMPLING = {"steps": 10, "guidance": 4.0, "temperature": 1.0, "keep": 0.1}
EVALUATOR = EvaluatorSizes(
    movement_hidden=24, movement_latent=20, text_hidden=16, motion_hidden=28, embedding=12
)


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Every test draws its weights and inputs from the same seed and leaves no trace of it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        yield


# --- beside the official code ---------------------------------------------------------------


@pytest.fixture(scope="module")
def momask() -> Iterator[dict[str, Any]]:
    pytest.importorskip("einops")
    pytest.importorskip("tqdm")
    with importable(checkout("EricGuo5513+momask-codes")):
        yield {
            "vq": importlib.import_module("models.vq.model"),
            "transformer": importlib.import_module("models.mask_transformer.transformer"),
            "tools": importlib.import_module("models.mask_transformer.tools"),
            "evaluator": importlib.import_module("models.t2m_eval_modules"),
        }


def official_transformer(
    momask: dict[str, Any], kind: str, sizes: TransformerSizes, text: Tensor
) -> Any:
    """The official model, told ``text`` in place of what its CLIP would say."""
    return official_models.transformer(momask["transformer"], kind, sizes, text)


def test_tokenizer_equals_official(momask: dict[str, Any]) -> None:
    ours, official = Tokenizer(TINY), official_models.tokenizer(momask["vq"], TINY)
    align(ours, official)
    motions = torch.randn(3, 40, 263)
    with torch.no_grad():
        codes, _ = official.encode(motions)
        assert torch.equal(ours.encode(motions), codes)
        codes[1, 4:] = -1
        codes[0, :, 2:] = -1
        assert gap(ours.decode(codes), official.forward_decoder(codes)) < TOLERANCE
        assert gap(ours.decode(codes[..., :2]), official.forward_decoder(codes[..., :2])) < 1e-4


@pytest.mark.parametrize("down", [1, 3])
def test_tokenizer_of_other_rates_equals_official(momask: dict[str, Any], down: int) -> None:
    sizes = TokenizerSizes(codes=8, code_dim=8, width=8, depth=1, down=down, quantizers=2)
    ours, official = Tokenizer(sizes), official_models.tokenizer(momask["vq"], sizes)
    align(ours, official)
    motions = torch.randn(2, 48, 263)
    codes, _ = official.encode(motions)
    assert codes.shape[1] == 48 // ours.frames_per_token
    assert torch.equal(ours.encode(motions), codes)


@pytest.mark.parametrize("stride", [1, 3])
def test_a_stride_is_the_officials_but_for_what_loses_frames(
    momask: dict[str, Any], stride: int
) -> None:
    """The official network at this stride, once its paddings and doublings are put right."""
    sizes = TokenizerSizes(codes=8, code_dim=8, width=8, depth=1, quantizers=2, stride=stride)
    ours, official = Tokenizer(sizes), official_models.tokenizer(momask["vq"], sizes)
    motions = torch.randn(2, 54, 263)
    with torch.no_grad():
        lost, _ = official.encode(motions)
    assert lost.shape[1] != 54 / stride**2
    for block in official.encoder.model[2:-1]:
        shortening = block[0]
        if stride == 1:
            block[0] = nn.Conv1d(8, 8, 3, padding=1)
        else:
            shortening.padding = (2,)
    for block in official.decoder.model[2:-3]:
        block[1].scale_factor = float(stride)
    align(ours, official)
    with torch.no_grad():
        codes, _ = official.encode(motions)
        assert codes.shape[1] == 54 / stride**2
        assert torch.equal(ours.encode(motions), codes)
        assert gap(ours.decode(codes), official.forward_decoder(codes)) < TOLERANCE


def test_tokenizer_training_step_equals_official(
    momask: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same gradients and same codebooks, with dropout and the noise of sampling removed."""
    sizes = TokenizerSizes(
        codes=16, code_dim=12, width=12, depth=1, quantizers=3, quantizer_dropout=0.0
    )
    ours, official = Tokenizer(sizes), official_models.tokenizer(momask["vq"], sizes)
    align(ours, official)
    for module in (*ours.modules(), *official.modules()):
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, ResidualBlock):
            module.dropout = 0.0
        if isinstance(module, Codebook):
            module.codebook.zero_()
    quantizer = importlib.import_module("models.vq.quantizer")
    monkeypatch.setattr(quantizer, "gumbel_noise", torch.zeros_like)
    monkeypatch.setattr(Codebook, "sample", lambda self, x, temperature, source: self.nearest(x))
    ours.train()
    official.train()
    for _ in range(2):
        motions = torch.randn(4, 32, 263)
        rebuilt, commitment, perplexity = official(motions)
        reference = (
            nn.functional.smooth_l1_loss(rebuilt, motions)
            + 0.5 * nn.functional.smooth_l1_loss(rebuilt[..., 4:67], motions[..., 4:67])
            + 0.02 * commitment
        )
        loss, parts = ours.batch_loss(motions, noise_source())
        assert gap(loss, reference) < TOLERANCE
        assert gap(parts["perplexity"], perplexity) < TOLERANCE
        official.zero_grad()
        ours.zero_grad()
        reference.backward()
        loss.backward()
        theirs = dict(official.named_parameters())
        for name, parameter in ours.named_parameters():
            assert gap(parameter.grad, theirs[name].grad) < TOLERANCE, name
        for mine, other in zip(ours.quantizer.layers, official.quantizer.layers, strict=True):
            assert gap(mine.codebook, other.codebook) < TOLERANCE


def batch(sizes: TransformerSizes) -> tuple[Tensor, Tensor, Tensor]:
    text = torch.randn(5, sizes.text_dim)
    lengths = torch.tensor([9, 3, 12, 1, 7])
    codes = torch.randint(0, sizes.codes, (5, 12, sizes.quantizers))
    return text, lengths, codes


def test_masked_logits_equal_official(momask: dict[str, Any]) -> None:
    text, lengths, codes = batch(SMALL)
    ours = MaskedTransformer(SMALL)
    official = official_transformer(momask, "MaskTransformer", SMALL, text)
    align(ours, official)
    padding = packing.padding_of(lengths, 12)
    ids = codes[..., 0].masked_fill(padding, SMALL.codes + 1)
    present = ~padding
    with torch.no_grad():
        expected = official.trans_forward(ids, text, padding).transpose(1, 2)
        assert gap(ours.scores(ids, text, padding)[present], expected[present]) < TOLERANCE
        blind = official.trans_forward(ids, text, padding, force_mask=True).transpose(1, 2)
        mine = ours.scores(ids, torch.zeros_like(text), padding)
        assert gap(mine[present], blind[present]) < TOLERANCE
        guided = official.forward_with_cond_scale(ids, text, padding, cond_scale=4).transpose(1, 2)
        assert gap(ours.guided(ids, text, padding, 4.0)[present], guided[present]) < TOLERANCE


@pytest.mark.parametrize("padded", [False, True])
def test_wanted_tokens_alone_have_the_same_scores(padded: bool) -> None:
    text, lengths, codes = batch(SMALL)
    ids, model = codes[..., 0], MaskedTransformer(SMALL).eval()
    residual, history = ResidualTransformer(RESIDUAL).eval(), torch.randn(5, 12, SMALL.code_dim)
    padding = packing.padding_of(lengths if padded else torch.full_like(lengths, 12), 12)
    wanted = (torch.rand(ids.shape) < 0.4) & ~padding
    wanted[1] = False  # a motion of which nothing is wanted
    with torch.no_grad():
        for scale in (1, 4):
            every = model.guided(ids, text, padding, scale)
            some = model.guided(ids, text, padding, scale, wanted)
            assert gap(some, every[wanted]) < 1e-5
            every = residual.guided(history, 2, text, padding, scale)
            some = residual.guided(history, 2, text, padding, scale, wanted)
            assert gap(some, every[wanted]) < 1e-5


@pytest.mark.parametrize("padded", [False, True])
def test_guidance_in_one_batch_equals_two_passes(padded: bool) -> None:
    """Tokens that begin alike in both passes, and in several motions, are projected once."""
    text, lengths, codes = batch(SMALL)
    ids = codes[..., 0] % 3
    padding = packing.padding_of(lengths if padded else torch.full_like(lengths, 12), 12)
    masked, residual = MaskedTransformer(SMALL).eval(), ResidualTransformer(RESIDUAL).eval()
    with torch.no_grad():
        texts = text, torch.zeros_like(text)
        told, blind = (masked.scores(ids, seen, padding) for seen in texts)
        found = masked.guided(ids, text, padding, 4.0)
        assert gap(found[~padding], (blind + 4 * (told - blind))[~padding]) < 1e-5
        told, blind = (residual.scores(codes, seen, 2, padding) for seen in texts)
        history = residual.embed(codes[..., 0], 0) + residual.embed(codes[..., 1], 1)
        found = residual.guided(history, 2, text, padding, 4.0)
        assert gap(found[~padding], (blind + 4 * (told - blind))[~padding]) < 1e-5


def test_a_motion_that_looks_the_same_is_not_scored_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In six steps the cosine masks 7, 7, 6, 4, 2 and 1 of 7 tokens, and 2, 2, 2, 1, 1, 1 of 2."""
    model, scored = MaskedTransformer(SMALL).eval(), []
    guided = model.guided

    def counted(ids: Tensor, *others: Any) -> Tensor:
        scored.append((ids == model.mask_id).sum(1).tolist())
        return guided(ids, *others)

    monkeypatch.setattr(model, "guided", counted)
    settings = {"steps": 6, "guidance": 4.0, "temperature": 1.0, "keep": 0.5}
    lengths = torch.tensor([7, 2])
    model.sample(torch.randn(2, TEXT), lengths, torch.rand(2, 6, 7), settings)
    assert scored == [[6], [4, 1], [2], [1]]  # the opening, all masked, is scored elsewhere


def test_masked_generation_equals_official_without_noise(
    momask: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, lengths, _ = batch(SMALL)
    ours = MaskedTransformer(SMALL)
    official = official_transformer(momask, "MaskTransformer", SMALL, text)
    align(ours, official)
    monkeypatch.setattr(momask["tools"], "gumbel_noise", torch.zeros_like)
    for steps, scale in ((10, 4), (5, 1)):
        expected = official.generate([""] * 5, lengths, steps, scale, gsample=True)
        found, kept = ours.sample(
            text, lengths, None, {**SAMPLING, "steps": steps, "guidance": scale}
        )
        assert torch.equal(found, expected)
        assert torch.equal(kept, lengths)


def test_masked_loss_equals_official(
    momask: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All positions asked for and hidden: the only choice left is the same in both."""
    text, lengths, codes = batch(SMALL)
    ours = MaskedTransformer(SMALL)
    official = official_transformer(momask, "MaskTransformer", SMALL, text)
    align(ours, official)

    def fixed(shape: tuple[int, ...], source: Any = None, device: Any = None) -> Tensor:
        return torch.zeros(shape) if len(shape) == 1 else torch.full(shape, 0.5)

    module = importlib.import_module("hmu.backbones.momask.masked")
    monkeypatch.setattr(module, "uniforms", fixed)
    monkeypatch.setattr(transformer, "uniforms", fixed)
    monkeypatch.setattr(momask["transformer"], "uniform", fixed)

    def subset(mask: Tensor, prob: float) -> Tensor:
        return mask if prob > 0.5 else torch.zeros_like(mask)

    monkeypatch.setattr(momask["transformer"], "get_mask_subset_prob", subset)
    expected, _, accuracy = official(codes[..., 0], [""] * 5, lengths)
    loss, parts = ours.loss(codes, lengths, text, noise_source())
    assert gap(loss, expected) < TOLERANCE
    assert abs(float(parts["accuracy"]) - accuracy) < 1e-6


@pytest.mark.parametrize("share", [True, False])
def test_residual_equals_official(
    momask: dict[str, Any], monkeypatch: pytest.MonkeyPatch, share: bool
) -> None:
    sizes = ResidualSizes.of(SMALL, share_weight=share)
    text, lengths, codes = batch(sizes)
    ours = ResidualTransformer(sizes)
    official = official_transformer(momask, "ResidualTransformer", sizes, text)
    align(ours, official)
    official.process_embed_proj_weight()
    padding = packing.padding_of(lengths, 12)
    present = ~padding
    history = torch.randn(5, 12, sizes.code_dim)
    for layer in range(1, sizes.quantizers):
        for scale in (1, 5):
            expected = official.forward_with_cond_scale(history, layer, text, padding, scale)
            mine = ours.guided(history, layer, text, padding, scale)
            assert gap(mine[present], expected.transpose(1, 2)[present]) < TOLERANCE
    # Layers drawn for the loss: the same uniform numbers on both sides.
    drawn = torch.linspace(0, 0.999, 5)
    module = importlib.import_module("hmu.models.residual")
    monkeypatch.setattr(module, "uniforms", lambda *arguments: drawn)
    monkeypatch.setattr(transformer, "uniforms", lambda shape, *rest: torch.ones(shape))
    monkeypatch.setattr(momask["tools"], "uniform", lambda *arguments, **named: drawn)
    expected, _, accuracy = official(codes, [""] * 5, lengths)
    loss, parts = ours.loss(codes, lengths, text, noise_source())
    assert gap(loss, expected) < TOLERANCE
    assert abs(float(parts["accuracy"]) - accuracy) < 1e-6
    loss.backward()
    expected.backward()
    theirs = dict(official.named_parameters())
    for name, parameter in ours.named_parameters():
        assert gap(parameter.grad, theirs[name].grad) < TOLERANCE, name
    monkeypatch.setattr(momask["tools"], "gumbel_noise", torch.zeros_like)
    monkeypatch.setattr(momask["transformer"], "gumbel_sample", momask["tools"].gumbel_sample)
    first = codes[..., 0].masked_fill(padding, -1)
    generated = official.generate(first, [""] * 5, lengths, cond_scale=5)
    assert torch.equal(ours.generate(first, text, lengths, None, 5.0, 1.0, 0.1), generated)


def test_length_estimator_equals_official(momask: dict[str, Any]) -> None:
    ours, official = (
        LengthEstimator(LengthSizes(text_dim=TEXT, classes=50)),
        momask["vq"].LengthEstimator(TEXT, 50),
    )
    align(ours, official)
    text = torch.randn(4, TEXT)
    assert gap(ours(text), official(text)) < TOLERANCE


def test_evaluator_equals_official(momask: dict[str, Any]) -> None:
    ours = Evaluator(EVALUATOR)
    official = official_models.evaluator(momask["evaluator"], EVALUATOR)
    align(ours, official)
    lengths = torch.tensor([196, 120, 120, 44])
    motions = torch.randn(4, 196, 263)
    for row, length in zip(motions, lengths, strict=True):
        row[length:] = 0
    words, pos = torch.randn(4, 22, 300), torch.eye(15)[torch.randint(0, 15, (4, 22))]
    counts = torch.tensor([22, 14, 9, 3])
    with torch.no_grad():
        movements = official["movement_encoder"](motions[..., :-4])
        expected = official["motion_encoder"](movements, lengths // 4)
        assert gap(ours.embed_motion(motions, lengths), expected) < TOLERANCE
        mixed = torch.tensor([2, 0, 3, 1])
        mine = ours.embed_motion(motions[mixed], lengths[mixed])
        assert gap(mine, expected[mixed]) < TOLERANCE
        # A batch need not be padded as far as the reference pads.
        short = ours.embed_motion(motions[1:, :120], lengths[1:])
        assert gap(short, expected[1:]) < TOLERANCE
        texts = official["text_encoder"](words, pos, counts)
        assert gap(ours.embed_text(words, pos, counts), texts) < TOLERANCE
        mine = ours.embed_text(words[mixed], pos[mixed], counts[mixed])
        assert gap(mine, texts[mixed]) < TOLERANCE


def test_movement_decoder_equals_official(momask: dict[str, Any]) -> None:
    ours = MovementAutoencoder(EVALUATOR)
    official = official_models.movement_autoencoder(momask["evaluator"], EVALUATOR)
    align(ours, official)
    movements = torch.randn(2, 6, EVALUATOR.movement_latent)
    assert gap(ours.decoder(movements), official["decoder"](movements)) < TOLERANCE


# --- sampling -------------------------------------------------------------------------------


def test_inverse_cdf_draws_in_proportion() -> None:
    weights = torch.tensor([0.0, 3.0, 0.0, 1.0, 6.0, 0.0])
    uniform = torch.arange(100_000, dtype=torch.float64) / 100_000
    drawn = sampling.inverse_cdf(weights.double().expand(100_000, -1), uniform)
    share = torch.bincount(drawn, minlength=6) / 100_000
    assert torch.allclose(share, weights / 10, atol=1e-4)


def test_inverse_cdf_never_draws_what_has_no_weight() -> None:
    largest = torch.nextafter(torch.tensor(1.0), torch.tensor(0.0))
    weights = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1e-30]])
    for uniform in (torch.tensor(0.0), largest):
        assert sampling.inverse_cdf(weights, uniform.expand(2)).tolist() == [1, 2]


def test_choose_keeps_to_the_best_and_to_the_temperature() -> None:
    logits = torch.randn(1, 20).expand(50_000, -1)
    uniform = torch.rand(50_000, generator=noise_source())
    kept = logits[0].topk(4).indices
    for temperature in (0.5, 1.0, 2.0):
        drawn = sampling.choose(logits, uniform, temperature, 0.2)
        share = torch.bincount(drawn, minlength=20) / len(drawn)
        assert set(drawn.unique().tolist()) <= set(kept.tolist())
        expected = (logits[0, kept] / temperature).softmax(-1)
        assert torch.allclose(share[kept], expected, atol=0.01)
    for still in (sampling.choose(logits, None, 1, 0.2), sampling.choose(logits, uniform, 0, 0.2)):
        assert (still == logits[0].argmax()).all()


def test_choose_draws_finely_from_coarse_scores() -> None:
    logits = torch.linspace(0, 1e-3, 400).bfloat16().expand(40_000, -1)
    uniform = torch.arange(40_000) / 40_000
    share = torch.bincount(sampling.choose(logits, uniform, 1.0, 1.0), minlength=400) / 40_000
    assert torch.allclose(share, torch.full((400,), 1 / 400), atol=1e-4)


@pytest.mark.parametrize(("classes", "kept"), [(512, 52), (513, 52), (510, 51), (10, 1), (3, 1)])
def test_choose_keeps_as_many_as_the_reference(classes: int, kept: int) -> None:
    logits = torch.linspace(0, 1e-3, classes).expand(20_000, -1)
    drawn = sampling.choose(logits, torch.rand(20_000, generator=noise_source()), 1.0, 0.1)
    assert len(drawn.unique()) == kept


# --- transformers ---------------------------------------------------------------------------


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


# --- tokenizer ------------------------------------------------------------------------------


def test_codes_are_drawn_as_with_gumbel_noise() -> None:
    book = Codebook(6, 3, 0.99)
    book.codebook.normal_(std=0.6)
    x = torch.randn(1, 3).expand(40_000, -1) * 0.5
    share = torch.bincount(book.sample(x, 0.5, noise_source()), minlength=6) / 40_000
    distance = ((x[:1] - book.codebook) ** 2).sum(-1)
    gumbel = -torch.log(-torch.log(torch.rand(40_000, 6)))
    reference = torch.bincount((-distance / 0.5 + gumbel).argmax(-1), minlength=6) / 40_000
    assert torch.allclose(share, reference, atol=0.015)


def test_codebook_follows_the_data_and_revives_dead_codes() -> None:
    book = Codebook(4, 2, 0.9)
    centres = torch.tensor([[5.0, 0.0], [-5.0, 0.0], [0.0, 5.0], [0.0, -5.0]])
    source = noise_source()
    for step in range(60):
        x = centres[torch.randint(0, 4, (64,))] + 0.1 * torch.randn(64, 2)
        if step == 0:
            book.start(x, source)
            book.codebook[0] = book.code_sum[0] = torch.tensor([1000.0, 0.0])  # nobody's code
        book.update(x, book.nearest(x), source)
    assert float(book.codebook.norm(dim=-1).max()) < 6
    # Every code is about the mean of the points that it serves.
    x = centres.repeat_interleave(100, 0) + 0.1 * torch.randn(400, 2)
    index = book.nearest(x)
    for code in index.unique().tolist():
        assert gap(book.codebook[code], x[index == code].mean(0)) < 1.5


def test_codes_are_chosen_in_float32_in_mixed_precision_too() -> None:
    quantizer = Tokenizer(TINY).quantizer.eval()
    for book in quantizer.books():
        book.codebook.normal_()
    latents = torch.randn(8, 30, TINY.code_dim)
    whole = quantizer(latents, noise_source())
    with torch.autocast("cpu", torch.bfloat16):
        mixed = quantizer(latents, noise_source())
    for one, other in zip(whole, mixed, strict=True):
        assert torch.equal(one, other)


def test_quantizer_dropout_leaves_out_the_last_layers() -> None:
    model = Tokenizer(TINY).train()
    source = noise_source()
    depths = [model.quantizer._depth(source) for _ in range(4000)]
    shares = torch.bincount(torch.tensor(depths), minlength=5) / 4000
    expected = torch.tensor([0, 0.05, 0.05, 0.05, 0.85])
    assert torch.allclose(shares, expected, atol=0.02)


def test_tokenizer_resumes_exactly() -> None:
    """Weights and training state are all there is: the same steps follow from them."""

    def steps(model: Tokenizer, first: int, last: int) -> list[Tensor]:
        optimiser = torch.optim.SGD(model.parameters(), lr=1e-2)
        losses = []
        for step in range(first, last):
            torch.manual_seed(step)
            loss, _ = model.batch_loss(torch.randn(4, 16, 263), noise_source(step))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return losses

    whole = Tokenizer(TINY).train()
    weights = {name: tensor.clone() for name, tensor in whole.state_dict().items()}
    expected = steps(whole, 0, 6)
    first = Tokenizer(TINY).train()
    first.load_state_dict(weights)
    assert torch.equal(torch.stack(steps(first, 0, 3)), torch.stack(expected[:3]))
    second = Tokenizer(TINY).train()
    second.load_state_dict(first.state_dict())
    second.load_training_state(first.training_state())
    assert torch.equal(torch.stack(steps(second, 3, 6)), torch.stack(expected[3:]))
    for name, tensor in second.state_dict().items():
        assert torch.equal(tensor, whole.state_dict()[name]), name


def test_training_goes_on_from_a_loaded_codebook() -> None:
    book = Codebook(4, 2, 0.9)
    book.codebook.normal_()
    kept = book.codebook.clone()
    book.start(torch.randn(50, 2), noise_source())
    assert torch.equal(book.codebook, kept)
    assert torch.equal(book.code_sum, kept)


def test_tokenizer_learns_and_more_layers_are_closer() -> None:
    model = Tokenizer(TINY).train()
    time = torch.linspace(0, 6, 64)
    waves = torch.sin(time[None, :, None] * torch.rand(24, 1, 1).add(0.5)).expand(-1, -1, 263)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(60):
        loss, parts = model.batch_loss(waves, noise_source(step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert set(parts) == {"features", "positions", "commitment", "perplexity"}
    model.eval()
    codes = model.encode(waves)
    assert codes.shape == (24, 16, 4)
    assert codes.dtype == torch.int64
    latents = model.latents(waves)
    errors = [gap_mean(model.quantizer.decode(codes[..., :depth]), latents) for depth in (1, 4)]
    assert errors[1] < errors[0]
    assert gap_mean(model.decode(codes), waves) < 0.7 * float(waves.abs().mean())


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("down", [1, 2])
def test_a_motion_of_any_length_is_whole_tokens(stride: int, down: int) -> None:
    """As many as hold it; what is missing of the last is zeros. Training rebuilds the motion."""
    sizes = TokenizerSizes(
        codes=8, code_dim=4, width=4, depth=1, quantizers=2, stride=stride, down=down
    )
    model, each = Tokenizer(sizes).eval(), stride**down
    assert model.frames_per_token == each
    for frames in (*range(1, 30), 40, 64, 195, 196, 199):
        motion = torch.randn(1, frames, 263)
        codes = model.encode(motion)
        assert codes.shape == (1, math.ceil(frames / each), 2)
        filled = torch.cat([motion, torch.zeros(1, codes.shape[1] * each - frames, 263)], dim=1)
        assert torch.equal(model.encode(filled), codes)
        assert model.decode(codes).shape == filled.shape
        assert model(motion, noise_source())[0].shape == motion.shape
    assert sizes.longest == math.ceil(196 / each)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_token_stands_for_its_own_frames(stride: int) -> None:
    """A motion a token later has the same latents a token later, and codes a token later the same
    motion; a code reaches as far before its frames as behind them."""
    sizes = TokenizerSizes(codes=8, code_dim=16, width=32, depth=1, quantizers=2, stride=stride)
    model, each = Tokenizer(sizes).eval(), stride**2
    motion = torch.randn(1, 41 * each, 263)
    early, late = model.latents(motion[:, each:]), model.latents(motion[:, :-each])
    assert gap(early[:, 10:30], late[:, 11:31]) < TOLERANCE
    codes = torch.randint(0, 8, (1, 41, 2), generator=noise_source())
    for book in model.quantizer.books():
        book.codebook.normal_()
    early, late = model.decode(codes[:, 1:]), model.decode(codes[:, :-1])
    assert gap(early[:, 10 * each : 30 * each], late[:, 11 * each : 31 * each]) < TOLERANCE
    other = codes.clone()
    other[:, 20] = (other[:, 20] + 1) % 8
    moved = (model.decode(other) - model.decode(codes)).abs().amax(dim=(0, 2)).nonzero()[:, 0]
    before, behind = 20 * each - int(moved.min()), int(moved.max()) + 1 - 21 * each
    assert before == behind > 0


def gap_mean(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().mean().detach())


# --- length and evaluator -------------------------------------------------------------------


def test_length_estimator_learns() -> None:
    model, text = LengthEstimator(LengthSizes(text_dim=TEXT, classes=12)), torch.randn(10, TEXT)
    lengths = torch.arange(1, 11)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(150):
        loss, _ = model.batch_loss(LengthBatch(text, lengths), noise_source())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()
    assert float((model.predict(text) == lengths).float().mean()) > 0.8
    drawn = model.predict(text[:1].expand(1000, -1), torch.rand(1000, generator=noise_source()))
    assert float((drawn == 1).float().mean()) > 0.5
    model.output[-1].bias.data[0] = 1e3  # no motion has no token
    assert model.predict(text).tolist() == model.predict(text, torch.rand(10)).tolist() == [1] * 10


def test_evaluator_learns_to_match() -> None:
    model = Evaluator(EVALUATOR)
    motions, lengths = torch.randn(8, 40, 263), torch.full((8,), 40)
    words, pos = torch.randn(8, 22, 300), torch.eye(15)[torch.randint(0, 15, (8, 22))]
    counts = torch.full((8,), 9)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    for step in range(80):
        embedded = model.embed_motion(motions, lengths), model.embed_text(words, pos, counts)
        loss, _ = model.matching_loss(embedded[1], embedded[0], 1 + step % 7)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()
    with torch.no_grad():
        text, motion = model.embed_text(words, pos, counts), model.embed_motion(motions, lengths)
        assert torch.equal(torch.cdist(text, motion).argmin(-1), torch.arange(8))


def test_movement_autoencoder_learns() -> None:
    model, motions = MovementAutoencoder(EVALUATOR), torch.randn(8, 40, 263)
    first, _ = model.loss(motions)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(40):
        loss, _ = model.loss(motions)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert model.eval().loss(motions)[0] < first


# --- storage --------------------------------------------------------------------------------


def saved(folder: Path) -> Path:
    path = folder / "model.safetensors"
    model = LengthEstimator(LengthSizes(text_dim=TEXT, classes=5))
    storage.save(path, folder / "config.json", model, {"sizes": {"codes": 7}})
    return path


def test_a_saved_model_comes_back(tmp_path: Path) -> None:
    path = saved(tmp_path)
    model = LengthEstimator(LengthSizes(text_dim=TEXT, classes=5))
    storage.load_into(model, path)
    other = tmp_path / "again.safetensors"
    storage.save_state(other, model.state_dict())
    assert other.read_bytes() == path.read_bytes()
    assert storage.load_sizes(tmp_path / "config.json", TokenizerSizes) == TokenizerSizes(codes=7)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "again.safetensors",
        "config.json",
        "model.safetensors",
    ]


def _hostile(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weight": print}))


def _not_finite(path: Path) -> None:
    storage.save_state(path, {"output.0.weight": torch.tensor([1.0, float("nan")])})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "not a whole safetensors"),
        (lambda path: path.write_bytes(b""), "not a whole safetensors"),
        (lambda path: path.write_bytes(b"\xff" * 64), "not a whole safetensors"),
        (_hostile, "not a whole safetensors"),
        (lambda path: torch.save({"weight": torch.zeros(2)}, path), "not a whole safetensors file"),
        (_not_finite, "output.0.weight holds values that are not finite"),
    ],
)
def test_a_bad_file_is_refused(
    tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    path = saved(tmp_path)
    spoil(path)
    with pytest.raises(InputError, match=message) as caught:
        storage.load_into(LengthEstimator(LengthSizes(text_dim=TEXT, classes=5)), path)
    assert str(path) in str(caught.value)


def test_a_model_of_another_size_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with pytest.raises(InputError, match=r"output\.0\.weight has shape \(512, 16\).*\(512, 20\)"):
        storage.load_into(LengthEstimator(LengthSizes(text_dim=20, classes=5)), path)
    with pytest.raises(InputError, match=r"lacks tensor token_emb\.weight|lacks tensor"):
        storage.load_into(MaskedTransformer(SMALL), path)
    state = storage.load_state(path)
    storage.save_state(path, {**state, "extra": torch.zeros(3)})
    with pytest.raises(InputError, match=r"has tensor extra \(3,\), which the model does not"):
        storage.load_into(LengthEstimator(LengthSizes(text_dim=TEXT, classes=5)), path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "has no"),
        ([], "has no"),
        ({"sizes": {"colour": 1}}, "sizes.colour is unknown"),
        ({"sizes": {"codes": "many"}}, "sizes.codes is 'many'"),
        ({"sizes": {"codes": True}}, "sizes.codes is True"),
        ({"sizes": {"codes": 1}}, "sizes.codes is 1, and should be greater than or equal to 2"),
    ],
)
def test_bad_sizes_are_refused(tmp_path: Path, config: Any, message: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        storage.load_sizes(path, TokenizerSizes)
