"""Training: seeded, resumable to the byte, stopped on a plateau."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hmu.models import training
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from hmu.models.training import Schedule, train


class Noise:
    """Random windows; enough to move every weight."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.epochs, self.stop_after = 0, stop_after

    def training(self, generator: np.random.Generator) -> Iterator[Tensor]:
        if self.epochs == self.stop_after:
            raise KeyboardInterrupt
        self.epochs += 1
        for _ in range(3):
            yield torch.from_numpy(generator.standard_normal((4, 16, 12), dtype=np.float32))

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
    log = train("t", whole, whole.loss, Noise(), SCHEDULE, 1, tmp_path / "a.safetensors")
    with pytest.raises(KeyboardInterrupt):
        train("t", parts, parts.loss, Noise(3), SCHEDULE, 1, tmp_path / "b.safetensors")
    fresh = tokenizer()
    resumed = train("t", fresh, fresh.loss, Noise(), SCHEDULE, 1, tmp_path / "b.safetensors")
    assert resumed == log
    assert len(log) == SCHEDULE.epochs
    for (name, one), (_, other) in zip(
        whole.state_dict().items(), fresh.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), name


def test_a_resumed_run_does_not_repeat_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SECONDS_BETWEEN_SAVES", 0.0)
    model = tokenizer()
    with pytest.raises(KeyboardInterrupt):
        train("t", model, model.loss, Noise(4), SCHEDULE, 1, tmp_path / "s.safetensors")
    rest = Noise()
    fresh = tokenizer()
    train("t", fresh, fresh.loss, rest, SCHEDULE, 1, tmp_path / "s.safetensors")
    assert rest.epochs == SCHEDULE.epochs - 4


def test_the_seed_decides(tmp_path: Path) -> None:
    states = []
    for run, seed in enumerate((1, 1, 2)):
        model = tokenizer()
        train("t", model, model.loss, Noise(), SCHEDULE, seed, tmp_path / f"{run}.safetensors")
        states.append(torch.cat([p.flatten() for p in model.parameters()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


class Scalar(nn.Module):
    """A validation loss that falls, rises, falls to its least, and rises for good."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.epoch = 0

    def loss(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        if self.training:
            self.epoch += 1
            return self.weight.sum() * -100.0, {}
        return torch.tensor([9.0, 5.0, 6.0, 2.0, 3.0, 4.0, 5.0, 6.0][self.epoch // 3 - 1]), {}


def test_stops_on_a_plateau_with_the_best_weights(tmp_path: Path) -> None:
    model = Scalar()
    schedule = Schedule(epochs=8, batch=1, rate=1.0, patience=2)
    log = train("s", model, model.loss, Noise(), schedule, 0, tmp_path / "s.safetensors")
    assert [row["validation loss"] for row in log] == [9.0, 5.0, 6.0, 2.0, 3.0, 4.0]
    # Adam moves the weight by its rate in each of the three steps of an epoch.
    assert model.weight.item() == pytest.approx(4 * 3, abs=0.2)


def test_learning_rate_warms_up_and_falls() -> None:
    schedule = Schedule(epochs=1, batch=1, rate=1.0, warmup=4, milestones=(10, 20), gamma=0.1)
    assert schedule.rate_at(0) == pytest.approx(0.2)
    assert schedule.rate_at(4) == pytest.approx(1.0)
    assert schedule.rate_at(13) == pytest.approx(1.0)
    assert schedule.rate_at(14) == pytest.approx(0.1)
    assert schedule.rate_at(24) == pytest.approx(0.01)
