"""Latent Code Replacement as a method: what it is given, what it edits and what it reports."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hmu import rng
from hmu.errors import InputError
from hmu.methods import lcr
from hmu.models.storage import save_state
from hmu.unlearning import code_lists, selecting, smoothest
from hmu.unlearning.context import MethodContext
from support import small_context
from support.small_models import SMALL
from support.toy_codes import statistics

BOOK = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))


def context(tmp_path: Path, **params: object) -> MethodContext:
    """What the method is given for the toy codes; the concept ``rarer`` has other statistics."""
    table = statistics()
    table.to_parquet(tmp_path / "statistics.parquet")
    table.assign(rank=[4, 3, 2, 1, 0]).to_parquet(tmp_path / "rarer.parquet")
    save_state(tmp_path / "model.safetensors", {"quantizer.layers.0.codebook": BOOK})
    defaults = {name: each["default"] for name, each in lcr.PARAMS.items()}
    given = {**defaults, **params}
    return MethodContext(
        method="lcr",
        inputs={
            "tokenizer": tmp_path / "model.safetensors",
            "statistics/violence": tmp_path / "statistics.parquet",
            "statistics/rarer": tmp_path / "rarer.parquet",
            "reference_statistics/violence": tmp_path / "rarer.parquet",
            "file_codes": [tmp_path / name for name in given["codes"] or ()],
        },
        params=given,
        address={"concept": "violence", "variant": "lcr"},
        transformers=["masked", "residual"],
        words={},
        training={},
        samplers=None,
        seed=0,
        device=torch.device("cpu"),
        scratch=tmp_path,
    )


def chosen(context: MethodContext) -> list[int]:
    """The codes that were replaced; no others may have changed."""
    edit = lcr.unlearn(context)
    (layer,) = edit.notes["layers"]
    (book,) = edit.tensors["tokenizer"].values()
    assert (book != BOOK).any(dim=1).nonzero().flatten().tolist() == sorted(layer["codes"])
    return layer["codes"]


@pytest.mark.parametrize("replacement", ["random", "nearest", "orthogonal", "reference"])
def test_a_code_makes_way_for_a_safe_one(tmp_path: Path, replacement: str) -> None:
    given = context(tmp_path, k=2, replacement=replacement, alpha=0.0)
    (layer,) = lcr.unlearn(given).notes["layers"]
    (book,) = lcr.unlearn(given).tensors["tokenizer"].values()
    codes, targets = layer["codes"], layer["replaced_by"]
    assert codes == [3, 0]
    if replacement == "orthogonal":
        assert torch.equal(book, BOOK)  # nothing is removed by alpha 0
    else:
        assert not set(codes) & set(targets)
        assert torch.equal(book[codes], BOOK[targets])
    if replacement == "reference":
        assert len(set(targets)) == 1


def test_the_parameter_says_in_how_many_places_a_code_is_tried() -> None:
    said = lcr.PARAMS["replacement"]["description"]
    assert f"tried in {smoothest.PLACES} places of the forget set for each code" in str(said)


def test_code_0_takes_all_places_in_the_reference_if_it_is_safe(tmp_path: Path) -> None:
    given = context(tmp_path, k=1, replacement="reference")
    assert lcr.unlearn(given).notes["layers"][0]["replaced_by"] == [0]


def test_counts_choose_by_the_statistics_of_that_name(tmp_path: Path) -> None:
    assert chosen(context(tmp_path, k=1)) == [3]
    assert chosen(context(tmp_path, k=1, counts="reference")) == [4]


def test_a_composed_concept_loses_the_codes_of_each_part_once(tmp_path: Path) -> None:
    parts = {"violence": 2, "rarer": 2}  # 3, 0 and 4, 3
    assert chosen(context(tmp_path, parts=parts)) == [0, 3, 4]
    whole = context(tmp_path, parts={"violence": 1, "rarer": 2}, part_counts="whole")
    assert chosen(whole) == [0, 3]
    assert lcr.unlearn(whole).notes["parts"] == {"violence": [[3]], "rarer": [[3, 0]]}


def test_files_of_codes_take_the_place_of_a_selection(tmp_path: Path) -> None:
    code_lists.write(tmp_path / "one.yaml", [[4, 1]])
    code_lists.write(tmp_path / "other.yaml", [[2, 1]])
    assert chosen(context(tmp_path, codes=["one.yaml", "other.yaml"])) == [1, 2, 4]
    code_lists.write(tmp_path / "other.yaml", [[5]])
    with pytest.raises(InputError, match=r"other\.yaml has code 5 in layer 0.*another tokenizer"):
        lcr.unlearn(context(tmp_path, codes=["one.yaml", "other.yaml"]))


def test_a_budget_finds_how_many_codes_itself(tmp_path: Path) -> None:
    assert chosen(context(tmp_path, selection="budget", retain_budget=0.12)) == [3]
    assert chosen(context(tmp_path, selection="budget", retain_budget=0.5)) == [1, 3]


def test_lcr_reports_what_it_hits(tmp_path: Path) -> None:
    edit = lcr.unlearn(context(tmp_path, k=1))
    (layer,) = edit.notes["layers"]
    assert layer["codes"] == [3]
    assert layer["forget_tokens_hit"] == pytest.approx(0.5)
    assert layer["retain_tokens_hit"] == pytest.approx(1 / 9)


def test_lcr_refuses_to_replace_every_code_and_absent_layers(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lower k"):
        lcr.unlearn(context(tmp_path, k=5))
    with pytest.raises(InputError, match="1 quantizers"):
        lcr.unlearn(context(tmp_path, k=1, layers=2))


def test_a_truncated_table_is_named(tmp_path: Path) -> None:
    given = context(tmp_path, k=1)
    path = tmp_path / "statistics.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"statistics\.parquet cannot be read .*: make it again"):
        lcr.unlearn(given)


# In several layers, of a small model and its motions


def own_codes(given: MethodContext) -> list[list[int]]:
    """The codes that were replaced, by layer; in each codebook no other row may have changed."""
    edit, state = lcr.unlearn(given), given.state("tokenizer")
    for name, book in edit.tensors["tokenizer"].items():
        (layer,) = [each for each in edit.notes["layers"] if f".{each['layer']}." in name]
        rows = (book != state[name]).any(dim=1).nonzero().flatten().tolist()
        assert rows == sorted(layer["codes"])
    assert len(edit.tensors["tokenizer"]) == len(edit.notes["layers"])
    return [each["codes"] for each in edit.notes["layers"]]


def test_each_layer_loses_its_own_best_codes(tmp_path: Path) -> None:
    given = small_context.context(tmp_path, "lcr", k=3, layers=3)
    table = given.statistics()
    best = [table[table["layer"] == layer].sort_values("rank") for layer in range(3)]
    expected = [own["code"][:3].tolist() for own in best]
    assert own_codes(given) == expected
    assert len(set(map(tuple, expected))) == 3


def test_a_budget_weighs_layers_by_the_squared_length_of_their_vectors(tmp_path: Path) -> None:
    given = small_context.context(tmp_path, "lcr", selection="budget", layers=3, retain_budget=0.1)
    table = given.statistics()
    draw = rng.generator(0, "shares")
    for side in ("forget_tokens", "retain_tokens"):
        table[side] = draw.dirichlet(np.full(SMALL.codes, 0.5), SMALL.quantizers).ravel()
    table.to_parquet(tmp_path / "statistics")
    state = given.state("tokenizer")
    books = [state[f"quantizer.layers.{layer}.codebook"].numpy() for layer in range(3)]
    weights = np.array([(book.astype(float) ** 2).sum(axis=1).mean() for book in books])
    expected = [each.tolist() for each in selecting.within_budget(table, weights, 0.1)]
    assert own_codes(given) == expected
    equal = [each.tolist() for each in selecting.within_budget(table, np.ones(3), 0.1)]
    assert expected != equal


@pytest.mark.parametrize("replacement", ["nearest", "smoothest"])
def test_what_is_looked_for_is_taken_without_noise(tmp_path: Path, replacement: str) -> None:
    given = small_context.context(tmp_path, "lcr", k=3, layers=2, replacement=replacement)
    edit, state = lcr.unlearn(given), given.state("tokenizer")
    for layer in edit.notes["layers"]:
        name = f"quantizer.layers.{layer['layer']}.codebook"
        assert torch.equal(
            edit.tensors["tokenizer"][name][layer["codes"]], state[name][layer["replaced_by"]]
        )


def test_noise_belongs_to_the_layer_the_variant_and_the_seed(tmp_path: Path) -> None:
    def noise(given: MethodContext) -> tuple[torch.Tensor, ...]:
        edit, state = lcr.unlearn(given), given.state("tokenizer")
        found = []
        for layer in edit.notes["layers"]:
            name = f"quantizer.layers.{layer['layer']}.codebook"
            rows = edit.tensors["tokenizer"][name][layer["codes"]]
            found.append((rows - state[name][layer["replaced_by"]]) / state[name].std())
        return tuple(found)

    params = {"k": 6, "layers": 2}
    one = small_context.context(tmp_path, "lcr", **params)
    other = replace(one, address={**one.address, "variant": "other"})
    seeded = small_context.context(tmp_path, "lcr", seed=1, **params)
    first, second = noise(one)
    assert torch.equal(first, noise(one)[0])
    for different in (second, noise(other)[0], noise(seeded)[0]):
        assert (first - different).abs().min() > 1e-4
    assert 0.5 < float(torch.cat([first, second]).std()) < 1.5


def test_one_safe_code_takes_the_place_of_all_in_the_reference(tmp_path: Path) -> None:
    """Safe in the first layer; also where code 0 is of the concept, in every layer the same."""
    code_lists.write(tmp_path / "codes.yaml", [[0, 1, 2], [5, 6]])
    given = small_context.context(tmp_path, "lcr", codes=["codes.yaml"], replacement="reference")
    given = replace(given, inputs={**given.inputs, "file_codes": [tmp_path / "codes.yaml"]})
    first, second = lcr.unlearn(given).notes["layers"]
    (common,) = set(first["replaced_by"] + second["replaced_by"])
    assert common not in (0, 1, 2)
    assert (first["codes"], second["codes"]) == ([0, 1, 2], [5, 6])


def test_the_smoothest_code_is_looked_for_in_motions_to_forget_as_they_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In those of the training and validation, decoded to metres."""
    monkeypatch.setattr(smoothest, "PLACES", 10**6)  # all of them, in whatever order
    given = small_context.context(tmp_path, "lcr", k=3, layers=2, replacement="smoothest")
    table, tokenizer, scale = given.codes(), given.model("tokenizer"), given.scale()
    seen = [
        codes
        for motion, codes in zip(table.keys["motion"], table.codes, strict=True)
        if motion.startswith("low") and not motion.endswith("test")
    ]

    @torch.no_grad()
    def decode(codes: torch.Tensor) -> torch.Tensor:
        decoded = [
            torch.from_numpy(scale.inverse(each.numpy())) for each in tokenizer.decode(codes)
        ]
        return torch.stack(decoded)

    trials = smoothest.Trials(seen, decode, tokenizer.frames_per_token)
    for layer in lcr.unlearn(given).notes["layers"]:
        chosen = np.array(layer["codes"])
        safe = np.setdiff1d(np.arange(SMALL.codes), chosen)
        expected = trials.targets(layer["layer"], chosen, safe, rng.generator(1, "any"))
        assert layer["replaced_by"] == expected.tolist()
