"""Code statistics and Latent Code Replacement against counts by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from hmu import rng
from hmu.errors import InputError
from hmu.io.codes import CodeTable
from hmu.methods import lcr
from hmu.models.storage import save_state
from hmu.unlearning.code_statistics import code_statistics
from hmu.unlearning.context import MethodContext

MOTIONS = {
    "kick-1": ([3, 3, 0], True),
    "kick-2": ([3, 1, 1], True),
    "walk-1": ([0, 0, 1], False),
    "walk-2": ([1, 3, 2], False),
    "walk-3": ([0, 1, 0], False),
}


def statistics() -> pd.DataFrame:
    codes = [np.array(values, np.int16)[:, None] for values, _ in MOTIONS.values()]
    table = CodeTable(pd.DataFrame({"motion": list(MOTIONS)}), codes, 1)
    forget = pd.Series([flag for _, flag in MOTIONS.values()])
    return code_statistics(table, forget, codebook=5)


def test_counts_motions_not_occurrences() -> None:
    table = statistics().set_index("code")
    assert table["forget"].tolist() == [1, 1, 0, 2, 0]
    assert table["retain"].tolist() == [2, 3, 1, 1, 0]
    assert table["score"].tolist() == pytest.approx([0.5 / (2 / 3), 0.5 / 1.0, 0, 1 / (1 / 3), 0])
    assert table.sort_values("rank").index.tolist() == [3, 0, 1, 2, 4]
    assert table["forget_tokens"].tolist() == pytest.approx([1 / 6, 2 / 6, 0, 3 / 6, 0])
    assert table["retain_tokens"].sum() == pytest.approx(1.0)


def test_offsets_of_one_motion_count_once() -> None:
    codes = [np.array([[0]], np.int16), np.array([[0]], np.int16), np.array([[1]], np.int16)]
    table = CodeTable(pd.DataFrame({"motion": ["a", "a", "b"]}), codes, 1)
    counted = code_statistics(table, pd.Series([True, True, False]), codebook=2)
    assert counted["forget"].tolist() == [1, 0]


def test_a_code_never_retained_outranks_all_and_ties_go_to_the_frequent() -> None:
    codes = [np.array([[c]], np.int16) for c in (0, 1, 1, 2)]
    table = CodeTable(pd.DataFrame({"motion": list("abcd")}), codes, 1)
    counted = code_statistics(table, pd.Series([True, True, True, False]), codebook=3)
    assert np.isinf(counted["score"][:2]).all()
    assert counted.sort_values("rank")["code"].tolist() == [1, 0, 2]


@pytest.mark.parametrize("selection", ["score", "reference"])
def test_selection_takes_the_best_scores(selection: str) -> None:
    params = {"k": 2, "selection": selection, "retain_budget": 0.0}
    assert sorted(lcr.select(statistics(), params).tolist()) == [0, 3]


def test_coverage_keeps_to_the_budget_of_the_retain_set() -> None:
    table = statistics()
    for budget in (0.0, 0.15, 0.5, 1.0):
        chosen = lcr.select(table, {"k": 5, "selection": "coverage", "retain_budget": budget})
        hit = table[table["code"].isin(chosen)]
        assert hit["retain_tokens"].sum() <= budget + 1e-9
    assert chosen[0] == 3  # most forget tokens for the retain tokens lost


def test_replacement_touches_only_the_chosen_and_takes_safe_codes() -> None:
    book = torch.arange(12.0).reshape(6, 2)
    chosen = np.array([4, 1])
    edited, targets = lcr.replace(book, chosen, 0.0, "random", rng.generator(0, "t"))
    assert not set(targets) & set(chosen)
    assert torch.equal(edited[[4, 1]], book[torch.from_numpy(targets.copy())])
    assert torch.equal(edited[[0, 2, 3, 5]], book[[0, 2, 3, 5]])
    _, one = lcr.replace(book, chosen, 0.0, "single", rng.generator(0, "t"))
    assert len(set(one)) == 1


def test_noise_has_alpha_times_the_deviation_of_the_codebook() -> None:
    book = torch.randn(4000, 16, generator=torch.Generator().manual_seed(0)) * 3
    chosen = np.arange(2000)
    edited, targets = lcr.replace(book, chosen, 0.5, "random", rng.generator(0, "t"))
    noise = edited[:2000] - book[torch.from_numpy(targets.copy())]
    assert noise.std().item() == pytest.approx(1.5, rel=0.02)


def context(tmp_path: Path, **params: object) -> MethodContext:
    statistics().to_parquet(tmp_path / "statistics.parquet")
    save_state(tmp_path / "model.safetensors", {"quantizer.layers.0.codebook": torch.randn(5, 3)})
    defaults = {name: each["default"] for name, each in lcr.PARAMS.items()}
    return MethodContext(
        method="lcr",
        inputs={
            "tokenizer": tmp_path / "model.safetensors",
            "statistics/violence": tmp_path / "statistics.parquet",
        },
        params={**defaults, **params},
        address={"concept": "violence", "variant": "lcr"},
        transformers=["masked", "residual"],
        words={},
        training={},
        samplers=None,
        seed=0,
        device=torch.device("cpu"),
        scratch=tmp_path,
    )


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
