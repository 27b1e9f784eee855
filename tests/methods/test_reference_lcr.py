"""LCR by the reference's own arithmetic, against what its script does in float64."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from hmu import rng
from hmu.io.codes import CodeTable
from hmu.unlearning import replacing, selecting
from hmu.unlearning.code_statistics import code_statistics
from support import reference_lcr

K = {"k-16": 16, "k-3": 3, "orthogonal": 16, "target": 8}


def of_ours(way: str) -> dict[str, Any]:
    codes, forget = reference_lcr.counted()
    keys = pd.DataFrame({"motion": [str(row) for row in range(len(codes))]})
    table = CodeTable(keys, list(codes.astype(np.int16)), codes.shape[2])
    statistics = code_statistics(table, pd.Series(forget), reference_lcr.CODES)
    found: dict[str, Any] = {"codes": [], "vectors": []}
    for layer in range(2 if way == "k-3" else 1):
        own = statistics[statistics["layer"] == layer]
        chosen = selecting.as_reference(own, K[way])
        book = reference_lcr.codebooks()[layer]
        if way == "orthogonal":
            edited = replacing.without_direction(book, chosen, 0.7)
        else:
            zeros = np.zeros(len(chosen), np.int64)
            edited = replacing.replaced(book, chosen, zeros, 0.0, rng.generator(0, "t"))
        found["codes"].append(chosen.tolist())
        found["vectors"].append(edited[torch.from_numpy(chosen)].tolist())
    return found


def check(way: str, expected: dict[str, Any]) -> None:
    found = of_ours(way)
    assert found["codes"] == expected["codes"]
    for one, other in zip(found["vectors"], expected["vectors"], strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-8)


@pytest.mark.parametrize("way", K)
def test_the_same_codes_and_vectors_as_the_script_had(way: str) -> None:
    check(way, json.loads(reference_lcr.STORED.read_text(encoding="utf-8"))[way])


@pytest.mark.parametrize("way", K)
def test_the_same_codes_and_vectors_as_the_script_has(way: str) -> None:
    check(way, reference_lcr.outputs(way))
