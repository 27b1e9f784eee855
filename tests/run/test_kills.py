"""Runs that are killed and taken up again end with the bytes of one that nothing disturbed.

A handful of what `make kills` does thirty times at moments of its own.
"""

import sys
from pathlib import Path

import pytest

from support import killing
from support.killing import Kill


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    return killing.undisturbed(killing.project(tmp_path_factory.mktemp("whole") / "toy"))


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
@pytest.mark.parametrize("seed", range(2, 6))
def test_a_killed_run_ends_as_one_that_was_not(
    seed: int, whole: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    """Both signals to Snakemake alone and to one job; the moments are those of the seeds."""
    wanted, seconds = whole
    kill = Kill.drawn(seed, seconds)
    assert killing.survives(killing.project(tmp_path / "toy"), kill, wanted) is None, kill
