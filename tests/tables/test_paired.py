"""The exact tests of two rows: against enumeration, SciPy, and what whole clips mean."""

import itertools

import numpy as np
import pytest
from scipy import stats

from hmu import rng
from hmu.tables import paired
from hmu.tables.differences import Difference, Measured, Resampling


def enumerated(differences: list[int]) -> float:
    """p by all choices of signs."""
    signs = itertools.product((-1, 1), repeat=len(differences))
    sums = [abs(sum(s * d for s, d in zip(each, differences, strict=True))) for each in signs]
    return float(np.mean([each >= abs(sum(differences)) for each in sums]))


@pytest.mark.parametrize(
    "differences", [[1], [3, 1], [2, -1, 4, 0, 1], [0, 0], [-5, 1, 1, 1, 1, 1], [6, 6, 6, -1, 2]]
)
def test_flipping_counts_all_choices_of_signs(differences: list[int]) -> None:
    assert paired.flipped(np.array(differences)) == pytest.approx(enumerated(differences))


def test_of_clips_that_count_one_it_is_the_sign_test() -> None:
    differences = np.repeat([1, -1], [41, 22])
    expected = stats.binomtest(41, 63).pvalue
    assert paired.flipped(differences) == pytest.approx(expected)
    theirs = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=5_000, rng=1
    )
    assert paired.flipped(differences) == pytest.approx(theirs.pvalue, abs=0.01)


def test_mcnemar_asks_the_clips_on_which_rows_disagree() -> None:
    first, second = (np.repeat(each, [7, 2, 9]) for each in ([1, 0, 1], [0, 1, 1]))
    found = paired.mcnemar(first > 0, second > 0)
    assert found == pytest.approx(2 * sum(stats.binom.pmf(k, 9, 0.5) for k in (0, 1, 2)))
    assert paired.mcnemar(first > 0, first > 0) == 1


def compared(units: np.ndarray, *motions: np.ndarray) -> Difference:
    rows = {str(n): Measured(each.mean(axis=1), each) for n, each in enumerate(motions)}
    (found,) = Resampling(units, rng.generator(0, "draws")).differences(rows)
    return found


def test_repeats_of_a_clip_are_no_evidence_of_their_own() -> None:
    """Of three clips, however often each is made, p is at least a quarter."""
    for repeats in (1, 5):
        units = np.tile(np.arange(3), (repeats, 1))
        one, other = np.ones(units.shape), np.zeros(units.shape)
        found = compared(units, one, other)
        assert (found.flipped, found.mcnemar) == (0.25, 0.25)
    alone = compared(np.arange(15).reshape(5, 3), np.ones((5, 3)), np.zeros((5, 3)))
    assert alone.flipped == pytest.approx(2 / 2**15)


def test_captions_and_repeats_of_a_clip_are_flipped_together() -> None:
    """Two clips of two captions in two repeats, as they stand in the plan."""
    units = np.array([[0, 1, 0, 1], [1, 1, 0, 0]])
    first = np.array([[1, 1, 1, 0], [1, 0, 1, 0]])
    second = np.array([[0, 1, 0, 0], [0, 0, 1, 0]])
    # The first clip: 3 - 1 of four motions; the second: 2 - 1.
    assert compared(units, first, second).flipped == pytest.approx(enumerated([2, 1]))


def test_values_that_are_not_yes_or_no_have_no_such_tests() -> None:
    units = np.arange(8).reshape(2, 4)
    yes, half = np.ones((2, 4)), np.full((2, 4), 0.5)
    assert (compared(units, yes, half).flipped, compared(units, yes, half).mcnemar) == (None, None)


def test_a_row_more_changes_no_p() -> None:
    units = np.tile(np.arange(10), (2, 1))
    draw = rng.generator(0, "rows")
    motions = [draw.integers(0, 2, units.shape) for _ in range(3)]
    rows = [Measured(each.mean(axis=1), each) for each in motions]
    pairs = [
        next(Resampling(units, rng.generator(0, "draws")).differences(dict(enumerate(some))))  # type: ignore[arg-type]
        for some in (rows[:2], rows)
    ]
    assert pairs[0] == pairs[1]
