"""Whole methods that train, on small models whose motions to forget share no code with the others:
what becomes of either, and which weights change."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hmu.interface.methods import Edit
from hmu.methods import esd, filtered, finetune, npo, retrain, task_vector
from hmu.models.batches.codes import CodeBatch
from hmu.models.batches.drawing import Draw
from hmu.models.storage import load_state, save_state
from hmu.unlearning import tuning
from hmu.unlearning.batches import code_batches
from hmu.unlearning.context import MethodContext
from support.small_context import HALF, SPLITS, context
from support.small_models import SMALL, noise_source

PARTS = ("masked", "residual")


def before(given: MethodContext, part: str) -> dict[str, Tensor]:
    return tuning.tensors(given.model(part))


def changed(given: MethodContext, part: str, edit: Edit) -> set[str]:
    was = before(given, part)
    return {name for name, new in edit.tensors[part].items() if not torch.equal(new, was[name])}


def loss(given: MethodContext, part: str, tensors: Mapping[str, Tensor], forget: bool) -> float:
    """The training loss of a part with these tensors, over the clips of one side."""
    model = given.model(part)
    model.load_state_dict(tensors)
    (batch,) = code_batches(given, 99, forget).training(Draw((0,), 0))
    with torch.no_grad():
        return sum(float(model.batch_loss(batch, noise_source(n))[0]) for n in range(4)) / 4


def gains(
    given: MethodContext, part: str, tensors: Mapping[str, Tensor], forget: bool = True
) -> float:
    """By how much the loss of one side fell."""
    return loss(given, part, before(given, part), forget) - loss(given, part, tensors, forget)


# --- What forgets ---------------------------------------------------------------------------


@pytest.mark.parametrize("objective", ["npo", "graddiff"])
def test_motions_to_forget_become_less_likely_and_the_others_more(
    tmp_path: Path, objective: str
) -> None:
    given = context(tmp_path, "npo", objective=objective, rate=0.004)
    edit = npo.unlearn(given)
    assert edit.tensors.keys() == edit.logs.keys() == set(PARTS)
    for part in PARTS:
        assert gains(given, part, edit.tensors[part]) < -0.05
        assert gains(given, part, edit.tensors[part], forget=False) > 0.05
    # At the beginning, npo is 2/beta log 2 and its plain form the negated loss, log of the codes.
    first = edit.logs["residual"][0]["train forget"]
    at_first = 20 * np.log(2) if objective == "npo" else -np.log(SMALL.codes)
    assert first == pytest.approx(at_first, rel=0.1)


@pytest.mark.parametrize("rank", [None, 2])
def test_a_task_vector_goes_as_far_the_other_way_as_alpha_says(
    tmp_path: Path, rank: int | None
) -> None:
    """θ₀ - α(θ - θ₀): nothing at 0, what has learned the concept at -1, a straight line between."""
    params = {"rank": rank, "epochs": 3, "rate": 0.02, "retain": 0.0}
    learned, same, half, whole = (
        task_vector.unlearn(context(tmp_path, "task_vector", alpha=alpha, **params)).tensors
        for alpha in (-1.0, 0.0, 0.5, 1.0)
    )
    given = context(tmp_path, "task_vector")
    assert whole.keys() == set(PARTS)
    for part in PARTS:
        assert gains(given, part, learned[part]) > 0.002
        for name, value in before(given, part).items():
            assert torch.equal(same[part][name], value)
            assert torch.allclose(half[part][name], (value + whole[part][name]) / 2, atol=1e-6)
            assert torch.allclose(whole[part][name] + learned[part][name], 2 * value, atol=1e-6)


def test_codes_of_the_concept_are_said_as_without_text(tmp_path: Path) -> None:
    """Nearly: half of what the text adds to the cross-entropy is gone soon."""
    given = context(tmp_path, "filtered", k=HALF, retain=0.0, rate=1e-3, epochs=4)
    for part in PARTS:  # weights with which the text is heard
        path = tmp_path / f"{part}.safetensors"
        gains = {"cond_emb.weight": 60}
        weights = {name: gains.get(name, 2) * each for name, each in load_state(path).items()}
        save_state(path, weights)
    edit = filtered.unlearn(given)
    of_concept = filtered.concept_codes(given)
    (batch,) = code_batches(given, 99, forget=True).training(Draw((0,), 0))
    silent = replace(batch, text=torch.zeros_like(batch.text))
    for part in PARTS:
        teacher, student = given.model(part), given.model(part)
        student.load_state_dict(edit.tensors[part])

        @torch.no_grad()
        def unsaid(model: Any, seen: CodeBatch, teacher: Any = teacher) -> float:
            terms = (
                filtered.unsaid(model, teacher, of_concept, seen, noise_source(n)) for n in range(4)
            )
            return sum(map(float, terms)) / 4

        least, at_first, at_last = (
            unsaid(*each) for each in ((teacher, silent), (teacher, batch), (student, batch))
        )
        assert at_last - least < 0.6 * (at_first - least)


def test_the_codes_of_the_concept_are_the_best_of_each_layer(tmp_path: Path) -> None:
    given = context(tmp_path, "filtered", k=5)
    table = given.statistics()
    table.sample(frac=1, random_state=0).to_parquet(tmp_path / "statistics")
    found = filtered.concept_codes(given)
    assert found.shape == (SMALL.quantizers, SMALL.codes)
    for layer, row in enumerate(found):
        best = table[(table["layer"] == layer) & (table["rank"] < 5)]["code"]
        assert row.nonzero().flatten().tolist() == sorted(best)
    assert not found[:, HALF:].any()


# --- What retains ---------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [0.0, 0.5, 3.0])
def test_what_is_retained_weighs_as_much_as_the_parameter_says(
    tmp_path: Path, weight: float
) -> None:
    given = context(tmp_path, "npo", retain=weight, rate=0.01)
    student = given.model("masked")

    def nothing(batch: CodeBatch, generator: torch.Generator) -> Tensor:
        assert int(batch.codes.max()) < HALF, "these are the motions to forget"
        return torch.tensor(2.0)

    for row in tuning.forget_and_retain(given, "masked", student, nothing):
        for kind in ("train", "validation"):
            assert row[f"{kind} forget"] == 2.0
            assert row[f"{kind} retain"] > 1.0
            whole = 2.0 + weight * row[f"{kind} retain"]
            assert row[f"{kind} loss"] == pytest.approx(whole, rel=1e-5)
    after = tuning.tensors(student)
    if weight == 0:
        assert changed(given, "masked", Edit({"masked": after})) == set()
    else:
        assert gains(given, "masked", after, forget=False) > 0.05
        assert gains(given, "masked", after) < 0


def test_finetuning_learns_what_is_to_be_retained_alone(tmp_path: Path) -> None:
    given = context(tmp_path, "finetune")
    edit = finetune.unlearn(given)
    for part in PARTS:
        assert gains(given, part, edit.tensors[part], forget=False) > 0.01
        assert gains(given, part, edit.tensors[part]) < 0.005
        assert len(edit.logs[part]) == given.params["epochs"]


def test_tuning_goes_on_at_the_rate_that_the_training_ended_with(tmp_path: Path) -> None:
    given = context(tmp_path, "finetune")
    own = tuning.schedule(given, "masked", epochs=4)
    assert own.rate == pytest.approx(0.02 * 0.5 * 0.5)
    assert (own.epochs, own.batch) == (4, 6)
    assert [own.rate_at(step) for step in (0, 1, 50)] == [own.rate] * 3, (
        "at one rate from the start"
    )
    assert own.patience is None
    assert tuning.schedule(given, "masked", 4, rate=0.3).rate_at(0) == 0.3


def test_retraining_takes_the_weights_of_the_retrained_models(tmp_path: Path) -> None:
    given = context(tmp_path, "retrain")
    inputs = dict(given.inputs)
    for part in ("tokenizer", *PARTS):
        inputs[f"retrained_{part}"] = tmp_path / f"retrained-{part}"
        save_state(tmp_path / f"retrained-{part}", {part: torch.ones(2)})
    own: Any = MethodContext(**{**vars(given), "inputs": inputs})
    edit = retrain.unlearn(own)
    assert edit.tensors.keys() == {"tokenizer", *PARTS}
    assert all(edit.tensors[part].keys() == {part} for part in edit.tensors)


# --- ESD ------------------------------------------------------------------------------------


def erased(given: MethodContext) -> dict[str, Tensor]:
    edit = esd.unlearn(given)
    assert edit.tensors.keys() == edit.logs.keys() == {"masked"}
    return dict(edit.tensors["masked"])


@pytest.mark.parametrize("kind", ["momask", "bamm"])
def test_esd_trains_all_or_what_reads_the_text(tmp_path: Path, kind: str) -> None:
    of_text = {"cond_emb.weight", "cond_emb.bias"}
    for trained in ("all", "text"):
        given = context(tmp_path, "esd", kind, trained=trained, steps=2, rate=1e-3)
        found = changed(given, "masked", esd.unlearn(given))
        assert (found == of_text) if trained == "text" else (found > of_text)


@pytest.mark.parametrize("prompts", ["train", "test"])
@pytest.mark.parametrize("steps", [None, 3])
def test_esd_takes_as_many_steps_as_there_are_prompts_to_measure_with(
    tmp_path: Path, prompts: str, steps: int | None
) -> None:
    edit = esd.unlearn(context(tmp_path, "esd", prompts=prompts, steps=steps))
    taken = steps or 2 * SPLITS["test"]
    assert edit.notes["steps"] == taken
    assert edit.logs["masked"][-1]["step"] == taken
    assert edit.notes["schedule"]["batch"] == 1
    assert edit.notes["schedule"]["rate"] == 5e-5


@pytest.mark.parametrize("prompts", ["train", "test"])
def test_esd_reads_no_caption_of_the_other_split(tmp_path: Path, prompts: str) -> None:
    given = context(tmp_path, "esd", prompts=prompts, steps=2)
    captions = given.captions()
    (other,) = {"train", "test"} - {prompts}
    texts = captions.embeddings.copy()
    texts[captions.samples["row"][captions.samples["split"] == other]] = np.nan
    with (tmp_path / "embeddings").open("wb") as stream:
        np.save(stream, texts)
    assert changed(given, "masked", esd.unlearn(given))


def test_esd_sees_states_of_its_own_guidance(tmp_path: Path) -> None:
    """Not of that with which the variant generates."""

    def made(guidance: float, sampled: float) -> Tensor:
        given = context(tmp_path, "esd", guidance=guidance, steps=3, rate=1e-3)
        assert given.samplers is not None
        samplers = {**given.samplers, "guidance": sampled}
        own: Any = MethodContext(**{**vars(given), "samplers": samplers})
        return erased(own)["cond_emb.weight"]

    one, same, other = made(6.0, 1.0), made(6.0, 9.0), made(1.0, 1.0)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_text_that_says_nothing_leaves_esd_nothing_to_do(tmp_path: Path) -> None:
    """The student is its teacher there, to the last bit: nothing is dropped out, in no step."""
    given = context(tmp_path, "esd", steps=4, rate=1e-2)
    texts = np.load(tmp_path / "embeddings")
    with (tmp_path / "embeddings").open("wb") as stream:
        np.save(stream, np.zeros_like(texts))
    assert changed(given, "masked", esd.unlearn(given)) == set()
