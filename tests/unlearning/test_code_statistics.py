"""Code statistics against counts by hand, and as fast as many clips need."""

import numpy as np
import pandas as pd
import pytest

from hmu.io.codes import CodeTable
from hmu.unlearning.code_statistics import code_statistics, forgotten
from support.toy_codes import statistics


def test_counts_motions_not_occurrences() -> None:
    table = statistics().set_index("code")
    assert table["forget"].tolist() == [1, 1, 0, 2, 0]
    assert table["retain"].tolist() == [2, 3, 1, 1, 0]
    assert table["score"].tolist() == pytest.approx([0.5 / (2 / 3), 0.5 / 1.0, 0, 1 / (1 / 3), 0])
    assert table.sort_values("rank").index.tolist() == [3, 0, 1, 2, 4]
    assert table["forget_tokens"].tolist() == pytest.approx([1 / 6, 2 / 6, 0, 3 / 6, 0])
    assert table["retain_tokens"].sum() == pytest.approx(1.0)


def test_nothing_is_chosen_on_clips_of_the_test_split() -> None:
    """A motion, at whichever offset, is of the set of its clip; those of the test are of none."""
    motions = {"motion": ["a", "b@20-90", "c", "d"], "clip": ["a", "b", "c", "d"]}
    clips = {
        "clip": ["a", "b", "c", "d"],
        "split": ["train", "val", "test", "train"],
        "forget": [True, True, True, False],
    }
    keys = pd.DataFrame({"motion": ["b@20-90", "a", "a", "c", "d"]})
    table = CodeTable(keys, [np.zeros((1, 1), np.int16)] * 5, 1)
    found = forgotten(table, pd.DataFrame(clips), pd.DataFrame(motions))
    assert found.eq(True).tolist() == [True, True, True, False, False]
    assert found.eq(False).tolist() == [False, False, False, False, True]
    counted = code_statistics(table, found, codebook=2)
    assert counted[["forget", "retain"]].to_numpy().tolist() == [[2, 1], [0, 0]]


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


def test_a_row_with_times_counts_that_often_and_by_itself() -> None:
    codes = [np.array([[0], [0]], np.int16), np.array([[0], [1]], np.int16)]
    keys = pd.DataFrame({"motion": ["a", "a"], "times": [3, 2]})
    counted = code_statistics(CodeTable(keys, codes, 1), pd.Series([True, True]), codebook=2)
    written_out = CodeTable(
        pd.DataFrame({"motion": list("abcde")}), [codes[0]] * 3 + [codes[1]] * 2, 1
    )
    expected = code_statistics(written_out, pd.Series([True] * 5), codebook=2)
    pd.testing.assert_frame_equal(counted, expected)
    assert counted["forget"].tolist() == [5, 2]
    assert counted["forget_tokens"].tolist() == [0.8, 0.2]
