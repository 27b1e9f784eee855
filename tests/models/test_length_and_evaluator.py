"""The length estimator and the evaluator learn."""

import torch

from hmu.models.batches.lengths import LengthBatch
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.length import LengthEstimator
from hmu.sections.length import LengthSizes
from support.small_models import EVALUATOR, TEXT, noise_source


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
