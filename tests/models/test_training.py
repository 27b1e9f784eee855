"""Training: seeded, resumable to the byte, stopped on a plateau."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hmu import rng
from hmu.backbones.bamm.masked import MaskedTransformer as BammTransformer
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.errors import InputError
from hmu.models import fitting, training
from hmu.models.batches.codes import CodeBatch
from hmu.models.batches.drawing import Draw
from hmu.models.batches.matching import MatchingBatch
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.stepping import Loss
from hmu.models.tokenizer import Tokenizer
from hmu.models.training import train
from hmu.run import device
from hmu.run.job import Job
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.training import Schedule
from hmu.sections.transformer import ResidualSizes, TransformerSizes


class Noise:
    """Random windows; enough to move every weight."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.epochs, self.stop_after = 0, stop_after

    def training(self, draw: Draw) -> Iterator[Tensor]:
        if self.epochs == self.stop_after:
            raise KeyboardInterrupt
        self.epochs += 1
        for window in draw(rng.keys(range(3)), 4 * 16 * 12):
            yield torch.from_numpy(window.astype(np.float32).reshape(4, 16, 12) * 3 - 1.5)

    def validation(self) -> Iterator[Tensor]:
        yield torch.ones(2, 16, 12)


def tokenizer() -> Tokenizer:
    torch.manual_seed(0)
    sizes = TokenizerSizes(features=12, codes=8, code_dim=4, width=8, depth=1, quantizers=2)
    return Tokenizer(sizes)


SCHEDULE = Schedule(epochs=6, batch=4, rate=1e-2, warmup=2, milestones=(5,))


def test_interrupted_and_resumed_equals_uninterrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SECONDS_BETWEEN_SAVES", 0.0)
    whole, parts = tokenizer(), tokenizer()
    log = train("t", whole, whole.batch_loss, Noise(), SCHEDULE, 1, tmp_path / "a.safetensors")
    with pytest.raises(KeyboardInterrupt):
        train("t", parts, parts.batch_loss, Noise(3), SCHEDULE, 1, tmp_path / "b.safetensors")
    fresh = tokenizer()
    resumed = train("t", fresh, fresh.batch_loss, Noise(), SCHEDULE, 1, tmp_path / "b.safetensors")
    assert resumed == log
    assert len(log) == SCHEDULE.epochs
    for (name, one), (_, other) in zip(
        whole.state_dict().items(), fresh.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), name


class Repeated:
    """The same few batches each epoch, in an order that the epoch draws; stops on request."""

    def __init__(self, batches: list[Any], stop_after: int | None = None) -> None:
        self.batches, self.stop_after, self.epochs = batches, stop_after, 0

    def training(self, draw: Draw) -> Iterator[Any]:
        if self.epochs == self.stop_after:
            raise KeyboardInterrupt
        self.epochs += 1
        order = draw(rng.keys(range(len(self.batches))), 1)[:, 0].argsort()
        return iter([self.batches[row] for row in order])

    def validation(self) -> Iterator[Any]:
        return iter(self.batches[:1])


SIZES = TransformerSizes(
    latent=16, heads=2, layers=1, feedforward=24, text_dim=8, codes=12, code_dim=10, quantizers=3
)


def coded_batches() -> list[CodeBatch]:
    noise = torch.Generator().manual_seed(3)
    return [
        CodeBatch(
            torch.randint(12, (4, 9, 3), generator=noise),
            torch.tensor([9, 4, 6, 2]),
            torch.randn(4, 8, generator=noise),
        )
        for _ in range(3)
    ]


def masked() -> tuple[nn.Module, Loss, list[Any]]:
    model = MaskedTransformer(SIZES)
    return model, model.batch_loss, coded_batches()


def bamm() -> tuple[nn.Module, Loss, list[Any]]:
    model = BammTransformer(SIZES)
    return model, model.batch_loss, coded_batches()


def residual() -> tuple[nn.Module, Loss, list[Any]]:
    model = ResidualTransformer(ResidualSizes.of(SIZES))
    return model, model.batch_loss, coded_batches()


def length() -> tuple[nn.Module, Loss, list[Any]]:
    model = LengthEstimator(LengthSizes(text_dim=8, classes=10))
    return model, model.batch_loss, coded_batches()


SMALL = EvaluatorSizes(
    movement_hidden=12, movement_latent=10, text_hidden=8, motion_hidden=14, embedding=6
)


def movement() -> tuple[nn.Module, Loss, list[Any]]:
    model = MovementAutoencoder(SMALL)
    return model, model.loss, list(torch.randn(3, 4, 24, 263))


def matching() -> tuple[nn.Module, Loss, list[Any]]:
    model = Evaluator(SMALL)
    model.movement_encoder.requires_grad_(False)
    batches: list[Any] = [
        MatchingBatch(
            torch.randn(4, 40, 263),
            torch.tensor([40, 12, 28, 20]),
            torch.randn(4, 22, 300),
            torch.eye(15)[torch.randint(15, (4, 22))],
            torch.tensor([22, 3, 9, 14]),
        )
        for _ in range(3)
    ]
    return model, model.batch_loss, batches


KINDS = [masked, bamm, residual, length, movement, matching]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_resumes_exactly(
    kind: Callable[[], tuple[nn.Module, Loss, list[Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "_SECONDS_BETWEEN_SAVES", 0.0)
    schedule = Schedule(epochs=5, batch=4, rate=1e-2, weight_decay=1e-2, clip_norm=0.5, patience=4)

    def run(stop_after: int | None, resume: str) -> tuple[nn.Module, Any]:
        torch.manual_seed(0)
        model, loss, batches = kind()
        source = Repeated(batches, stop_after)
        return model, train("k", model, loss, source, schedule, 1, tmp_path / resume)

    whole, log = run(None, "a.safetensors")
    for stop in (1, 3):  # interrupted, resumed, interrupted again
        with pytest.raises(KeyboardInterrupt):
            run(stop, "b.safetensors")
    resumed, again = run(None, "b.safetensors")
    assert again == log
    for (name, one), (_, other) in zip(
        whole.state_dict().items(), resumed.state_dict().items(), strict=True
    ):
        assert one.numpy().tobytes() == other.numpy().tobytes(), name


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision_trains_as_float32_does(
    kind: Callable[[], tuple[nn.Module, Loss, list[Any]]], tmp_path: Path
) -> None:
    losses = {}
    for precision in ("float32", "bfloat16"):
        torch.manual_seed(0)
        model, loss, batches = kind()
        schedule = Schedule(epochs=12, batch=4, rate=3e-3, precision=precision)
        file = tmp_path / f"{precision}.safetensors"
        log = train("k", model, loss, Repeated(batches), schedule, 1, file)
        assert all(value.dtype != torch.bfloat16 for value in model.state_dict().values())
        losses[precision] = [row["validation loss"] for row in log]
    one, other = losses.values()
    assert one != other  # it was another precision
    assert other[-1] < other[0]
    assert np.allclose(one, other, rtol=0.03, atol=0.03)


def test_mixed_precision_leaves_codebooks_in_float32(tmp_path: Path) -> None:
    model = tokenizer()
    schedule = Schedule(epochs=2, batch=4, rate=1e-2, precision="bfloat16")
    train("t", model, model.batch_loss, Noise(), schedule, 1, tmp_path / "s.safetensors")
    for book in model.quantizer.books():
        assert book.codebook.dtype == torch.float32
        assert not torch.equal(book.codebook, book.codebook.bfloat16().float())


def test_auto_is_float32_on_a_processor() -> None:
    with device.precision(torch.device("cpu"), "auto"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


class Steep(nn.Module):
    """Two networks, one with large gradients and one with small ones."""

    def __init__(self) -> None:
        super().__init__()
        self.large, self.small = (nn.Linear(1, 1, bias=False) for _ in range(2))

    def loss(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        return self.large.weight.sum() * 100 + self.small.weight.sum() * 0.01, {}


def test_gradients_are_clipped_network_by_network(tmp_path: Path) -> None:
    model = Steep()
    schedule = Schedule(epochs=1, batch=1, rate=1e-3, clip_norm=0.5)
    train("s", model, model.loss, Noise(), schedule, 0, tmp_path / "s.safetensors")
    assert model.large.weight.grad is not None
    assert model.large.weight.grad.item() == pytest.approx(0.5)
    assert model.small.weight.grad is not None
    assert model.small.weight.grad.item() == pytest.approx(0.01)


def test_a_resumed_run_does_not_repeat_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SECONDS_BETWEEN_SAVES", 0.0)
    model = tokenizer()
    with pytest.raises(KeyboardInterrupt):
        train("t", model, model.batch_loss, Noise(4), SCHEDULE, 1, tmp_path / "s.safetensors")
    rest = Noise()
    fresh = tokenizer()
    train("t", fresh, fresh.batch_loss, rest, SCHEDULE, 1, tmp_path / "s.safetensors")
    assert rest.epochs == SCHEDULE.epochs - 4


def test_the_seed_decides(tmp_path: Path) -> None:
    states = []
    for run, seed in enumerate((1, 1, 2)):
        model = tokenizer()
        train(
            "t", model, model.batch_loss, Noise(), SCHEDULE, seed, tmp_path / f"{run}.safetensors"
        )
        states.append(torch.cat([p.flatten() for p in model.parameters()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


class Listener(nn.Module):
    """Writes down what noise the steps of training and of validation get."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.heard: dict[bool, list[tuple[float, float]]] = {True: [], False: []}

    def loss(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        heard = torch.rand((), generator=generator).item(), torch.rand(()).item()
        self.heard[self.training].append(heard)
        return self.weight.sum() * 0 + batch.mean(), {"twice": 2 * batch.mean()}


class Drawn:
    """Writes down what each epoch draws; two batches to train on and two to validate with."""

    def __init__(self) -> None:
        self.drawn: list[float] = []

    def training(self, draw: Draw) -> Iterator[Tensor]:
        self.drawn.append(float(draw(rng.keys(["a"]), 1)[0, 0]))
        return iter(torch.tensor([[1.0], [3.0]]))

    def validation(self) -> Iterator[Tensor]:
        return iter(torch.tensor([[4.0], [5.0]]))


def test_epochs_and_steps_have_noise_of_their_own_and_validation_the_same(tmp_path: Path) -> None:
    model, source = Listener(), Drawn()
    file = tmp_path / "l.safetensors"
    log = train("l", model, model.loss, source, Schedule(epochs=3, batch=1, rate=1e-3), 0, file)
    assert len(set(source.drawn)) == 3
    steps, held_out = model.heard[True], model.heard[False]
    for numbers in (*zip(*steps, strict=True), *zip(*held_out[:2], strict=True)):
        assert len(set(numbers)) == len(numbers)
    assert len(steps) == 6
    assert held_out == held_out[:2] * 3
    assert not set(steps) & set(held_out)
    means = {"train loss": 2, "train twice": 4, "validation loss": 4.5, "validation twice": 9}
    assert log == [{"epoch": epoch, "step": 2 * epoch, **means} for epoch in (1, 2, 3)]


class Scalar(nn.Module):
    """A validation loss that falls, rises, falls to its least, and is never below that again."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.epoch = 0

    def loss(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        if self.training:
            self.epoch += 1
            return self.weight.sum() * -100.0, {}
        return torch.tensor([9.0, 5.0, 6.0, 2.0, 3.0, 2.0, 5.0, 6.0][self.epoch // 3 - 1]), {}


@pytest.mark.parametrize(("keep_best", "epochs"), [(True, 4), (False, 6)])
def test_stops_on_a_plateau_with_the_best_weights_or_the_last(
    tmp_path: Path, keep_best: bool, epochs: int
) -> None:
    model, file = Scalar(), tmp_path / "s.safetensors"
    schedule = Schedule(epochs=8, batch=1, rate=1.0, patience=2)
    log = train("s", model, model.loss, Noise(), schedule, 0, file, keep_best)
    assert [row["validation loss"] for row in log] == [9.0, 5.0, 6.0, 2.0, 3.0, 2.0]
    # Adam moves the weight by its rate in each of the three steps of an epoch.
    assert model.weight.item() == pytest.approx(epochs * 3, abs=0.2)
    assert not model.training


def test_a_run_that_diverges_says_so(tmp_path: Path) -> None:
    model = tokenizer()
    schedule = Schedule(epochs=30, batch=4, rate=1e30)
    with pytest.raises(InputError, match=r"Training t: the train loss is (nan|inf).* rate"):
        train("t", model, model.batch_loss, Noise(), schedule, 0, tmp_path / "s.safetensors")


def test_a_validation_loss_that_is_no_number_is_refused(tmp_path: Path) -> None:
    model = tokenizer()

    def loss(batch: Tensor, noise: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        value, parts = model.batch_loss(batch, noise)
        return value if model.training else value * float("nan"), parts

    schedule = Schedule(epochs=3, batch=4, rate=0.1)
    with pytest.raises(InputError, match="the validation loss is nan in epoch 1"):
        train("t", model, loss, Noise(), schedule, 0, tmp_path / "s.safetensors")


def test_first_weights_belong_to_the_seed_and_the_name() -> None:
    def weights(seed: int, name: str) -> Tensor:
        job = Job("step", {}, {}, {"device": "cpu"}, seed)
        return fitting.initialise(lambda: nn.Linear(3, 3), job, name).weight.detach()

    torch.manual_seed(5)
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(weights(1, "a"), weights(1, "a"))
    assert not torch.equal(weights(1, "a"), weights(2, "a"))
    assert not torch.equal(weights(1, "a"), weights(1, "b"))
    assert torch.equal(torch.rand(1), after)  # nobody else's numbers are used up


@pytest.mark.parametrize("damage", [b"", b"{}", b"\0" * 100], ids=["empty", "text", "zeros"])
def test_a_damaged_state_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    monkeypatch.setattr(training, "_SECONDS_BETWEEN_SAVES", 0.0)
    file = tmp_path / "s.safetensors"
    whole = tokenizer()
    log = train("t", whole, whole.batch_loss, Noise(), SCHEDULE, 1, tmp_path / "a.safetensors")
    file.write_bytes(damage)
    model = tokenizer()
    assert train("t", model, model.batch_loss, Noise(), SCHEDULE, 1, file) == log


def test_learning_rate_warms_up_and_falls() -> None:
    schedule = Schedule(epochs=1, batch=1, rate=1.0, warmup=4, milestones=(10, 20), gamma=0.1)
    assert schedule.rate_at(0) == pytest.approx(0.4)
    assert schedule.rate_at(2) == pytest.approx(0.8)
    assert schedule.rate_at(3) == pytest.approx(1.0)
    assert schedule.rate_at(13) == pytest.approx(1.0)
    assert schedule.rate_at(14) == pytest.approx(0.1)
    assert schedule.rate_at(24) == pytest.approx(0.01)
