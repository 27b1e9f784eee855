"""What a detector says of codes in other motions, counted and in words."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from hmu.generation import brought, detected

PROMPTS = [{"prompt": str(row), "caption": f"a person walks {row}"} for row in range(4)]
MARGINS = {
    "before": np.array([[-1.0, -0.5], [-0.25, 2.0], [0.0, -1.0], [3.0, 1.0]], np.float32),
    "code 9": np.array([[1.0, -0.5], [0.25, 2.0], [0.5, 0.25], [3.0, 1.0]], np.float32),
}


def of_test_clips(auc: float, forget: float, retain: float) -> dict[str, Any]:
    rates = {side: {"share": share} for side, share in (("forget", forget), ("retain", retain))}
    return {"threshold": 0.1, "held_out": {}, "test": {"auc": auc, **rates}}


CALIBRATION = [of_test_clips(0.987, 0.915, 0.0623), of_test_clips(0.9, 0.5, 0.25)]


def test_motions_are_counted_that_lie_above_the_threshold() -> None:
    told = detected.record("violence", PROMPTS, MARGINS, CALIBRATION)
    assert (told["concept"], told["prompts"]) == ("violence", 4)
    assert [each["name"] for each in told["shares"]] == ["before", "code 9"]
    counts = [
        [each[by]["above"] for by in ("presence", "presence_again")] for each in told["shares"]
    ]
    assert counts == [[1, 2], [4, 3]], "one that just reaches its threshold is not above it"
    first = told["shares"][0]["presence"]
    interval = stats.binomtest(1, 4).proportion_ci(0.95, method="exact")
    assert (first["share"], first["low"], first["high"]) == pytest.approx((0.25, *interval))
    assert [each["caption"] for each in told["motions"]] == [each["caption"] for each in PROMPTS]
    assert [told["detectors"][by]["test"]["auc"] for by in ("presence", "presence_again")] == [
        0.987,
        0.9,
    ]
    assert told["motions"][1]["margins"] == {"before": [-0.25, 2.0], "code 9": [0.25, 2.0]}


def test_the_words_say_what_the_numbers_do() -> None:
    told = detected.record("violence", PROMPTS, MARGINS, CALIBRATION)
    assert brought.of_all(told) == {
        "before": "the detector finds violence in 1 of 4 motions",
        "code 9": "the detector finds violence in 4 of 4 motions",
    }
    assert brought.of_one(1.25) == "found, 1.25 above the threshold"
    assert brought.of_one(-0.5) == "not found, 0.50 below the threshold"
    assert brought.of_one(0.0) == "not found, 0.00 below the threshold"
    assert brought.sentence(told) == (
        "The detector of violence finds it in 1 (1 to 81%) of 4 motions before; with code 9 in 4 "
        "(40 to 100%). In brackets stand 95% intervals of these shares. The detector of violence "
        "finds it in 92% of real test clips that show it (the ceiling) and in 6% of the others "
        "(AUC 0.99)."
    )
