"""The losses of methods that train, on small transformers of every backbone, by closed forms."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu import registry
from hmu.backbones import opening
from hmu.methods import esd, filtered, npo
from hmu.models import lora, sampling
from hmu.models.batches.codes import CodeBatch
from hmu.models.residual import ResidualTransformer
from hmu.unlearning.batches import PromptBatch
from support.small_models import RESIDUAL, SMALL, TEXT, noise_source

KINDS = [
    kind
    for kind in registry.names("backbones")
    if "masked" in registry.literals("backbones", kind)["PARTS"]
]
SETTINGS = {
    "steps": 6, "guidance": 3.0, "refinement_guidance": 3.0, "temperature": 1.0, "keep": 0.5,
    "longest": 12,
}  # fmt: skip


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        yield


def network(kind: str, gain: float = 6) -> Any:
    """A transformer that hears its text: a backbone's masked one, or the residual one."""
    made = opening.declared(kind, "masked").network(SMALL) if kind in KINDS else None
    made = made or ResidualTransformer(RESIDUAL)
    for parameter in made.parameters():
        parameter.data *= gain
    return made


def twins(kind: str, gain: float = 6) -> tuple[Any, Any]:
    """A student in training mode and a frozen teacher with the same weights."""
    student, teacher = network(kind, gain), network(kind, gain)
    teacher.load_state_dict(student.state_dict())
    return student.train(), teacher.eval().requires_grad_(False)


def batch() -> CodeBatch:
    codes = torch.randint(0, SMALL.codes, (5, 12, SMALL.quantizers))
    return CodeBatch(codes, torch.tensor([9, 3, 12, 1, 7]), torch.randn(5, TEXT))


# --- ESD ------------------------------------------------------------------------------------


def state(model: Any, when: float) -> tuple[Tensor, Tensor, Tensor]:
    lengths = torch.tensor([9, 3, 12])
    draws = model.draws(12, SETTINGS)
    noise = torch.rand(3, *draws, generator=noise_source())
    text = torch.randn(3, TEXT, generator=noise_source())
    found: tuple[Tensor, Tensor, Tensor] = model.visited(text, lengths, noise, SETTINGS, when)
    return found


def test_unmasking_hides_ever_fewer_codes() -> None:
    model = network("momask").eval()
    hidden = [state(model, step / 6)[2].sum(1).tolist() for step in range(6)]
    assert hidden[0] == [9, 3, 12]
    assert hidden == sorted(hidden, reverse=True)
    assert hidden[-1] == [1, 1, 1]
    ids, padding, masked = state(model, 0.5)
    assert bool((ids[masked] == model.mask_id).all())
    assert bool((ids[~masked & ~padding] < SMALL.codes).all())


def test_bamm_is_behind_its_text_or_has_the_last_half_given() -> None:
    model = network("bamm").eval()
    ids, padding, hidden = state(model, 0.0)
    assert ids.shape == (3, 1)
    whole, padding, hidden = state(model, 0.49)
    assert (~padding).sum(1).tolist() == [10, 4, 13]
    assert bool(hidden.all())
    ids, padding, hidden = state(model, 0.7)
    assert (~padding).sum(1).tolist() == [10, 4, 13]
    assert (hidden & ~padding).sum(1).tolist() == [4, 2, 6]
    given = ~hidden & ~padding
    assert torch.equal(ids[given], whole[given])
    assert bool((ids.gather(1, torch.tensor([[9], [3], [12]])) == model.end_id).all())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("eta", [0.0, 1.0, 2.5])
def test_an_unlearned_model_begins_one_and_eta_guidances_from_its_target(
    kind: str, eta: float
) -> None:
    student, teacher = twins(kind)
    prompts = PromptBatch(torch.randn(2, TEXT), torch.tensor([7, 12]))
    blank = torch.zeros(1, TEXT)
    ask = partial(esd.erase, student.eval(), teacher, prompts, blank, SETTINGS)
    with torch.no_grad():
        loss = ask(eta, noise_source())
        distance = ask(0.0, noise_source())
    assert distance > 1e-3
    assert float(loss) == pytest.approx(float(distance) * (1 + eta) ** 2, rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_text_is_is_the_caller_s_to_say(kind: str) -> None:
    """Where it is the prompt itself, the prompt adds nothing, and there is nothing to unlearn."""
    student, teacher = twins(kind)
    text = torch.randn(1, TEXT)
    prompts = PromptBatch(text, torch.tensor([12]))
    with torch.no_grad():
        loss = esd.erase(student.eval(), teacher, prompts, text, SETTINGS, 2.5, noise_source())
    assert float(loss) == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_esd_is_the_mean_square_over_what_is_no_padding(kind: str) -> None:
    student, teacher = network(kind).eval(), network(kind).eval()
    text, lengths, eta = torch.randn(2, TEXT), torch.tensor([4, 12]), 1.5
    prompts, blank = PromptBatch(text, lengths), torch.randn(1, TEXT)
    with torch.no_grad():
        loss = esd.erase(student, teacher, prompts, blank, SETTINGS, eta, noise_source())
        noise = noise_source()
        drawn = sampling.uniforms((2, *teacher.draws(12, SETTINGS)), noise, torch.device("cpu"))
        when = float(sampling.uniforms((1,), noise, torch.device("cpu")))
        ids, padding, hidden = teacher.visited(text, lengths, drawn, SETTINGS, when)
        real = [int((~row).sum()) for row in padding]
        assert real[0] < real[1]
        squares = []
        for row, count in enumerate(real):  # each motion by itself, as long as it is
            own = (slice(row, row + 1), slice(count))
            state, asked = (ids[own], text[row : row + 1]), (None, hidden[own])
            found = student.latents(*state, *asked)
            told = teacher.latents(*state, *asked)
            blind = teacher.latents(ids[own], blank, *asked)
            squares.append((found - (blind - eta * (told - blind))).square().flatten())
        expected = torch.cat(squares).mean()
    assert float(loss) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_esd_ends_where_the_text_says_nothing(kind: str) -> None:
    student, teacher = twins(kind, gain=2)
    prompts = PromptBatch(torch.randn(1, TEXT), torch.tensor([12]))
    student.eval().requires_grad_(False)
    student.cond_emb.requires_grad_(True)
    optimiser = torch.optim.Adam(student.cond_emb.parameters(), lr=2e-3)
    losses = []
    for _ in range(80):
        loss = esd.erase(
            student, teacher, prompts, torch.zeros(1, TEXT), SETTINGS, 0.0, noise_source()
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]


# --- NPO ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "residual"])
def test_npo_begins_at_log_two_with_the_gradient_of_the_likelihood(kind: str) -> None:
    student, teacher = twins(kind)
    seen, beta = batch(), 0.1
    loss = npo.away(student, teacher, beta, seen, noise_source())
    assert student.training
    assert loss.item() == pytest.approx(2 / beta * torch.log(torch.tensor(2.0)).item(), rel=1e-4)
    loss.backward()
    found = [each.grad.clone() for each in student.parameters() if each.grad is not None]
    student.zero_grad()
    student.eval()
    said = student.predict(seen.codes, seen.lengths, seen.text, noise_source())
    (-torch.nn.functional.cross_entropy(said.scores, said.targets, reduction="sum") / 5).backward()
    expected = [each.grad for each in student.parameters() if each.grad is not None]
    scale = max(float(each.abs().max()) for each in expected)
    for one, other in zip(found, expected, strict=True):
        assert float((one - other).abs().max()) < 1e-4 * scale


def test_npo_stops_where_the_frozen_model_is_far() -> None:
    """The first term vanishes as pi falls below pi0, and grows as its logarithm above."""
    student, teacher = twins("momask")
    seen = CodeBatch(
        torch.zeros(5, 12, SMALL.quantizers, dtype=torch.long),
        torch.full((5,), 12),
        torch.randn(5, TEXT),
    )
    with torch.no_grad():
        for model, sign in ((student, -1), (teacher, 1)):
            model.output_process.poseFinal.bias += sign * 40 * (torch.arange(SMALL.codes) == 0)
        assert npo.away(student, teacher, 1.0, seen, noise_source()) < 1e-6
        assert npo.away(teacher, student, 1.0, seen, noise_source()) > 10


def test_a_motion_has_the_probability_of_its_own_codes() -> None:
    student, _ = twins("momask")
    seen = batch()
    said = student.eval().predict(seen.codes, seen.lengths, seen.text, noise_source())
    found = npo.log_probability(said, 5)
    for motion in range(5):
        own = said.motions == motion
        each = said.scores[own].softmax(-1)[torch.arange(int(own.sum())), said.targets[own]]
        assert found[motion].item() == pytest.approx(float(each.log().sum()), rel=1e-4)
        assert bool(torch.isin(said.targets[own], seen.codes[motion, :, 0]).all())


@pytest.mark.parametrize("kind", [*KINDS, "residual"])
def test_the_plain_form_is_the_training_loss_the_other_way(kind: str) -> None:
    student, _ = twins(kind)
    seen = batch()
    found = npo.unlearned(student, seen, noise_source())
    assert student.training
    found.backward()
    gradients = [each.grad.clone() for each in student.parameters() if each.grad is not None]
    student.zero_grad()
    loss = student.eval().batch_loss(seen, noise_source())[0]
    loss.backward()
    assert float(found.detach()) == -float(loss.detach()) < 0
    own = [each.grad for each in student.parameters() if each.grad is not None]
    assert all(torch.equal(one, -other) for one, other in zip(gradients, own, strict=True))


# --- filtered -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "residual"])
def test_only_codes_of_the_concept_are_pushed(kind: str) -> None:
    student, teacher = twins(kind)
    seen = batch()
    none = torch.zeros(SMALL.quantizers, SMALL.codes, dtype=torch.bool)
    loss = filtered.unsaid(student, teacher, none, seen, noise_source())
    loss.backward()
    assert float(loss) == 0.0
    assert all(not bool(each.grad.any()) for each in student.parameters() if each.grad is not None)

    some = none.clone()
    some[:, 1::2] = True  # the last code too, behind which other tokens stand
    found = filtered.unsaid(student, teacher, some, seen, noise_source())
    student.eval()
    blind = torch.zeros_like(seen.text)
    said, before = (
        student.predict(seen.codes, seen.lengths, text, noise_source())
        for text in (seen.text, blind)
    )
    total, count = 0.0, 0
    for row, code in enumerate(said.targets.tolist()):
        if code < SMALL.codes and some[said.layers[row], code]:
            chances = before.scores[row].softmax(-1)
            total -= float((chances * said.scores[row].softmax(-1).log()).sum())
            count += 1
    assert 0 < count < len(said.targets)
    assert float(found) == pytest.approx(total / count, rel=1e-4)


# --- task vectors ---------------------------------------------------------------------------


def test_terms_of_low_rank_are_all_that_is_trained() -> None:
    model = network("momask")
    before = {name: each.clone() for name, each in model.state_dict().items()}
    lora.attach(model, 2)
    assert {name.rpartition(".")[2] for name, p in model.named_parameters() if p.requires_grad} == {
        "a", "b",
    }  # fmt: skip
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    seen = batch()
    for step in range(2):  # at first B is zero, and so is the gradient of A
        model.batch_loss(seen, noise_source(step))[0].backward()
        optimiser.step()
    lora.merge(model)
    after = model.state_dict()
    assert after.keys() == before.keys()
    ranks = {
        name: int(torch.linalg.matrix_rank((after[name] - old).double(), rtol=1e-4))
        for name, old in before.items()
        if old.ndim == 2 and not torch.equal(after[name], old)
    }
    assert set(ranks.values()) == {2}
    assert not any(name.startswith("token_emb") for name in ranks)
