"""Our models give what the official code gave: in every run, checkouts or not."""

import json

import numpy as np
import pytest

from support.official_outputs import CASES, COMMITS, FOLDER, of_official, of_ours, stored


def assert_alike(
    found: dict[str, np.ndarray], expected: dict[str, np.ndarray], within: float
) -> None:
    """The same names and shapes; numbers as near as said, tokens and the weights' names equal."""
    assert list(found) == list(expected)
    for name, wanted in expected.items():
        assert found[name].shape == wanted.shape, name
        if wanted.dtype == np.float32:
            assert np.abs(found[name] - wanted).max() < within, name
        else:
            np.testing.assert_array_equal(found[name], wanted, err_msg=name)


@pytest.mark.parametrize("name", CASES)
def test_our_model_gives_what_the_official_one_gave(name: str) -> None:
    assert_alike(of_ours(name), stored(name), 1e-4)


@pytest.mark.parametrize("name", CASES)
def test_official_code_gives_the_stored_outputs(name: str) -> None:
    """What is stored was not made by hand, nor by ours."""
    pytest.importorskip("einops")
    # Guided scores, the largest numbers, differ by up to 2e-5 between kinds of processors.
    assert_alike(of_official(name), stored(name), 5e-5)


def test_every_file_belongs_to_a_case_and_every_checkout_has_its_commit() -> None:
    assert {path.stem for path in FOLDER.glob("*.npz")} == set(CASES)
    commits = json.loads(COMMITS.read_text(encoding="utf-8"))
    assert set(commits) == {case.checkout for case in CASES.values()}
