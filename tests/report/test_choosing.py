"""Which motions the report shows."""

import numpy as np
import pytest

from hmu.report.choosing import Choice, different, ends


def test_ends_are_rows_of_the_plan() -> None:
    values = np.array([[5.0, 1.0, 3.0], [9.0, 2.0, 4.0]])
    assert ends(values) == {"lowest": 1, "median": 5, "highest": 3}


@pytest.mark.parametrize(
    "values", [[True, False, True], [2.0, 2.0, 2.0], [np.nan, 1.0, 2.0], [np.nan] * 3, []]
)
def test_what_has_nothing_in_between_has_no_ends(values: list[float]) -> None:
    assert ends(np.array([values])) is None


def test_motions_without_a_value_are_passed_over_and_the_first_of_equal_ones_counts() -> None:
    found = ends(np.array([[np.nan, 7.0, 7.0, 0.0, 0.0, 3.0, np.inf]]))
    assert found == {"lowest": 3, "median": 5, "highest": 1}


def test_captions_are_shown_once_in_their_order() -> None:
    assert different(["b", "a", "b", "c", "a", "d"], 3) == [0, 1, 3]
    assert different([]) == []


def test_prompts_are_shown_by_all_and_ends_by_their_model_beside_the_original() -> None:
    values = {"lcr": {"mm_dist": np.array([[4.0, 1.0, 2.0, 3.0]]), "r@1": np.eye(4)[:1]}}
    chosen = Choice.of([2, 0], ["real", "original", "lcr"], values, ["real", "original"])
    assert chosen.ends == {"lcr": {"mm_dist": {"lowest": 1, "median": 3, "highest": 0}}}
    assert chosen.rows("lcr") == [0, 1, 2, 3]
    chosen = Choice.of([2], ["real", "uce", "lcr"], values, ["real"])
    assert (chosen.rows("uce"), chosen.rows("real")) == ([2], [0, 1, 2, 3])
