"""Which codes are chosen, against choices by hand and by trying all of them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from hmu.io.codes import CodeTable
from hmu.unlearning import selecting
from hmu.unlearning.code_statistics import code_statistics
from support.toy_codes import statistics


@pytest.mark.parametrize("ranking", ["score", "reference"])
def test_a_ranking_takes_the_best_scores(ranking: str) -> None:
    assert sorted(selecting.RANKINGS[ranking](statistics(), 2).tolist()) == [0, 3]


@pytest.mark.parametrize("ranking", ["score", "reference"])
@pytest.mark.parametrize("k", [1, 16, 100])
def test_of_equal_codes_the_lowest_are_taken_on_every_processor(ranking: str, k: int) -> None:
    """Sorts that are not stable order equal values as the processor's registers have it."""
    often = np.random.default_rng(k).integers(1, 4, 200)  # in so many forget motions, and in one
    held = np.concatenate([np.repeat(np.arange(200), often), np.arange(200)])
    motions = pd.DataFrame({"motion": [str(row) for row in range(len(held))]})
    table = CodeTable(motions, [np.array([[code]], np.int16) for code in held], 1)
    forget = pd.Series(np.arange(len(held)) < often.sum())
    chosen = selecting.RANKINGS[ranking](code_statistics(table, forget, 200), k)
    assert sorted(chosen.tolist()) == sorted(np.lexsort((np.arange(200), -often))[:k].tolist())


def shares(layers: int, codes: int) -> pd.DataFrame:
    """Made-up shares of tokens of several layers."""
    draw = np.random.default_rng(7)
    columns = {
        "layer": np.repeat(np.arange(layers), codes),
        "code": np.tile(np.arange(codes), layers),
    }
    for side in ("forget_tokens", "retain_tokens"):
        columns[side] = draw.dirichlet(np.full(codes, 0.5), layers).ravel()
    return pd.DataFrame(columns)


@pytest.mark.parametrize("budget", [0.0, 0.02, 0.1, 0.3])
def test_a_budget_is_spent_as_well_as_any_set_of_codes_would(budget: float) -> None:
    table, weights = shares(layers=2, codes=6), np.array([3.0, 1.0])
    chosen = selecting.within_budget(table, weights, budget)

    shared = table[["forget_tokens", "retain_tokens"]].to_numpy().reshape(2, 6, 2)
    shared = shared * (weights / weights.sum())[:, None, None]

    def sums(sets: tuple[list[int], ...]) -> np.ndarray:
        return sum(own[codes].sum(0) for own, codes in zip(shared, sets, strict=True))

    subsets = [list(each) for n in range(6) for each in itertools.combinations(range(6), n)]
    every = np.array([sums(pair) for pair in itertools.product(subsets, repeat=2)])
    best = every[every[:, 1] <= budget, 0].max()
    covered, hit = sums(tuple(each.tolist() for each in chosen))
    assert hit <= budget + 1e-9
    assert covered == pytest.approx(best, rel=2e-4)


def test_a_whole_budget_leaves_a_safe_code_in_each_layer() -> None:
    chosen = selecting.within_budget(shares(layers=2, codes=6), np.ones(2), 1.0)
    assert [len(each) for each in chosen] == [5, 5]


def test_codes_of_no_forget_motion_stay() -> None:
    table = shares(layers=1, codes=6)
    table.loc[2, ["forget_tokens", "retain_tokens"]] = 0.0
    (chosen,) = selecting.within_budget(table, np.ones(1), 1.0)
    assert 2 not in chosen
