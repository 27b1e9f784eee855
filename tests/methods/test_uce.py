"""UCE and RECE on embeddings made by hand: where texts go, and where they stay."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from hmu import registry
from hmu.errors import InputError
from hmu.interface.methods import Captions, Edit
from hmu.methods import rece, uce
from hmu.rng import generator
from support.reference import gap

TEXT, LATENT = 40, 12
PARTS = ("masked", "residual")
CLIPS = pd.DataFrame(
    {"clip": [f"c{n}" for n in range(8)], "forget": [n < 2 for n in range(8)], "split": "train"}
)
SAMPLES = pd.DataFrame(
    {
        "clip": [f"c{n}" for n in range(8)],
        "split": ["train"] * 7 + ["test"],
        "caption": [
            *("a man will kick", "he kicks", "a man walks", "she sits", "a turn", "they run"),
            *("he stands still", "a test of dodging"),
        ],
    }
)


class Given:
    """A method's context, over embeddings that belong to the texts."""

    transformers, seed = PARTS, 3
    absent: tuple[str, ...] = ()

    def __init__(self, method: str, keywords: Sequence[str] = ("kick",), **params: Any) -> None:
        literals = registry.literals("methods", method)["PARAMS"]
        self.params = {name: each["default"] for name, each in literals.items()} | params
        self.words = list(keywords)
        self.address = {"backbone": "momask", "concept": "violence", "variant": "mine"}

    def has(self, what: str) -> bool:
        return what not in self.absent

    def keywords(self) -> list[str]:
        return self.words

    def captions(self) -> Captions:
        return Captions(SAMPLES, np.zeros((8, TEXT), np.float32))

    def clips(self) -> pd.DataFrame:
        return CLIPS

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        drawn = [generator(0, text).standard_normal(TEXT) for text in texts]
        return np.array(drawn, np.float32)

    def state(self, part: str) -> dict[str, Tensor]:
        own = torch.Generator().manual_seed(len(part))
        weight = torch.randn(LATENT, TEXT, generator=own) * 0.2
        return {"cond_emb.weight": weight, "cond_emb.bias": torch.randn(LATENT, generator=own)}

    def said(self, part: str, weight: Tensor, texts: Sequence[str]) -> Tensor:
        """What texts say: the token that the blocks read, float64."""
        bias = self.state(part)["cond_emb.bias"]
        embedded = torch.from_numpy(self.encode(texts)).double()
        return embedded @ weight.double().T + bias.double()


def edited(edit: Edit, part: str) -> Tensor:
    (name,) = edit.tensors[part]
    assert name == "cond_emb.weight", "biases stay"
    return edit.tensors[part][name]


@pytest.mark.parametrize("method", ["uce", "rece"])
def test_words_that_weigh_without_end_say_what_they_said(method: str) -> None:
    given = Given(method, preserve_scale=1e7)
    edit = registry.load("methods", method).unlearn(given)
    for part in PARTS:
        before, after = given.state(part)["cond_emb.weight"], edited(edit, part)
        words = given.params["words"]
        assert gap(given.said(part, after, words), given.said(part, before, words)) < 1e-5
        assert gap(given.said(part, after, ["kick"]), given.said(part, before, ["kick"])) > 0.1


def test_keywords_that_weigh_nothing_change_nothing() -> None:
    given = Given("uce", erase_scale=0.0)
    edit = uce.unlearn(given)
    for part in PARTS:
        assert gap(edited(edit, part), given.state(part)["cond_emb.weight"]) < 1e-6


@pytest.mark.parametrize(
    "scales", [{"preserve_scale": 1e7}, {"preserve_scale": 1e7, "erase_scale": 0}]
)
def test_with_the_bias_of_the_reference_preserved_words_move_by_it(
    scales: dict[str, float],
) -> None:
    """By one more with each round of RECE."""
    for method, epochs in (("uce", 0), ("rece", 1), ("rece", 3)):
        rounds = {"epochs": epochs} if epochs else {}
        given = Given(method, bias="reference", **scales, **rounds)
        edit = registry.load("methods", method).unlearn(given)
        for part in PARTS:
            before, bias = (given.state(part)[f"cond_emb.{name}"] for name in ("weight", "bias"))
            words = given.params["words"]
            moved = given.said(part, edited(edit, part), words) - given.said(part, before, words)
            assert gap(moved, (1 + epochs) * bias.double().expand_as(moved)) < 1e-3


def test_keywords_go_where_the_technique_says() -> None:
    for technique in ("replace", "tensor"):
        given = Given(
            "uce", ("kick", "punch"), technique=technique, target="stand", erase_scale=1e7
        )
        edit = uce.unlearn(given)
        for part in PARTS:
            before, after = given.state(part)["cond_emb.weight"], edited(edit, part)
            bias = given.state(part)["cond_emb.bias"].double()
            target = given.said(part, before, ["stand"]) - bias
            for word in ("kick", "punch"):
                old, new = (given.said(part, each, [word]) - bias for each in (before, after))
                if technique == "tensor":
                    along = (target * old).sum() / old.square().sum()
                    assert abs(float((new * old).sum())) < 1e-3
                    assert gap(new, target - along * old) < 1e-4
                else:
                    assert gap(new, target) < 1e-4


def test_rounds_erase_what_still_reaches_the_concept() -> None:
    """By the paper's embeddings, not by the reference's, which are the keyword's own again."""

    def left(**params: Any) -> tuple[float, list[list[float]]]:
        given = Given("rece", technique="replace", erase_scale=1.0, **params)
        first, again = uce.unlearn(given), rece.unlearn(given)
        weights = [given.state(part)["cond_emb.weight"].double() for part in PARTS]
        sent = torch.cat(
            [given.said(part, w, ["kick"])[0] for part, w in zip(PARTS, weights, strict=True)]
        )

        def nearest(edit: Edit) -> float:
            """How near any short embedding gets to what the keyword said."""
            maps = torch.cat([edited(edit, part).double() for part in PARTS])
            bias = torch.cat([given.state(part)["cond_emb.bias"].double() for part in PARTS])
            goal = sent - bias
            hold = 0.3 * torch.eye(TEXT, dtype=torch.float64)
            rows, values = torch.cat([maps, hold]), torch.cat([goal, goal.new_zeros(TEXT)])
            best = torch.linalg.lstsq(rows, values[:, None], driver="gels").solution[:, 0]
            return float((maps @ best - goal).norm())

        return nearest(again) / nearest(first), again.notes["adversarial_lengths"]

    far, lengths = left(adversarial="paper", epochs=2)
    near, shrunk = left(adversarial="reference", epochs=2)
    print(far, near, lengths, shrunk)
    assert far > max(1.2, near)
    assert len(lengths) == len(shrunk) == 2
    assert max(each[0] for each in shrunk) < 1


def test_notes_say_how_much_each_text_weighs() -> None:
    given = Given("uce", ("kick", "punch"), **{"lambda": 0.2, "preserve_scale": 0.3})
    notes = uce.unlearn(given).notes
    for side, scale, names in (
        ("erased", 0.1, ["kick", "punch"]),
        ("preserved", 0.3, given.params["words"]),
    ):
        assert list(notes[side]) == names
        for name, value in notes[side].items():
            norm = float((given.encode([name]).astype(float) ** 2).sum())
            assert value == pytest.approx(scale * norm / 0.2)
    json.dumps(notes)


def test_words_of_the_concept_are_not_preserved_and_strange_ones_are_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["walking", "walk", "stand", "dodge"]
    given = Given("uce", ("walk", "dodging"), words=words, target="stands")
    notes = uce.unlearn(given).notes
    assert notes["left_out"] == ["walking", "walk", "dodge"], (
        "one holds a keyword, one is its lemma"
    )
    assert list(notes["preserved"]) == ["stand"]
    assert notes["unseen"] == ["walk", "dodging", "stand"], "what only a test caption says is new"
    assert "walk, dodging, stand" in capsys.readouterr().err


def test_without_captions_the_edit_is_the_same_and_nothing_is_called_strange() -> None:
    given, bare = Given("uce"), Given("uce")
    bare.absent = ("captions",)
    one, other = uce.unlearn(given), uce.unlearn(bare)
    assert all(torch.equal(edited(one, part), edited(other, part)) for part in PARTS)
    assert other.notes["unseen"] is None


def test_captions_of_the_retain_set_are_preserved() -> None:
    retained = {"a man walks", "she sits", "a turn", "they run", "he stands still"}
    notes = uce.unlearn(Given("uce", preserve="captions", captions=3)).notes
    again = uce.unlearn(Given("uce", preserve="captions", captions=3)).notes
    assert set(notes["preserved"]) < retained
    assert len(notes["preserved"]) == 3
    assert notes == again
    more = uce.unlearn(Given("uce", preserve="captions", captions=50)).notes
    assert set(more["preserved"]) == retained


def test_nothing_left_to_preserve_is_said() -> None:
    with pytest.raises(InputError, match=r"variant mine: all of walks hold .* nothing is left"):
        uce.unlearn(Given("uce", ("walk",), words=["walks"]))


def test_equations_without_a_solution_are_said() -> None:
    with pytest.raises(InputError, match=r"variant mine: .* lambda is 0, .* raise it"):
        uce.unlearn(Given("uce", **{"lambda": 0}))
    with pytest.raises(InputError, match=r"variant mine: .* rho is 0, .* raise it"):
        rece.unlearn(Given("rece", rho=0))


def test_a_transformer_that_reads_texts_otherwise_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Given, "state", lambda self, part: {"text.weight": torch.ones(2, 2)})
    with pytest.raises(InputError, match="the part 'masked' of the backbone 'momask' has no layer"):
        uce.unlearn(Given("uce"))
