"""What methods ask the transformers of every backbone: latents and scores, by one contract."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from hmu import registry
from hmu.backbones import opening
from hmu.interface.backbones import FirstLayer
from hmu.models.packing import padding_of
from hmu.models.residual import ResidualTransformer
from support.reference import gap
from support.small_models import RESIDUAL, SMALL, TEXT, noise_source

KINDS = [
    kind
    for kind in registry.names("backbones")
    if "masked" in registry.literals("backbones", kind)["PARTS"]
]
LENGTHS = torch.tensor([9, 3, 12, 1, 7])
PADDING = padding_of(LENGTHS, 12)


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Every test draws its weights and inputs from the same seed and leaves no trace of it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        yield


@pytest.fixture(params=KINDS)
def model(request: pytest.FixtureRequest) -> FirstLayer:
    """The masked transformer of a backbone, its weights large enough that all is heard."""
    made = opening.declared(request.param, "masked").network(SMALL).eval()
    for parameter in made.parameters():
        parameter.data *= 6
    return made.requires_grad_(False)


def asked() -> tuple[Tensor, Tensor, Tensor]:
    """Codes (5, 12), anything behind the ends, texts (5, TEXT), and what is hidden (5, 12)."""
    codes = torch.randint(0, SMALL.codes, (5, 12)).masked_fill(PADDING, -1)
    hidden = torch.rand(5, 12) < 0.5
    hidden[2, 3:6], hidden[2, :3], hidden[2, 6:] = True, False, False
    return codes, torch.randn(5, TEXT), hidden


def other(codes: Tensor, where: Tensor) -> Tensor:
    """Other codes where it is said."""
    return torch.where(where, (codes + 1) % SMALL.codes, codes)


def test_scores_are_the_latents_projected(model: FirstLayer) -> None:
    codes, text, hidden = asked()
    latents, scores = (ask(codes, text, PADDING, hidden) for ask in (model.latents, model.scores))
    assert latents.shape == (5, 12, SMALL.latent)
    assert scores.shape[:2] == (5, 12)
    assert scores.shape[2] >= SMALL.codes
    assert torch.equal(model.output_process(latents)[~PADDING], scores[~PADDING])


def test_zeros_are_no_text(model: FirstLayer) -> None:
    """In training a caption that is hidden leaves what zeros do."""
    codes, text, _ = asked()
    codes = codes.unsqueeze(-1)
    model.sizes = SMALL.of(SMALL, cond_drop=1.0, dropout=0.0)
    told, blind = (model.loss(codes, LENGTHS, each, noise_source())[0] for each in (text, 0 * text))
    assert gap(told, blind) > 1e-3
    for module in model.train().modules():
        module.dropout = 0.0
    assert gap(model.loss(codes, LENGTHS, text, noise_source())[0], blind) < 1e-5


def test_a_code_that_is_hidden_is_not_seen_where_it_is_predicted(model: FirstLayer) -> None:
    codes, text, hidden = asked()
    scores = model.scores(codes, text, PADDING, hidden)
    asked_for = hidden & ~PADDING
    for place in asked_for.any(0).nonzero().flatten().tolist():
        here = asked_for & (torch.arange(12) == place)
        found = model.scores(other(codes, here), text, PADDING, hidden)
        assert gap(found[here], scores[here]) < 1e-5


def test_codes_that_are_not_hidden_are_seen_before_and_behind(model: FirstLayer) -> None:
    codes, text, hidden = asked()
    scores = model.scores(codes, text, PADDING, hidden)
    for place in (0, 11):
        here = torch.zeros_like(hidden)
        here[2, place] = True
        found = model.scores(other(codes, here), text, PADDING, hidden)
        assert bool(((found - scores)[2, 3:6].abs().amax(-1) > 1e-3).all())


def test_latents_of_what_is_known_do_not_follow_what_is_hidden(model: FirstLayer) -> None:
    """Neither do those behind a code that is known, from which some backbones predict the next."""
    codes, text, hidden = asked()
    known = ~(hidden | PADDING)
    known &= F.pad(known, (1, -1), value=True)
    latents = model.latents(codes, text, PADDING, hidden)
    changed = model.latents(other(codes, hidden | PADDING), text, PADDING, hidden)
    assert int(known.sum()) > 5
    assert gap(changed[known], latents[known]) < 1e-5


def test_residual_latents_follow_the_layers_before_alone() -> None:
    model = ResidualTransformer(RESIDUAL).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.data *= 6
    codes = torch.randint(0, RESIDUAL.codes, (5, 12, RESIDUAL.quantizers))
    text, present = torch.randn(5, TEXT), ~PADDING
    for layer in range(1, RESIDUAL.quantizers):
        latents, scores = (
            ask(codes, text, layer, PADDING) for ask in (model.latents, model.scores)
        )
        assert scores.shape == (5, 12, RESIDUAL.codes + 1)
        projected = model.project(model.output_process(latents), layer)
        assert torch.equal(projected[present], scores[present])
        for changed in range(RESIDUAL.quantizers):
            where = F.one_hot(torch.tensor(changed), RESIDUAL.quantizers).bool().expand_as(codes)
            moved = model.latents(other(codes, where), text, layer, PADDING) - latents
            follows = moved[present].abs().amax() > 1e-3
            assert bool(follows) == (changed < layer)
        behind = PADDING.unsqueeze(-1)
        found = model.latents(codes.masked_fill(behind, -1), text, layer, PADDING)
        assert gap(found[present], latents[present]) < 1e-5
