"""Which codes of a tokenizer LCR replaces, from their statistics (paper, section 5).

``statistics`` is the pandas frame of `hmu.unlearning.code_statistics`; chosen codes are int64.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import block_diag, csr_matrix, vstack

_GAP = 1e-4
"""How far the forget tokens covered may lie below the most that a budget allows, as a share."""


def by_score(statistics: pd.DataFrame, k: int) -> np.ndarray:
    """The ``k`` codes of one layer with the highest score, best first (equations 5 and 6)."""
    return statistics.nsmallest(k, "rank")["code"].to_numpy(np.int64)


def as_reference(statistics: pd.DataFrame, k: int) -> np.ndarray:
    """The union of the two rankings of the reference, ascending (hmu ``src/methods/lcr.py``,
    ``topk_codes``); ``statistics``: of one layer, sorted by code.

    Both order the codes by the same ratio up to a constant; they differ only in rounding. Of equal
    ratios the lower code is first; in the reference that depends on the processor's sort.
    """
    forget, retain = (statistics[name].to_numpy(float) for name in ("forget", "retain"))
    by_count = forget / (retain + 1e-8)
    by_share = forget / (forget.sum() + 1e-8) / (retain / (retain.sum() + 1e-8) + 1e-8)
    best = [np.argsort(-ratio, kind="stable")[:k] for ratio in (by_count, by_share)]
    return statistics["code"].to_numpy(np.int64)[np.unique(np.concatenate(best))]


RANKINGS: dict[str, Callable[[pd.DataFrame, int], np.ndarray]] = {
    "score": by_score,
    "reference": as_reference,
}


def within_budget(statistics: pd.DataFrame, weights: np.ndarray, budget: float) -> list[np.ndarray]:
    """The codes, by layer and ascending, that cover most forget tokens for a share of retain ones.

    ``weights`` (layers,): what a token's code in each layer counts; only so many layers are chosen
    from. ``budget``: the share of retain tokens, so weighed, that may be hit. What a set of codes
    covers and hits is the sum over its codes, so this is a 0/1 knapsack; it is solved within
    ``_GAP`` of the best. In each layer one code at least stays safe.
    """
    shares = weights / weights.sum()
    own = [statistics[statistics["layer"] == layer] for layer in range(len(weights))]
    forget, retain = (
        np.concatenate(
            [each[side].to_numpy(float) * share for each, share in zip(own, shares, strict=True)]
        )
        for side in ("forget_tokens", "retain_tokens")
    )
    sizes = [len(each) for each in own]
    in_layer = block_diag([csr_matrix(np.ones((1, size))) for size in sizes])
    limits = np.array([budget, *(size - 1 for size in sizes)])
    found = milp(
        -forget,
        integrality=np.ones(len(forget)),
        bounds=(0, (forget > 0).astype(float)),
        constraints=LinearConstraint(vstack([csr_matrix(retain), in_layer]), ub=limits),
        options={"mip_rel_gap": _GAP},
    )
    taken = np.split(found.x > 0.5, np.cumsum(sizes)[:-1])
    return [each["code"].to_numpy(np.int64)[rows] for each, rows in zip(own, taken, strict=True)]
