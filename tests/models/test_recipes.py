"""The official trainers beside ours: their options, their learning rates, and their whole loops.

A loop is run as it is, on batches that both sides get and with dropout and chance removed: the
weights that come out are the same. Only data, logs, plots and evaluations are taken from it.
"""

import ast
import importlib
import itertools
import os
import re
import shlex
import sys
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from benchmarks import models as official_models
from hmu import config
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.momask import masked as momask
from hmu.models import blocks, quantizer, residual, tokenizer
from hmu.models.batches.codes import CodeBatch
from hmu.models.batches.drawing import Draw
from hmu.models.batches.matching import MatchingBatch
from hmu.models.evaluator import Evaluator, MovementAutoencoder
from hmu.models.length import LengthEstimator
from hmu.models.residual import ResidualTransformer
from hmu.models.stepping import Loss
from hmu.models.tokenizer import ResidualBlock, Tokenizer
from hmu.models.training import train
from hmu.sections.evaluator import EvaluatorSizes
from hmu.sections.length import LengthSizes
from hmu.sections.tokenizer import TokenizerSizes
from hmu.sections.training import Schedule
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from support.reference import checkout, gap, importable

MOMASK, BAMM, EVALUATOR = (
    "EricGuo5513+momask-codes",
    "exitudio+BAMM",
    "EricGuo5513+text-to-motion",
)


def sections() -> dict[str, Any]:
    """The sections of a configuration that says nothing of its models, by model."""
    filled = config.validate(
        {
            "datasets": {"own": {"source": "joints", "raw": "somewhere"}},
            "concepts": {"wave": {"keywords": ["wave"]}},
            "backbones": {"momask": {}},
            "variants": {"original": {"method": "original"}},
            "tables": {"main": {"layout": "main", "dataset": "own", "concept": "wave"}},
        }
    )
    parts = filled["backbones"]["momask"]
    evaluator = filled["evaluator"]
    return {
        "tokenizer": parts["tokenizer"],
        "masked": parts["masked"],
        "BAMM": parts["masked"],
        "residual": parts["residual"],
        "length": filled["length"],
        "movement": {**evaluator, "training": evaluator["movement_training"]},
        "matching": {**evaluator, "training": evaluator["matching_training"]},
    }


# --- options --------------------------------------------------------------------------------

# Ours and theirs; the first of a dotted pair is a section of ours.
_TRAINING = {"training.epochs": "max_epoch", "training.batch": "batch_size", "training.rate": "lr"}
_SCHEDULE = {**_TRAINING, "training.warmup": "warm_up_iter", "training.gamma": "gamma"}
_TRANSFORMER = {
    **_SCHEDULE,
    "latent": "latent_dim",
    "heads": "n_heads",
    "layers": "n_layers",
    "feedforward": "ff_size",
    "dropout": "dropout",
    "cond_drop": "cond_drop_prob",
}
_TOKENIZER = {
    **_SCHEDULE,
    "training.weight_decay": "weight_decay",
    "training.milestones": "milestones",
    "training.window": "window_size",
    "codes": "nb_code",
    "code_dim": "code_dim",
    "width": "width",
    "depth": "depth",
    "down": "down_t",
    "dilation": "dilation_growth_rate",
    "quantizers": "num_quantizers",
    "quantizer_dropout": "quantize_dropout_prob",
    "ema": "mu",
}
_MOVEMENT = {"movement_hidden": "dim_movement_enc_hidden", "movement_latent": "dim_movement_latent"}
_MATCHING = {
    **_TRAINING,
    **_MOVEMENT,
    "training.margin": "negative_margin",
    "text_hidden": "dim_text_hidden",
    "motion_hidden": "dim_motion_hidden",
    "embedding": "dim_coemb_hidden",
}


@pytest.mark.parametrize(
    ("model", "repository", "script", "options", "same"),
    [
        ("tokenizer", MOMASK, "train_vq", "vq_option.arg_parse", _TOKENIZER),
        ("masked", MOMASK, "train_t2m_transformer", "train_option.TrainT2MOptions", _TRANSFORMER),
        (
            "residual",
            MOMASK,
            "train_res_transformer",
            "train_option.TrainT2MOptions",
            {**_TRANSFORMER, "share_weight": "share_weight"},
        ),
        ("BAMM", BAMM, None, "train_option.TrainT2MOptions", _TRANSFORMER),
        ("length", MOMASK, None, "train_option.TrainLenEstOptions", _TRAINING),
        (
            "movement",
            EVALUATOR,
            "train_decomp_v3",
            "train_options.TrainDecompOptions",
            {**_TRAINING, **_MOVEMENT, "training.window": "window_size"},
        ),
        (
            "matching",
            EVALUATOR,
            "train_tex_mot_match",
            "train_options.TrainTexMotMatchOptions",
            _MATCHING,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." not in value else "",
)
def test_defaults_are_those_of_the_official_command(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    model: str,
    repository: str,
    script: str | None,
    options: str,
    same: dict[str, str],
) -> None:
    """The command of the official README where it gives one, else the script without arguments."""
    folder = checkout(repository)
    words: list[str] = []
    if script is not None:
        readme = (folder / "README.md").read_text(encoding="utf-8")
        (command,) = re.findall(rf"python {script}\.py (.+--dataset_name t2m.*)", readme)
        words = shlex.split(command)
    monkeypatch.setattr(sys, "argv", ["train", *words])
    monkeypatch.setattr(torch.cuda, "set_device", lambda number: None)
    monkeypatch.chdir(tmp_path)  # where they write their options
    module, _, name = options.partition(".")
    with importable(folder):
        parser = getattr(importlib.import_module(f"options.{module}"), name)
        found = parser(True) if name == "arg_parse" else parser().parse()
    section = sections()[model]
    for ours, theirs in same.items():
        head, _, tail = ours.rpartition(".")
        value = (section[head] if head else section)[tail]
        assert value == getattr(found, theirs), ours
    if same.keys() >= _TRANSFORMER.keys():
        # Their transformers count the milestones from the first step, ours after the warm-up.
        after = [each - found.warm_up_iter for each in found.milestones]
        assert section["training"]["milestones"] == after


# --- loops ----------------------------------------------------------------------------------


def official_trainer(
    repository: str, path: str, name: str, fields: dict[str, Any], **options: Any
) -> Any:
    """The trainer ``name`` of one official file without its logger, plots and evaluations."""
    file = checkout(repository) / path
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    names: dict[str, Any] = {
        "torch": torch,
        "np": np,
        "F": nn.functional,
        "optim": torch.optim,
        "clip_grad_norm_": nn.utils.clip_grad_norm_,
        "time": time,
        "os": os,
        "pjoin": os.path.join,
        "OrderedDict": OrderedDict,
        "defaultdict": defaultdict,
    }
    for scores in ("vqvae", "mask_transformer", "res_transformer"):
        names[f"evaluation_{scores}"] = lambda *arguments, **named: [0.0] * 6 + [None]
    for report in ("print_current_loss", "print_current_loss_decomp"):
        names[report] = MagicMock()
    exec(compile(tree, file, "exec"), names)
    made = object.__new__(names[name])
    seldom = dict.fromkeys(["log_every", "save_latest", "save_every_e", "eval_every_e"], 1000)
    made.opt = SimpleNamespace(
        is_continue=False,
        model_dir="",
        save_root="",
        eval_dir="",
        device="cpu",
        **seldom,
        **options,
    )
    made.device, made.logger, made.save = torch.device("cpu"), MagicMock(), MagicMock()
    for field, value in fields.items():
        setattr(made, field, value)
    return made


class Given:
    """The same batches in every epoch."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def training(self, draw: Draw) -> Iterator[Any]:
        return iter(self.batches)

    def validation(self) -> Iterator[Any]:
        return iter(self.batches[:1])


EPOCHS = 4
MILESTONES = (5, 9)
"""After the warm-up, of which there is none here: see the test of learning rates."""


def our_loop(
    name: str, model: nn.Module, loss: Loss, batches: list[Any], folder: Path, **given: Any
) -> Schedule:
    """Train with our defaults but for what is ``given``, without chance; the schedule."""
    defaults = Schedule.of(sections()[name]["training"])
    settings = {**vars(defaults), "epochs": EPOCHS, "warmup": 0, "patience": None, **given}
    schedule = Schedule(**settings)
    file = folder / "state.safetensors"
    train(name, model, loss, Given(batches), schedule, 0, file, keep_best=False)
    return schedule


def same_weights(
    ours: nn.Module, official: nn.Module, before: dict[str, Tensor], within: float
) -> None:
    """Every weight equal within a share of the way that it went, and every weight has moved."""
    theirs = official.state_dict()
    for name, parameter in ours.named_parameters():
        moved = gap(parameter, before[name])
        if parameter.requires_grad:
            assert moved > 0, name
        assert gap(parameter, theirs[name]) <= within * max(moved, 1e-12), name


def without_dropout(*models: nn.Module) -> None:
    for model in models:
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
            if isinstance(module, ResidualBlock):
                module.dropout = 0.0


def copied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in state.items()}


def test_tokenizer_loop_equals_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sizes = TokenizerSizes(
        codes=16, code_dim=12, width=12, depth=1, quantizers=3, quantizer_dropout=0.0
    )
    windows = list(torch.randn(3, 4, 32, 263))
    ours = Tokenizer(sizes)
    monkeypatch.setattr(
        quantizer.Codebook, "sample", lambda self, x, temperature, source: self.nearest(x)
    )
    with importable(checkout(MOMASK)):
        official = official_models.tokenizer(importlib.import_module("models.vq.model"), sizes)
        chance = importlib.import_module("models.vq.quantizer")
    official.load_state_dict(ours.state_dict())
    without_dropout(ours, official)
    # Codes in use are few and the dead ones are put onto rows of the batch, which is no chance.
    monkeypatch.setattr(chance, "gumbel_noise", torch.zeros_like)
    before = copied(ours.state_dict())
    schedule = our_loop(
        "tokenizer", ours, ours.batch_loss, windows, tmp_path, milestones=MILESTONES
    )
    trainer = official_trainer(
        MOMASK,
        "models/vq/vq_trainer.py",
        "RVQTokenizerTrainer",
        {"vq_model": official, "l1_criterion": nn.SmoothL1Loss()},
        lr=schedule.rate,
        weight_decay=schedule.weight_decay,
        gamma=schedule.gamma,
        milestones=MILESTONES,
        warm_up_iter=0,
        max_epoch=EPOCHS,
        joints_num=22,
        loss_vel=0.5,
        commit=0.02,
    )
    monkeypatch.chdir(tmp_path)  # where it makes folders for its plots
    trainer.train(windows, windows[:1], [], None, MagicMock())
    same_weights(ours, official, before, 0.01)
    for mine, theirs in zip(ours.quantizer.books(), official.quantizer.layers, strict=True):
        assert gap(mine.codebook, theirs.codebook) < 1e-4
        assert gap(mine.code_count, theirs.code_count) < 1e-4
        assert len(mine.codebook.unique(dim=0)) == sizes.codes


SIZES = TransformerSizes(
    latent=16,
    heads=2,
    layers=2,
    feedforward=24,
    dropout=0.0,
    text_dim=8,
    cond_drop=0.0,
    codes=12,
    code_dim=10,
    quantizers=4,
)
LENGTHS = torch.tensor([9, 4, 6, 2, 7])


def coded() -> list[CodeBatch]:
    return [
        CodeBatch(
            torch.randint(12, (5, 9, 4)), LENGTHS, torch.randn(5, 8, dtype=torch.float64) + number
        )
        for number in range(3)
    ]


def transformer_loop(
    name: str,
    ours: Any,
    kind: str,
    repository: str,
    folder: Path,
    chance: Callable[[Any], None],
) -> None:
    """Train ``ours`` and the official model of ``kind`` on the same batches, in float64."""
    batches = coded()
    with importable(checkout(repository)):
        module = importlib.import_module("models.mask_transformer.transformer")
        official = official_models.transformer(module, kind, ours.sizes, torch.empty(0))
        chance(module)
        official.load_state_dict(ours.state_dict())
        official.double()
        ours.double()
        if kind == "ResidualTransformer":  # its layers, one-hot, are always float32
            official.quant_emb.register_forward_pre_hook(lambda _, given: (given[0].double(),))
        before = copied(ours.state_dict())
        schedule = our_loop(name, ours, ours.batch_loss, batches, folder, milestones=MILESTONES)
        tokenizer = MagicMock(encode=lambda motion: (motion.long(), None))
        part = "res_transformer" if kind == "ResidualTransformer" else "t2m_transformer"
        trainer = official_trainer(
            repository,
            "models/mask_transformer/transformer_trainer.py",
            f"{kind}Trainer",
            {part: official, "vq_model": tokenizer, "res_model": None},
            lr=schedule.rate,
            gamma=schedule.gamma,
            milestones=MILESTONES,
            warm_up_iter=0,
            max_epoch=EPOCHS,
        )
        # The trainer would make the captions' embeddings float32.
        given = [((batch.text,), batch.codes, batch.lengths * 4) for batch in batches]
        official.encode_text = lambda conds: conds[0]
        trainer.train(given, given[:1], [], None, None)
    same_weights(ours, official, before, 3e-5)


def test_masked_loop_equals_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same draws on both sides: how many are asked for, which, and what is shown there."""
    time = torch.tensor([0.99, 0.7, 0.5, 0.2, 0.0])  # the first asks for one, which is there
    order, wrong, hidden, codes = torch.rand(4, 5, 9).unbind()
    wrong[:, ::3] *= 0.1  # enough of them
    torch_rand = torch.rand

    def rand(*shape: Any, **options: Any) -> Tensor:
        return torch_rand(*shape, **options) if "generator" in options else order

    def chance(module: Any) -> None:
        ours = itertools.cycle([time, order, wrong, hidden, codes])
        theirs = itertools.cycle([wrong, hidden])
        random_codes = (codes * SIZES.codes).long()
        monkeypatch.setattr(momask, "uniforms", lambda *arguments: next(ours))
        monkeypatch.setattr(torch, "rand", rand)
        monkeypatch.setattr(module, "uniform", lambda *arguments, **named: time)
        monkeypatch.setattr(
            module, "get_mask_subset_prob", lambda mask, share: (next(theirs) < share) & mask
        )
        monkeypatch.setattr(torch, "randint_like", lambda ids, high: random_codes)

    ours = momask.MaskedTransformer(SIZES)
    transformer_loop("masked", ours, "MaskTransformer", MOMASK, tmp_path, chance)


def test_residual_loop_equals_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn = torch.linspace(0, 0.999, 5)

    def chance(module: Any) -> None:
        monkeypatch.setattr(residual, "uniforms", lambda *arguments: drawn)
        tools = importlib.import_module("models.mask_transformer.tools")
        monkeypatch.setattr(tools, "uniform", lambda *arguments, **named: drawn)

    ours = ResidualTransformer(ResidualSizes.of(SIZES))
    transformer_loop("residual", ours, "ResidualTransformer", MOMASK, tmp_path, chance)


def test_bamm_loop_equals_official(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given, noisy, codes = torch.rand(5, 10), torch.rand(5, 10), torch.rand(5, 10)
    some, share, wrong = 0.3, 0.8, 0.6

    def chance(module: Any) -> None:
        ours = itertools.cycle([torch.tensor([some, share, wrong]), given, noisy, codes])
        theirs = itertools.cycle([some, share])
        random_codes = (codes * SIZES.codes).long()
        monkeypatch.setattr(bamm, "uniforms", lambda *arguments: next(ours))
        monkeypatch.setattr("random.random", lambda: next(theirs))
        monkeypatch.setattr(np.random, "rand", lambda *shape: np.array([wrong]))
        monkeypatch.setattr(Tensor, "uniform_", lambda self, low, high: given)
        monkeypatch.setattr(torch, "bernoulli", lambda shares: (noisy < shares).float())
        monkeypatch.setattr(torch, "randint_like", lambda ids, high: random_codes)

    ours = bamm.MaskedTransformer(SIZES)
    transformer_loop("BAMM", ours, "MaskTransformer", BAMM, tmp_path, chance)


def test_length_loop_equals_official(tmp_path: Path) -> None:
    ours = LengthEstimator(LengthSizes(text_dim=8, classes=10))
    with importable(checkout(MOMASK)):
        official = importlib.import_module("models.vq.model").LengthEstimator(8, 10)
    official.load_state_dict(ours.state_dict())
    without_dropout(ours.double(), official.double())
    before = copied(ours.state_dict())
    batches = coded()
    schedule = our_loop("length", ours, ours.batch_loss, batches, tmp_path)
    trainer = official_trainer(
        MOMASK,
        "models/vq/vq_trainer.py",
        "LengthEstTrainer",
        {
            "estimator": official,
            "text_encoder": MagicMock(),
            "encode_fnc": lambda encoder, conds, device: conds,
            "mul_cls_criterion": nn.CrossEntropyLoss(),
        },
        lr=schedule.rate,
        max_epoch=EPOCHS,
        unit_length=4,
    )
    given = [(batch.text, None, batch.lengths * 4) for batch in batches]
    trainer.train(given, given[:1])
    same_weights(ours, official, before, 3e-5)


SMALL = EvaluatorSizes(
    movement_hidden=24, movement_latent=20, text_hidden=16, motion_hidden=28, embedding=12
)


@pytest.fixture
def encoders() -> Any:
    """The networks of text-to-motion."""
    with importable(checkout(EVALUATOR)):
        return importlib.import_module("networks.modules")


def test_movement_loop_equals_official(encoders: Any, tmp_path: Path) -> None:
    ours = MovementAutoencoder(SMALL)
    official = official_models.movement_autoencoder(encoders, SMALL)
    official.load_state_dict(ours.state_dict())
    without_dropout(ours, official)
    before = copied(ours.state_dict())
    windows = list(torch.randn(3, 5, 24, 263))
    schedule = our_loop("movement", ours, ours.loss, windows, tmp_path)
    trainer = official_trainer(
        EVALUATOR,
        "networks/trainers.py",
        "DecompTrainerV3",
        {
            "movement_enc": official["encoder"],
            "movement_dec": official["decoder"],
            "l1_criterion": nn.L1Loss(),
        },
        lr=schedule.rate,
        max_epoch=EPOCHS,
        lambda_sparsity=0.001,
        lambda_smooth=0.001,
    )
    trainer.train(windows, windows[:1], None)
    same_weights(ours, official, before, 0.01)


@pytest.mark.parametrize("shift", [1, 4])
def test_matching_loop_equals_official(
    encoders: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shift: int
) -> None:
    """The movement encoder has dropout, which it is not to use, and stays as it is."""
    ours = Evaluator(SMALL)
    official = official_models.evaluator(encoders, SMALL)
    official.load_state_dict(ours.state_dict())
    ours.movement_encoder.requires_grad_(False)
    before = copied(ours.state_dict())
    monkeypatch.setattr(np.random, "randint", lambda low, high: shift)
    rand = torch.rand
    uniform = torch.tensor((shift - 0.5) / 5)
    monkeypatch.setattr(
        torch, "rand", lambda *size, **more: uniform if size == ((),) else rand(*size, **more)
    )
    # Longest first, as the official trainer sorts them, and captions longest first too.
    lengths = torch.tensor([80, 64, 56, 52, 44, 40])
    counts = torch.tensor([22, 14, 12, 9, 9, 3])
    batches = []
    for _ in range(3):
        motions = torch.randn(6, 80, 263)
        for motion, length in zip(motions, lengths, strict=True):
            motion[length:] = 0
        words, tags = torch.randn(6, 22, 300), torch.eye(15)[torch.randint(15, (6, 22))]
        batches.append(MatchingBatch(motions, lengths, words, tags, counts))
    schedule = our_loop("matching", ours, ours.batch_loss, batches, tmp_path)
    margin = sections()["matching"]["training"]["margin"]
    trainer = official_trainer(
        EVALUATOR,
        "networks/trainers.py",
        "TextMotionMatchTrainer",
        {**official, "contrastive_loss": encoders.ContrastiveLoss(margin)},
        lr=schedule.rate,
        max_epoch=EPOCHS,
        unit_length=4,
    )
    # They pad to 196 frames.
    padded = [nn.functional.pad(each.motions, (0, 0, 0, 116)) for each in batches]
    given = [
        (each.words, each.tags, None, counts, motions, lengths, None)
        for each, motions in zip(batches, padded, strict=True)
    ]
    trainer.train(given, given[:1])
    same_weights(ours, official, before, 0.01)


# --- first weights, dropout -----------------------------------------------------------------

WIDE = TransformerSizes(
    latent=48, heads=4, layers=2, feedforward=64, text_dim=40, codes=60, code_dim=50, quantizers=4
)
BROAD = EvaluatorSizes(
    movement_hidden=40, movement_latent=50, text_hidden=40, motion_hidden=50, embedding=45
)
HEAD = TokenizerSizes(codes=8, code_dim=40, width=40, depth=2, quantizers=2)


def both(name: str) -> tuple[nn.Module, nn.Module, Callable[[nn.Module], Any]]:
    """Our model and the official one, new, and a training pass of either."""
    repository = {"BAMM": BAMM, "movement": EVALUATOR, "evaluator": EVALUATOR}.get(name, MOMASK)
    lengths, text = torch.full((3,), 8), torch.randn(3, 40)
    codes, motions = torch.randint(60, (3, 8, 4)), torch.randn(3, 32, 263)
    noise = torch.Generator()
    captions = torch.randn(3, 22, 300), torch.randn(3, 22, 15), torch.tensor([9, 8, 7])
    counts = torch.tensor([8, 8, 7])
    with importable(checkout(repository)):
        if name in ("masked", "residual", "BAMM"):
            module = importlib.import_module("models.mask_transformer.transformer")
            kind = "ResidualTransformer" if name == "residual" else "MaskTransformer"
            builders = {"masked": momask.MaskedTransformer, "BAMM": bamm.MaskedTransformer}
            sizes = ResidualSizes.of(WIDE) if name == "residual" else WIDE
            ours = builders.get(name, ResidualTransformer)(sizes)
            seen = codes if name == "residual" else codes[..., 0]

            def step(model: Any) -> Any:
                own = model is ours
                return model.loss(codes, lengths, text, noise) if own else model(seen, [], lengths)

            return ours, official_models.transformer(module, kind, sizes, text), step
        if name == "tokenizer":
            module = importlib.import_module("models.vq.model")
            ours = Tokenizer(HEAD)
            return (
                ours,
                official_models.tokenizer(module, HEAD),
                lambda model: model.batch_loss(motions, noise) if model is ours else model(motions),
            )
        if name == "length":
            module = importlib.import_module("models.vq.model")
            return (
                LengthEstimator(LengthSizes(text_dim=40, classes=50)),
                module.LengthEstimator(40, 50),
                lambda model: model(text),
            )
        module = importlib.import_module("networks.modules")
        if name == "movement":
            return (
                MovementAutoencoder(BROAD),
                official_models.movement_autoencoder(module, BROAD),
                lambda model: model.decoder(model.encoder(motions[..., :-4])),
            )

        def embed(model: Any) -> Any:
            movements = model.movement_encoder(motions[..., :-4])
            return model.motion_encoder(movements, counts), (
                model.text_encoder.embed(*captions)
                if isinstance(model, Evaluator)
                else model.text_encoder(*captions)
            )

        return Evaluator(BROAD), official_models.evaluator(module, BROAD), embed


ALL = ["tokenizer", "masked", "residual", "BAMM", "length", "movement", "evaluator"]


@pytest.mark.parametrize("name", ALL)
def test_first_weights_are_drawn_as_the_official_ones(name: str) -> None:
    ours, official, _ = both(name)
    theirs = dict(official.named_parameters())
    for key, parameter in ours.named_parameters():
        mine, other = parameter.detach(), theirs[key].detach()
        if mine.numel() > 1500:  # enough to tell a normal distribution from a uniform one
            assert abs(float(mine.std() / other.std()) - 1) < 0.08, key
            tails = [float((each**4).mean() / (each**2).mean() ** 2) for each in (mine, other)]
            assert abs(tails[0] / tails[1] - 1) < 0.25, key
        else:
            assert bool((mine == 0).all()) == bool((other == 0).all()), key
            assert bool((mine == 1).all()) == bool((other == 1).all()), key


@pytest.mark.parametrize("name", ALL)
def test_dropout_is_where_the_official_models_have_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As often in a pass and with the same shares; attention drops out inside a function."""
    ours, official, step = both(name)
    drops: dict[nn.Module, list[float]] = {ours: [], official: []}
    for model, found in drops.items():
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.register_forward_hook(lambda it, *rest, to=found: to.append(it.p))
            if isinstance(module, nn.MultiheadAttention):
                module.register_forward_hook(lambda it, *rest, to=found: to.append(it.dropout))

    def drop(x: Tensor, share: float, training: bool) -> Tensor:
        if training:
            drops[ours].append(share)
        return x

    for module in (blocks, tokenizer):
        monkeypatch.setattr(module, "drop", drop)
    for model in drops:
        step(model.train())
    assert sorted(drops[ours]) == sorted(drops[official]) != []
    drops[ours].clear()
    step(ours.eval())
    assert name in ("length", "movement", "evaluator") or drops[ours] == []


# --- learning rates -------------------------------------------------------------------------

WARMUP, STEPS = 6, 40
STAIRS = (12, 25)


def official_rates(
    path: str, name: str, part: str, told: Callable[[Tensor], Any], **fields: Any
) -> list[float]:
    """The rate of every step of an official trainer, whose model, ``part``, is one number.

    ``told`` is what its method forward gives for a loss.
    """
    model = nn.Linear(1, 1)
    trainer = official_trainer(
        MOMASK,
        path,
        name,
        {part: model, **fields},
        lr=1.0,
        weight_decay=0.0,
        gamma=0.3,
        milestones=STAIRS,
        warm_up_iter=WARMUP,
        max_epoch=1,
    )
    trainer.forward = lambda batch_data: told(model.weight.sum())
    found: list[float] = []
    handle = register_optimizer_step_pre_hook(
        lambda optimiser, *rest: found.append(float(optimiser.param_groups[0]["lr"]))
    )
    try:
        trainer.train([None] * STEPS, [None], [], None, MagicMock())
    finally:
        handle.remove()
    return found


def our_rates(*milestones: int) -> list[float]:
    """Ours, less what theirs lack: a warm-up of n steps brings them to n / (n + 1) of the rate."""
    ours = Schedule(epochs=1, batch=1, rate=1.0, warmup=WARMUP, milestones=milestones, gamma=0.3)
    reached = [1.0] * (WARMUP - 1) + [WARMUP / (WARMUP + 1)] * (STEPS - WARMUP + 1)
    return [ours.rate_at(step) * share for step, share in enumerate(reached)]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("MaskTransformerTrainer", "t2m_transformer"),
        ("ResidualTransformerTrainer", "res_transformer"),
    ],
)
def test_learning_rates_of_transformers_equal_official(name: str, part: str) -> None:
    """Their milestones count the warm-up."""
    path = "models/mask_transformer/transformer_trainer.py"
    found = official_rates(path, name, part, lambda loss: (loss, 0.0), vq_model=MagicMock())
    np.testing.assert_allclose(found, our_rates(*(each - WARMUP for each in STAIRS)))


def test_learning_rates_of_the_tokenizer_equal_official(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Theirs fall a step earlier: the scheduler counts the last step of the warm-up."""
    monkeypatch.chdir(tmp_path)
    path, shown = "models/vq/vq_trainer.py", torch.zeros(1)
    found = official_rates(
        path,
        "RVQTokenizerTrainer",
        "vq_model",
        lambda loss: (loss,) * 5,
        motions=shown,
        pred_motion=shown,
    )
    np.testing.assert_allclose(found, our_rates(*(each - 1 for each in STAIRS)))
