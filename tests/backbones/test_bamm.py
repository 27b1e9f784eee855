"""BAMM: agreement with the official code, its two passes, and its place in the workflow."""

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks import models as official_models
from hmu.backbones.bamm import masked as bamm
from hmu.backbones.bamm.masked import MaskedTransformer
from hmu.generation import sampling as generation
from hmu.interface.backbones import Predictions
from hmu.models import guidance, sampling, transformer
from hmu.models.layered import LayeredSampler
from hmu.models.residual import ResidualTransformer
from support.project import Project
from support.reference import checkout, gap, importable
from support.small_models import RESIDUAL, SMALL, TEXT, TOLERANCE, align, noise_source

LONGEST = 49  # in the official code
SAMPLING = {
    "guidance": 4.0, "refinement_guidance": 3.0, "temperature": 1.0, "longest": LONGEST,
}  # fmt: skip


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Every test draws its weights and inputs from the same seed and leaves no trace of it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        yield


@pytest.fixture(scope="module")
def official() -> Iterator[Any]:
    """The official module of the transformers."""
    pytest.importorskip("einops")
    pytest.importorskip("tqdm")
    with importable(checkout("exitudio+BAMM")):
        yield importlib.import_module("models.mask_transformer.transformer")


def pair(official: Any, text: Tensor) -> tuple[MaskedTransformer, Any]:
    """Our transformer and the official one with the same weights, which reads ``text``."""

    model = official_models.transformer(official, "MaskTransformer", SMALL, text)
    ours = MaskedTransformer(SMALL)
    align(ours, model)
    return ours, model


def batch() -> tuple[Tensor, Tensor, Tensor]:
    """Texts (5, TEXT), lengths (5,) and first-layer codes (5, 12)."""
    lengths = torch.tensor([9, 3, 12, 1, 7])
    return torch.randn(5, TEXT), lengths, torch.randint(0, SMALL.codes, (5, 12))


def scores(model: MaskedTransformer, codes: Tensor, text: Tensor, given: Tensor | None) -> Tensor:
    """As the official code says them, (B, 1 + L, codes + 1): of the token after the last too."""
    hidden = None if given is None else F.pad(~given, (0, 1), value=True)
    return model.scores(F.pad(codes, (0, 1)), text, hidden=hidden)


# --- beside the official code ---------------------------------------------------------------


@pytest.mark.parametrize("direction", ["causal", "bidirectional"])
def test_logits_equal_official(official: Any, direction: str) -> None:
    text, _, codes = batch()
    ours, model = pair(official, text)
    given, conditions = None, None
    if direction == "bidirectional":
        given = torch.rand(5, 12) < 0.4
        given[1] = False
        codes[2, 4] = ours.end_id
        conditions = torch.where(given, codes, ours.pad_id)
    with torch.no_grad():
        for blind in (False, True):
            expected = model.trans_forward(codes, text, None, blind, conditions).transpose(1, 2)
            seen = torch.zeros_like(text) if blind else text
            assert gap(scores(ours, codes, seen, given), expected) < TOLERANCE
        both = model.forward_with_cond_scale(codes, text, None, 4, cond_idx=conditions)
        told, blind = (scores(ours, codes, seen, given) for seen in (text, torch.zeros_like(text)))
        mine = guidance.guide(torch.cat([told, blind]), 4.0)
        assert gap(mine, both.transpose(1, 2)) < TOLERANCE


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "likeliest"])
@pytest.mark.parametrize("predicted", [True, False], ids=["predicted", "planned"])
def test_generation_equals_official(
    official: Any, monkeypatch: pytest.MonkeyPatch, predicted: bool, drawn: bool
) -> None:
    """The most probable tokens, or those of the same uniform numbers: the same, and as many."""
    uniforms = iter(Tensor())

    class Same:
        """The official draw, from numbers that are given, or of the most probable."""

        def __init__(self, probs: Tensor) -> None:
            self.probs = probs

        def sample(self) -> Tensor:
            return sampling.choose(self.probs.log(), next(uniforms) if drawn else None, 1, 1)

    def stable(scores: Tensor, dim: int) -> Tensor:
        return torch.sort(scores, dim=dim, stable=True).indices

    monkeypatch.setattr(official, "Categorical", Same)
    # Which half is written again hangs on the order of equal scores: chance too, by machine.
    monkeypatch.setattr(Tensor, "argsort", stable)
    ends, said = set(), set()
    for round_ in range(4):
        torch.manual_seed(round_)
        text, lengths, _ = batch()
        ours, model = pair(official, text)
        for each in (ours, model):  # the end must come, now and then
            each.output_process.poseFinal.bias.data[SMALL.codes] += 0.7 * round_
        noise = torch.rand(5, 2, LONGEST)
        uniforms = iter(noise.flatten(1).T)
        ids, expected_lengths = model.generate(
            [""] * 5, lengths, 10, cond_scale=4, is_predict_len=predicted
        )
        expected, _ = model.pad_when_end(ids)
        asked = torch.zeros_like(lengths) if predicted else lengths
        codes, found = ours.sample(text, asked, noise if drawn else None, SAMPLING)
        assert torch.equal(found, expected_lengths)
        assert torch.equal(codes, expected[:, : codes.shape[1]])
        assert bool((expected[:, codes.shape[1] :] == -1).all())
        ends |= set(found.tolist())
        said |= set(codes.flatten().tolist())
    if drawn:
        assert len(said) > 20
        assert not predicted or len(ends) > 4


def test_loss_equals_official(official: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same draws on both sides: a share given, a share random."""
    text, lengths, codes = batch()
    ours, model = pair(official, text)
    given, noisy, random = torch.rand(5, 13), torch.rand(5, 13), torch.rand(5, 13)
    share, wrong = 0.8, 0.6
    given[0, 9] = noisy[0, 9] = 0.0  # an end that is given, and never random
    drawn = iter([torch.tensor([0.3, share, wrong]), given, noisy, random])
    monkeypatch.setattr(bamm, "uniforms", lambda *arguments: next(drawn))
    monkeypatch.setattr(transformer, "uniforms", lambda shape, *rest: torch.ones(shape))
    monkeypatch.setattr(np.random, "rand", lambda *shape: np.array([wrong]))
    chosen = iter([0.3, share])
    monkeypatch.setattr("random.random", lambda: next(chosen))
    monkeypatch.setattr(Tensor, "uniform_", lambda self, low, high: given)
    monkeypatch.setattr(torch, "bernoulli", lambda probability: (noisy < probability).float())
    codes_of = (random * SMALL.codes).long()
    monkeypatch.setattr(torch, "randint_like", lambda ids, high: codes_of)
    expected, _, accuracy = model(codes, [""] * 5, lengths)
    loss, parts = ours.loss(codes.unsqueeze(-1), lengths, text, noise_source())
    assert gap(loss, expected) < TOLERANCE
    assert abs(float(parts["accuracy"]) - accuracy) < 1e-6
    loss.backward()
    expected.backward()
    theirs = dict(model.named_parameters())
    for name, parameter in ours.named_parameters():
        assert gap(parameter.grad, theirs[name].grad) < TOLERANCE, name


# --- properties -----------------------------------------------------------------------------


def test_given_tokens_see_one_another_and_the_rest_sees_what_came_before() -> None:
    given = torch.tensor([[True, False, True, False]])
    expected = [[1, 0, 1, 0], [1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1]]
    assert bamm.sight(given)[0].int().tolist() == expected


def test_written_tokens_are_the_likeliest_of_a_pass_over_all() -> None:
    """What memory and leaving sequences compute is what whole passes compute."""
    text, lengths, _ = batch()
    model = MaskedTransformer(SMALL).eval()
    for parameter in model.parameters():
        parameter.data *= 6
    codes, _ = model.sample(text, lengths, None, SAMPLING)
    for row, length in enumerate(lengths.tolist()):
        half = max(round(length / 2), 1)
        ids = torch.cat([codes[row, :length], torch.tensor([model.end_id])])[None]
        given = (torch.arange(length + 1) >= half)[None]
        asked = text[row, None]
        told, blind = (
            model.scores(ids, seen, hidden=~given) for seen in (asked, torch.zeros_like(asked))
        )
        guided = (blind + (told - blind) * 3.0)[0, :half, : SMALL.codes]
        assert guided.argmax(-1).tolist() == codes[row, :half].tolist()


def test_codes_do_not_depend_on_batch_size_or_company() -> None:
    """Neither those of a length that is given, nor those that end where the model says."""
    model, residual = MaskedTransformer(SMALL).eval(), ResidualTransformer(RESIDUAL).eval()
    for parameter in [*model.parameters(), *residual.parameters()]:
        parameter.data *= 8  # sharp enough that rounding meets no tie
    model.output_process.poseFinal.bias.data[SMALL.codes] += 20.0
    text = torch.randn(5, TEXT).numpy()
    requests = [
        generation.Request(f"{row}", repeat, 0, 0 if (row + repeat) % 2 else 3 + 4 * row, row)
        for repeat in range(4)
        for row in range(5)
    ]
    settings = {**SAMPLING, "residual_guidance": 2.0, "keep": 0.5, "precision": "float32"}

    def run(batch: int) -> list[np.ndarray]:
        told = {**settings, "batch": batch}
        return generation.generate(
            LayeredSampler(model, residual), text, requests, told, 1, torch.device("cpu")
        )

    together = run(20)
    for size in (1, 6):
        for one, other in zip(together, run(size), strict=True):
            np.testing.assert_array_equal(one, other)
    lengths = [len(each) for each in together]
    asked = [request.tokens for request in requests]
    assert all(length == tokens for length, tokens in zip(lengths, asked, strict=True) if tokens)
    found = [length for length, tokens in zip(lengths, asked, strict=True) if not tokens]
    assert len(set(found)) > 3
    assert min(found) >= 1
    assert max(found) <= LONGEST
    assert all(each[:, 0].min() >= 0 and each.max() < SMALL.codes for each in together)
    assert any(not np.array_equal(together[row], together[row + 10]) for row in range(5))


# --- in the workflow ------------------------------------------------------------------------


def table_of_bamm(config: dict[str, Any]) -> None:
    config["tables"]["bamm"] = {**config["tables"]["demo-violence"], "backbone": "bamm"}


@pytest.mark.long(2)
def test_a_table_of_bamm_trains_only_what_it_does_not_share(project: Project) -> None:
    project.configure(table_of_bamm)
    planned = project.planned()
    assert {job for job in planned if "momask" in job} == set()
    trained = [job for job in planned if job.split()[0] in ("codes", "part")]
    clips = ("all", "without/violence")
    assert trained == [f"part demo/bamm/{each}/masked" for each in clips]
    edited = {f"unlearn demo/bamm/violence/{each}" for each in ("lcr", "retrained")}
    assert {*edited, "unlearn_by_training demo/bamm/violence/finetuned"} <= set(planned)


def test_bamm_is_trained_unlearned_and_measured(project: Project) -> None:
    """Fine-tuning changes its transformers, LCR the tokenizer that it shares; both are measured."""
    variants = ("finetuned", "lcr")
    place = "violence/concepts/violence/forget/fid/values.json"
    metrics = [f"results/metrics/demo/backbones/bamm/variants/{each}/{place}" for each in variants]
    done = project.made(*metrics)
    assert "part demo/bamm/all/masked" in done
    assert not [job for job in done if "momask" in job]
    for metric in metrics:
        assert np.isfinite([row["value"] for row in project.json(metric)]).all()
    results = project.root / "results"
    keys = ["repeat", "prompt", "draw"]
    original, finetuned = (
        pd.read_parquet(results / "generations/demo/bamm" / f"{name}.parquet").set_index(keys)
        for name in (
            "original/prompts/captions",
            "variants/violence/finetuned/plans/concepts/violence/forget/plan",
        )
    )
    same = original.loc[finetuned.index, "codes"].map(bytes) == finetuned["codes"].map(bytes)
    assert not same.all()
    assert original["length"].nunique() > 5
    changed = project.json("results/checkpoints/demo/bamm/violence/finetuned/origin.json")
    assert {name.partition("/")[0] for name in changed["changed"]} == {"masked", "residual"}
    config = project.json("results/models/demo/backbones/bamm/all/masked/config.json")
    assert config["kind"] == "bamm"
    # Its file belongs to no job of MoMask's.
    project.alter("workflow/hmu/backbones/bamm/masked.py")
    again = project.planned(*metrics, "results/tables")
    assert "part demo/bamm/all/masked" in again
    assert not [job for job in again if "momask" in job]


def test_each_motion_has_the_same_weight_in_the_loss() -> None:
    scores = torch.randn(7, SMALL.codes + 1)
    targets, motions = torch.arange(7), torch.tensor([0, 0, 0, 0, 1, 2, 2])
    said = Predictions(scores, targets, motions, torch.zeros_like(motions))
    each = [F.cross_entropy(scores[motions == n], targets[motions == n]) for n in range(3)]
    found = MaskedTransformer(SMALL).mean(said)
    assert found.item() == pytest.approx(torch.stack(each).mean().item())
