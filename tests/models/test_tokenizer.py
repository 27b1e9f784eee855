"""The tokenizer: codebooks, quantizer, rates and losses."""

import math

import pytest
import torch
from torch import Tensor

from hmu.models.quantizer import Codebook
from hmu.models.tokenizer import Tokenizer
from hmu.sections.tokenizer import TokenizerSizes
from support.reference import gap
from support.small_models import TOKENIZER, TOLERANCE, noise_source


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
    quantizer = Tokenizer(TOKENIZER).quantizer.eval()
    for book in quantizer.books():
        book.codebook.normal_()
    latents = torch.randn(8, 30, TOKENIZER.code_dim)
    whole = quantizer(latents, noise_source())
    with torch.autocast("cpu", torch.bfloat16):
        mixed = quantizer(latents, noise_source())
    for one, other in zip(whole, mixed, strict=True):
        assert torch.equal(one, other)


def test_quantizer_dropout_leaves_out_the_last_layers() -> None:
    model = Tokenizer(TOKENIZER).train()
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

    whole = Tokenizer(TOKENIZER).train()
    weights = {name: tensor.clone() for name, tensor in whole.state_dict().items()}
    expected = steps(whole, 0, 6)
    first = Tokenizer(TOKENIZER).train()
    first.load_state_dict(weights)
    assert torch.equal(torch.stack(steps(first, 0, 3)), torch.stack(expected[:3]))
    second = Tokenizer(TOKENIZER).train()
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
    model = Tokenizer(TOKENIZER).train()
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
