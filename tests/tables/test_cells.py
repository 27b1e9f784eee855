"""Cells: values of repeats in one number, its intervals, and the paper's."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

from hmu.cli import main
from hmu.errors import InputError
from hmu.io import files
from hmu.run.job import Job
from hmu.steps import cell as cell_step
from hmu.tables import layouts
from hmu.tables.cells import summarise
from hmu.tables.notes import notes
from hmu.tables.student import half_width
from support.table_entries import ENTRY, PAPERS, bind, metric_file

PACKAGE = Path(layouts.__file__).parents[2]


def cell_job(folder: Path, values: list[float | None], comparable: bool, **where: str) -> Job:
    found = bind({**PAPERS, **where}).cells
    address = next(each for each in found if (each.row, each.column) == ("lcr", "forget-r@1"))
    return Job(
        step="cell",
        inputs={"metric": metric_file(folder, values)},
        outputs={"cell": folder / "cell.json"},
        settings={"cell": address.record(), "paper_comparable": comparable},
    )


def test_a_cell_has_its_mean_and_interval(tmp_path: Path) -> None:
    values = [0.1, 0.2, 0.4, 0.7]
    job = cell_job(tmp_path, [*values], comparable=False)
    cell_step.run(job)
    record = files.read_json(tmp_path / "cell.json")
    assert record["value"] == pytest.approx(np.mean(values))
    assert record["interval"] == pytest.approx(1.96 * np.std(values) / 2)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert record["t_interval"] == pytest.approx((high - low) / 2)
    assert (record["repeats"], record["n"], record["paper"]) == (4, 64, None)
    assert (record["table"], record["row"], record["column"]) == ("t", "lcr", "forget-r@1")
    assert (record["set"], record["metric"], record["variant"]) == ("forget", "r@1", "lcr")


@pytest.mark.parametrize("values", [2, 3, 4, 5, 20, 101, 1000])
def test_students_width_is_that_of_the_distribution(values: int) -> None:
    assert half_width(values) == pytest.approx(stats.t.ppf(0.975, values - 1), rel=1e-12)


def test_one_repeat_has_no_interval_of_students(tmp_path: Path) -> None:
    cell_step.run(cell_job(tmp_path, [0.5], comparable=False))
    record = files.read_json(tmp_path / "cell.json")
    assert (record["interval"], record["t_interval"]) == (0, None)


def test_a_cell_has_the_papers_value_only_where_it_is_comparable(tmp_path: Path) -> None:
    cell_step.run(cell_job(tmp_path, [0.5], comparable=True))
    record = files.read_json(tmp_path / "cell.json")
    assert record["paper"] == {"value": 0.317, "interval": 0.009, "source": "Table 2"}
    cell_step.run(cell_job(tmp_path, [0.5], comparable=True, dataset="demo"))
    assert files.read_json(tmp_path / "cell.json")["paper"] is None


def test_a_cell_says_what_its_value_was_measured_against(tmp_path: Path) -> None:
    """And the notes of its table, once for each set, whatever number of rows has it."""
    path = tmp_path / "values.json"
    entries = [
        {"repeat": repeat, "name": "auj", "value": 0.5, "n": 64, "against": against}
        for repeat, against in enumerate((0.02, 0.04))
    ]
    files.write_json(path, [*entries, {"repeat": 0, "name": "pj", "value": 0.1, "n": 64}])
    assert summarise(path, "auj")["against"] == pytest.approx(0.03)
    assert "against" not in summarise(path, "pj")
    bound = bind({**ENTRY, "layout": "evidence"})
    records = {
        (cell.row, cell.column): {**summarise(path, cell.metric), "paper": None, "path": "c"}
        for cell in bound.cells
        if cell.metric in ("auj", "pj")
    }
    rows = {row for row, _ in records}
    assert len(rows) > 2
    for row in rows:
        records[row, "retain-auj"]["against"] = 0.0329
    (said,) = [each for each in notes(bound, records, 1) if "is measured against" in each]
    assert said == (
        "AUJ is measured against the mean jerk of the real motions (FlowMDM: 0.033 for HumanML3D): "
        "0.030 on the forget set (dataset demo, concept violence), 0.033 on the retain set "
        "(dataset demo, concept violence)."
    )


@pytest.mark.parametrize("values", [[], [0.1, None], [None]])
def test_a_cell_without_finite_values_is_an_answer(
    tmp_path: Path, values: list[float | None]
) -> None:
    with pytest.raises(InputError, match=r"values\.json has no finite value of 'r@1'"):
        cell_step.run(cell_job(tmp_path, values, comparable=False))
    assert not (tmp_path / "cell.json").exists()


def test_a_cell_of_a_file_that_is_no_metric_is_an_answer(tmp_path: Path) -> None:
    job = cell_job(tmp_path, [1.0], comparable=False)
    job.input("metric").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"values\.json is not valid JSON"):
        cell_step.run(job)


def test_hmu_cells_lists_addresses_and_what_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {
        "datasets": {"own": {"source": "joints", "raw": "somewhere"}},
        "concepts": {"wave": {"keywords": ["wave"]}},
        "variants": {"original": {"method": "original"}},
        "tables": {"t": {"layout": "main", "dataset": "own", "concept": "wave"}},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(given), encoding="utf-8")
    cell = tmp_path / "cells/t/original/forget-fid.json"
    record = {"value": 1.5, "interval": 0.25, "repeats": 3, "n": 64}
    files.write_json(cell, {**record, "paper": {"value": 1.164, "interval": None}})
    assert main(["cells", "--config", str(path), "--results", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[:2] == [
        str(tmp_path / "cells/t/real/forget-mm_safe.json"),
        "(own, momask, wave, real, forget, mm_safe)",
    ]
    assert (
        f"{cell}  (own, momask, wave, original, forget, fid)  1.500 ± 0.250  3 repeats, n = 64  "
        "paper 1.164"
    ) in lines


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("hmu.run.runner, hmu.steps.cell", {"numpy", "pyarrow", "argparse", "ast", "dataclasses"}),
        ("hmu.steps.metric, hmu.metrics.fid", {"pyarrow", "numpy.random", "dataclasses"}),
        ("hmu.steps.metric, hmu.metrics.jerk", {"pyarrow", "numpy.random", "dataclasses"}),
        ("hmu.steps.metric, hmu.metrics.presence_at_n", {"pyarrow", "numpy.random", "dataclasses"}),
        ("hmu.steps.tables", set()),
    ],
)
def test_small_jobs_import_nothing_heavy(module: str, heavy: set[str]) -> None:
    """There are hundreds of cells and of metrics: each must start at once."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        env={"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        check=True,
        text=True,
    )
    found = set(done.stdout.split())
    assert set(module.split(", ")) <= found
    assert not ({"torch", "pandas", "scipy", "matplotlib"} | heavy) & found
