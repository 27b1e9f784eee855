"""Losses beside the official trainers: same weights, same batch, dropout and chance removed."""

import ast
import types
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import models as official_models
from hmu.models.batches import MatchingBatch
from hmu.models.evaluator import Evaluator, EvaluatorSizes, MovementAutoencoder
from hmu.models.tokenizer import Tokenizer, TokenizerSizes
from reference import checkout

TOLERANCE = 1e-5
SIZES = EvaluatorSizes(
    movement_hidden=24, movement_latent=20, text_hidden=16, motion_hidden=28, embedding=12
)


@pytest.fixture(autouse=True)
def seeded() -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        yield


def classes(repository: str, path: str, names: dict[str, Any]) -> types.SimpleNamespace:
    """The classes of one official file, which needs packages for what is not asked of it here."""
    file = checkout(repository) / path
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    found = {"torch": torch, "np": np, "nn": nn, "F": nn.functional, "OrderedDict": OrderedDict}
    found |= names
    exec(compile(tree, file, "exec"), found)
    return types.SimpleNamespace(**found)


@pytest.fixture
def text_to_motion() -> types.SimpleNamespace:
    folder, rnn = "EricGuo5513+text-to-motion", nn.utils.rnn
    modules = classes(
        folder, "networks/modules.py", {"pack_padded_sequence": rnn.pack_padded_sequence}
    )
    trainers = classes(folder, "networks/trainers.py", {})
    return types.SimpleNamespace(**{**vars(trainers), **vars(modules)})


def trainer(kind: Any, **fields: Any) -> Any:
    """A trainer without its logger and data."""
    made = object.__new__(kind)
    made.device = torch.device("cpu")
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def same_gradients(ours: nn.Module, official: nn.Module) -> None:
    theirs = dict(official.named_parameters())
    for name, parameter in ours.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, name
            assert (parameter.grad - theirs[name].grad).abs().max() < TOLERANCE, name


def test_movement_loss_equals_official(text_to_motion: types.SimpleNamespace) -> None:
    ours = MovementAutoencoder(SIZES).eval()
    official = official_models.movement_autoencoder(text_to_motion, SIZES).eval()
    official.load_state_dict(ours.state_dict())
    motions = torch.randn(5, 24, 263)
    reference = trainer(
        text_to_motion.DecompTrainerV3,
        movement_enc=official["encoder"],
        movement_dec=official["decoder"],
        l1_criterion=nn.L1Loss(),
        opt=types.SimpleNamespace(lambda_sparsity=0.001, lambda_smooth=0.001),
    )
    reference.forward(motions)
    reference.backward()
    loss, parts = ours.loss(motions)
    assert abs(float(loss.detach() - reference.loss.detach())) < TOLERANCE
    assert abs(float(parts["reconstruction"] - reference.loss_rec.detach())) < TOLERANCE
    loss.backward()
    reference.loss.backward()
    same_gradients(ours, official)


@pytest.mark.parametrize("shift", [1, 4])
def test_matching_step_equals_official(
    text_to_motion: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    ours = Evaluator(SIZES).eval()
    official = official_models.evaluator(text_to_motion, SIZES).eval()
    official.load_state_dict(ours.state_dict())
    ours.movement_encoder.requires_grad_(False)
    lengths = torch.tensor([80, 64, 52, 52, 44, 40])
    motions = torch.randn(6, 80, 263)
    for motion, length in zip(motions, lengths, strict=True):
        motion[length:] = 0
    words, tags = torch.randn(6, 22, 300), torch.eye(15)[torch.randint(15, (6, 22))]
    counts = torch.tensor([22, 14, 12, 9, 9, 3])
    reference = trainer(
        text_to_motion.TextMotionMatchTrainer,
        **dict(official.items()),
        contrastive_loss=text_to_motion.ContrastiveLoss(10.0),
        opt=types.SimpleNamespace(unit_length=4),
    )
    # The official trainer pads to 196 frames and takes lengths apart from captions.
    padded = nn.functional.pad(motions, (0, 0, 0, 116))
    reference.forward((words, tags, None, counts, padded, lengths, None))
    # Pairs come back in the order of lengths, of which two are equal.
    order = reference.align_idx
    monkeypatch.setattr(np.random, "randint", lambda low, high: shift)
    reference.backward()
    batch = MatchingBatch(motions[order], lengths[order], words[order], tags[order], counts[order])
    uniform = (shift - 0.5) / 5
    monkeypatch.setattr(torch, "rand", lambda *size, **options: torch.tensor(uniform))
    loss, parts = ours.batch_loss(batch, torch.Generator())
    assert abs(float(loss.detach() - reference.loss.detach())) < TOLERANCE * float(loss.detach())
    assert abs(float(parts["negative"] - reference.loss_neg.detach())) < 1e-3
    loss.backward()
    reference.loss.backward()
    same_gradients(ours, official)


def test_tokenizer_loss_equals_official() -> None:
    """The weights of the parts, given what the official model says of a batch."""
    folder = "EricGuo5513+momask-codes"
    kind = classes(folder, "models/vq/vq_trainer.py", {"defaultdict": dict}).RVQTokenizerTrainer
    model = Tokenizer(TokenizerSizes(codes=8, code_dim=6, width=8, depth=1, quantizers=2)).eval()
    for book in model.quantizer.books():
        book.codebook.normal_()
    noise = torch.Generator().manual_seed(0)
    options = types.SimpleNamespace(joints_num=22, loss_vel=0.5, commit=0.02)
    reference = trainer(
        kind,
        vq_model=lambda motions: model(motions, noise),
        l1_criterion=nn.SmoothL1Loss(),
        opt=options,
    )
    motions = torch.randn(3, 16, 263)
    expected, features, positions, commitment, perplexity = reference.forward(motions)
    loss, parts = model.loss(motions, noise)
    for name, value in (("features", features), ("positions", positions)):
        assert torch.equal(parts[name], value.detach())
    assert torch.equal(parts["commitment"], commitment.detach())
    assert torch.equal(parts["perplexity"], perplexity)
    assert abs(float(loss.detach() - expected.detach())) < TOLERANCE
