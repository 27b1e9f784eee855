"""The models beside the official ones, with the same weights."""

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from benchmarks import models as official_models
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.models import packing, transformer
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.length import LengthEstimator
from hmu.models.quantizer import Codebook
from hmu.models.residual import ResidualTransformer
from hmu.models.tokenizer import ResidualBlock, Tokenizer
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from support.reference import checkout, gap, importable
from support.small_models import (
    EVALUATOR,
    RESIDUAL,
    SAMPLING,
    SMALL,
    TEXT,
    TOKENIZER,
    TOLERANCE,
    align,
    batch,
    noise_source,
)


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
    ours, official = Tokenizer(TOKENIZER), official_models.tokenizer(momask["vq"], TOKENIZER)
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
