"""Whether two rows differ: against closed forms and SciPy, its coverage, and the step."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from hmu import rng
from hmu.errors import InputError
from hmu.evaluation.rows import Planned
from hmu.io import files, npz
from hmu.run.job import Job
from hmu.steps import differences as step
from hmu.tables import long_form
from hmu.tables.differences import Difference, Measured, Resampling, clips


def generator(*address: str | int) -> np.random.Generator:
    return rng.generator(0, "test", *address)


def of_motions(motions: np.ndarray) -> Measured:
    return Measured(motions.mean(axis=1), motions)


def compared(units: np.ndarray, *rows: Measured) -> list[Difference]:
    """The differences of rows called 0, 1, …"""
    resampling = Resampling(units, generator("draws"))
    return list(resampling.differences({str(name): row for name, row in enumerate(rows)}))


def half(found: Difference) -> float:
    assert found.interval is not None
    assert found.value == pytest.approx(sum(found.interval) / 2)
    return (found.interval[1] - found.interval[0]) / 2


@pytest.mark.parametrize("count", [5, 40, 400])
def test_of_normal_numbers_it_is_students_paired_interval(count: int) -> None:
    first, second = generator(count).normal([[0], [0.4]], 1, (2, count))
    second += 0.8 * first
    (found,) = compared(
        np.arange(count)[None], *(of_motions(each[None]) for each in (first, second))
    )
    expected = stats.ttest_rel(first, second).confidence_interval(0.95)
    assert (found.over, found.units) == ("clips", count)
    assert found.value == pytest.approx(np.mean(first - second))
    assert half(found) == pytest.approx((expected.high - expected.low) / 2, rel=0.05)


def test_the_standard_error_is_that_of_scipys_bootstrap() -> None:
    """Clips of one to nine motions: the mean over motions is a ratio, without a closed form."""
    draw = generator("scipy")
    units = np.repeat(np.arange(30), draw.integers(1, 10, 30))
    first, second = draw.normal(size=(2, len(units))) + draw.normal(size=(2, 30))[:, units]
    (found,) = compared(units[None], of_motions(first[None]), of_motions(second[None]))
    sums = [np.bincount(units, each) for each in (first, second, np.ones(len(units)))]

    def difference(one: Any, other: Any, sizes: Any, axis: int = -1) -> Any:
        return (one.sum(axis) - other.sum(axis)) / sizes.sum(axis)

    theirs = stats.bootstrap(sums, difference, paired=True, rng=draw, method="percentile")
    width = stats.t.ppf(0.975, 29) * np.sqrt(30 / 29)
    assert half(found) / width == pytest.approx(theirs.standard_error, rel=0.06)


def test_over_repeats_where_no_motion_has_a_value() -> None:
    first, second = np.array([1.0, 1.2, 0.9]), np.array([4.0, 4.3, 3.9])
    (found,) = compared(np.zeros((3, 8), int), Measured(first), Measured(second))
    expected = stats.ttest_rel(first, second).confidence_interval(0.95)
    assert (found.over, found.units, found.differ()) == ("repeats", 3, True)
    assert half(found) == pytest.approx((expected.high - expected.low) / 2, rel=0.05)


def test_over_repeats_where_the_value_is_not_the_mean_of_its_motions() -> None:
    """As the reference's MM-Safe, which leaves out motions that it divides by."""
    motions = generator("reference").normal(5, 1, (4, 16))
    own = Measured(motions.mean(axis=1) / 2, motions)
    (found,) = compared(np.tile(np.arange(16), (4, 1)), own, Measured(own.values - 1, motions))
    assert found.over == "repeats"
    assert found.value == pytest.approx(1)


def test_rows_that_are_the_same_do_not_differ_and_a_shift_is_found() -> None:
    units = np.tile(np.arange(20).repeat(3), (2, 1))
    noise = generator("same").normal(size=(20,))[units] + generator("motion").normal(
        size=units.shape
    )
    rows = [of_motions(noise), of_motions(noise.copy()), of_motions(noise + 0.01)]
    same, shifted, other = compared(units, *rows)
    assert (same.value, same.interval, same.differ()) == (0, (0, 0), False)
    assert shifted.value == pytest.approx(-0.01)
    assert shifted.differ()
    assert other.differ()
    assert [(each.first, each.second) for each in (same, shifted, other)] == [
        ("0", "1"), ("0", "2"), ("1", "2")
    ]  # fmt: skip


def test_a_row_more_changes_no_difference() -> None:
    units = np.arange(40).reshape(2, 20)
    rows = [of_motions(generator(row).normal(size=units.shape)) for row in range(3)]
    assert compared(units, *rows[:2])[0] == compared(units, *rows)[0]


def test_of_one_clip_or_one_repeat_nothing_is_said() -> None:
    one = of_motions(generator(1).normal(size=(2, 8)))
    other = of_motions(generator(2).normal(size=(2, 8)))
    (found,) = compared(np.zeros((2, 8), int), one, other)
    assert (found.interval, found.differ(), found.units) == (None, None, 1)
    assert found.value == pytest.approx(one.values.mean() - other.values.mean())
    assert compared(np.zeros((1, 8), int), Measured(np.ones(1)), Measured(np.ones(1)))[0].units == 1


def test_motions_without_a_value_count_in_no_mean() -> None:
    """Half of the clips lack a value in the first row: the difference is that of the two means, and
    its error that of two means of so many."""
    draw = generator("lacking")
    first, second = draw.normal([[0], [3]], 1, (2, 400))
    second[:] = 3
    first[200:] = np.nan
    rows = [Measured(np.nanmean(each, keepdims=True), each[None]) for each in (first, second)]
    (found,) = compared(np.arange(400)[None], *rows)
    assert (found.over, found.units) == ("clips", 200)
    assert found.value == pytest.approx(np.mean(first[:200]) - 3)
    expected = stats.ttest_1samp(first[:200], 3).confidence_interval(0.95)
    assert half(found) == pytest.approx((expected.high - expected.low) / 2, rel=0.07)


def covered(units: np.ndarray, said: np.ndarray, tries: int = 250) -> float:
    """How often the interval has the true difference, 0.5, when motions of one of the ``units`` are
    alike and those of one of ``said`` are taken for that."""
    hits = 0
    for number in range(tries):
        draw = generator("coverage", number)
        clip = draw.normal(size=(2, units.max() + 1))[:, units]
        first, second = clip + draw.normal(size=(2, *units.shape)) + np.array([[[0.5]], [[0.0]]])
        resampling = Resampling(said, draw)
        rows = {"a": of_motions(first), "b": of_motions(second)}
        (found,) = resampling.differences(rows)
        assert found.interval is not None
        hits += found.interval[0] <= 0.5 <= found.interval[1]
    return hits / tries


def test_an_interval_covers_the_truth_as_often_as_it_says() -> None:
    """With twelve clips of six motions, in two repeats; with motions drawn by themselves, as if no
    two were of one clip, it would not."""
    units = np.tile(np.arange(12).repeat(6), (2, 1))
    assert 0.91 <= covered(units, units) <= 0.985
    alone = np.arange(units.size).reshape(units.shape)
    assert covered(units, alone) < 0.75


def test_a_clip_its_captions_and_its_mirror_image_are_one() -> None:
    names = ["000001", "M000001", "000001", "M000002", None, None, "M", "Moon"]
    prompts = ["a", "b", "c", "d", "e", "e", "g", "h"]
    assert clips(names, prompts).tolist() == [0, 0, 0, 1, 2, 2, 3, 4]


# The step


def job(folder: Path) -> Job:
    """Two rows of a metric of motions and of one without, on a plan of two repeats of four."""
    request = np.array([[0, 1, 2, 3], [7, 6, 5, 4]], dtype=np.int32)
    Planned(request, request % 4, 8, 4).write(folder / "rows.npz")
    names = ["000001", "M000001", "000002", "000003"] * 2
    requests = pa.table({"clip": names, "prompt": [f"0%{name}" for name in names]})
    pq.write_table(requests, folder / "requests.parquet")
    for number, row in enumerate(("original", "lcr")):
        motions = number + generator(row).normal(size=(2, 4))
        npz.write(folder / f"{row}-mm_dist.npz", {"mm_dist": motions})
        npz.write(folder / f"{row}-fid.npz", {})
        for metric, values in (("mm_dist", motions.mean(axis=1)), ("fid", [number, number + 0.5])):
            found = [
                {"repeat": repeat, "name": metric, "value": float(value), "n": 4}
                for repeat, value in enumerate(values)
            ]
            files.write_json(folder / f"{row}-{metric}.json", found)
    cells = [(row, metric) for row in ("original", "lcr") for metric in ("mm_dist", "fid")]
    of_set = {
        "dataset": "demo",
        "place": "whole/all",
        "cells": [[row, f"all-{metric}", metric] for row, metric in cells],
    }
    inputs: dict[str, Path | list[Path]] = {
        "rows/0": folder / "rows.npz",
        "requests/0": folder / "requests.parquet",
        "values/0": [folder / f"{row}-{metric}.json" for row, metric in cells],
        "motions/0": [folder / f"{row}-{metric}.npz" for row, metric in cells],
    }
    outputs = {"differences": folder / "differences.parquet"}
    return Job("differences", inputs, outputs, {"table": "t", "sets": [of_set]}, seed=3)


def test_the_step_compares_the_rows_of_each_column(tmp_path: Path) -> None:
    given = job(tmp_path)
    step.run(given)
    rows = pq.read_table(given.outputs["differences"]).to_pylist()
    assert [(row["column"], row["over"], row["units"]) for row in rows] == [
        ("all-mm_dist", "clips", 3), ("all-fid", "repeats", 2)
    ]  # fmt: skip
    assert all((row["first"], row["second"]) == ("original", "lcr") for row in rows)
    assert rows[1] | {"low": 0, "high": 0} == {
        "table": "t", "column": "all-fid", "first": "original", "second": "lcr", "difference": -1.0,
        "low": 0, "high": 0, "differ": True, "over": "repeats", "units": 2,
        "flipped": None, "mcnemar": None,
    }  # fmt: skip
    first = given.outputs["differences"].read_bytes()
    step.run(given)
    assert given.outputs["differences"].read_bytes() == first
    read = long_form.read_differences(given.outputs["differences"])
    assert [(column, each.value) for column, each in read] == [
        (row["column"], row["difference"]) for row in rows
    ]
    assert read[0][1].interval == (rows[0]["low"], rows[0]["high"])


def test_the_step_refuses_what_does_not_belong_together(tmp_path: Path) -> None:
    given = job(tmp_path)
    npz.write(tmp_path / "lcr-mm_dist.npz", {"mm_dist": np.zeros((2, 3))})
    with pytest.raises(InputError, match=r"lcr-mm_dist\.npz has other motions than its plan"):
        step.run(given)
    given = job(tmp_path)
    (tmp_path / "lcr-mm_dist.npz").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"lcr-mm_dist\.npz .*: make it again"):
        step.run(given)
    given = job(tmp_path)
    once = [{"repeat": 0, "name": "fid", "value": 1.0, "n": 4}]
    files.write_json(tmp_path / "lcr-fid.json", once)
    with pytest.raises(InputError, match=r"lcr-fid\.json has other repeats than its plan"):
        step.run(given)
    given = job(tmp_path)
    requests = pq.read_table(tmp_path / "requests.parquet")
    pq.write_table(requests.slice(0, 5), tmp_path / "requests.parquet")
    with pytest.raises(InputError, match=r"rows\.npz is of other motions than .*requests\.parquet"):
        step.run(given)


def test_the_step_leaves_out_a_row_of_which_the_value_is_undefined(tmp_path: Path) -> None:
    given = job(tmp_path)
    none = {"name": "fid", "value": None, "n": 4, "lacking": 4, "why": "nothing moves"}
    files.write_json(tmp_path / "lcr-fid.json", [{"repeat": each, **none} for each in (0, 1)])
    step.run(given)
    found = long_form.read_differences(given.outputs["differences"])
    assert [column for column, _ in found] == ["all-mm_dist"]


def test_columns_of_the_long_forms_say_what_they_are() -> None:
    for schema in (long_form.CELLS, long_form.DIFFERENCES):
        assert all(field.metadata[b"description"] for field in schema)
