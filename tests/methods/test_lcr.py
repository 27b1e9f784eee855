"""Latent Code Replacement as a method: what it is given, what it edits and what it reports."""

from pathlib import Path

import pytest
import torch

from hmu.errors import InputError
from hmu.methods import lcr
from hmu.models.storage import save_state
from hmu.unlearning import code_lists
from hmu.unlearning.context import MethodContext
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
