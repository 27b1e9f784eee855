"""Faithfulness of metrics: AUC and its exact p beside scipy's, and through the step."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from hmu.errors import InputError
from hmu.run.job import Job
from hmu.steps import faithfulness as step
from hmu.tables import binding, layout_files
from hmu.tables.faithfulness import auc, p_value

RANDOM = np.random.default_rng(0)


def test_four_and_four_that_are_apart_have_the_least_p_of_their_seventy_splits() -> None:
    """16 pairs, all right: 1 of the 70 ways to choose four of eight."""
    assert auc([5, 6, 7, 8], [1, 2, 3, 4], "↓") == 1
    assert p_value([5, 6, 7, 8], [1, 2, 3, 4], "↓") == (pytest.approx(1 / 70), 70)
    assert auc([5, 6, 7, 8], [1, 2, 3, 4], "↑") == 0
    assert p_value([5, 6, 7, 8], [1, 2, 3, 4], "↑") == (1, 70)


def test_equal_values_count_half() -> None:
    assert auc([1, 1], [1, 1], "↓") == 0.5
    assert p_value([1, 1], [1, 1], "↓") == (1, 6)
    assert auc([2, 3], [2, 1], "↓") == (0.5 + 1 + 1 + 1) / 4


@pytest.mark.parametrize("arrow", ["↓", "↑"])
@pytest.mark.parametrize("seed", range(4))
def test_auc_and_p_are_scipys(arrow: Any, seed: int) -> None:
    """With ties, and with unequal numbers of models."""
    random = np.random.default_rng(seed)
    had, never = random.integers(0, 5, 5).astype(float), random.integers(0, 5, 4).astype(float)
    sides = (never, had) if arrow == "↑" else (had, never)
    whole = stats.mannwhitneyu(*sides).statistic / 20
    assert auc(had.tolist(), never.tolist(), arrow) == pytest.approx(whole)
    exact = stats.permutation_test(
        (had, never),
        lambda a, b: auc(a.tolist(), b.tolist(), arrow),
        n_resamples=np.inf,
        alternative="greater",
        vectorized=False,
    )
    assert p_value(had.tolist(), never.tolist(), arrow) == (pytest.approx(exact.pvalue), 126)


def test_too_many_splits_are_refused() -> None:
    with pytest.raises(InputError, match="705,432 ways"):
        p_value([0.0] * 11, [1.0] * 11, "↓")


CONFIG: dict[str, Any] = {
    "tables": {
        "t": {
            "layout": "faithfulness",
            "dataset": "demo",
            "concept": "kick",
            "names": {"seed-1": "momask", "seed-2": "second"},
        }
    },
    "datasets": {"demo": None},
    "backbones": {"momask": None, "second": None},
    "concepts": {"kick": None},
    "variants": {
        "original": {"method": "original"},
        "retrained": {"method": "retrain"},
        "frozen": {"method": "frozen"},
        "shuffled": {"method": "shuffled"},
    },
    "sets": {"forget": {"prompts": "captions", "clips": "forget"}},
}
VALUES = {
    "original": {"momask": 0.5, "second": 0.7},
    "retrained": {"momask": 0.2, "second": 0.1},
    "frozen": {"momask": 0.0},
    "shuffled": {"momask": 0.15},
}


REPEATS = "it needs 4 repeats, and this run has 3 (evaluation.repeats)"


def write_cells(folder: Path, *lacking: tuple[str, str, str]) -> list[Path]:
    """All cells of the table, by VALUES; those that are ``lacking`` have no value."""
    without = {"value": None, "undefined": {"motions": 192, "of": 192, "why": REPEATS}}
    spread = {
        "interval": 0.1,
        "t_interval": 0.3,
        "repeats": 3,
        "values": [],
        "n": 64,
        "paper": None,
    }
    paths = []
    for cell in binding.addresses(CONFIG, "t"):
        given = {"value": VALUES[cell.variant][cell.backbone]}
        if (cell.variant, cell.backbone, cell.metric) in lacking:
            given = without
        path = folder / f"{cell.row}-{cell.column}.json"
        path.write_text(json.dumps({**cell.record(), **given, **spread}), encoding="utf-8")
        paths.append(path)
    return paths


def run(folder: Path, cells: list[Path]) -> Job:
    job = Job(
        "faithfulness",
        {"cells": cells, "layout": layout_files.path_of("faithfulness")},
        {"faithfulness": folder / "t.json", "page": folder / "t.md"},
        settings={"table": "t", **binding.settings(CONFIG)},
    )
    step.run(job)
    return job


def test_a_table_says_of_each_metric_how_faithful_it_is_and_which_control_wins(
    tmp_path: Path,
) -> None:
    job = run(tmp_path, write_cells(tmp_path))
    found = {each["name"]: each for each in json.loads(job.outputs["faithfulness"].read_text())}
    down, up = found["forget-r@1"], found["forget-fid"]
    assert (down["auc"], down["p"], down["splits"]) == (1, pytest.approx(1 / 6), 6)
    assert (down["beside"]["control"], down["beside"]["won"]) == (["Frozen", 0.0], True)
    assert down["beside"]["rival"][1] == 0.1
    assert (up["auc"], up["p"]) == (0, 1)
    assert (up["beside"]["control"], up["beside"]["won"]) == (["Shuffled", 0.15], False)
    page = job.outputs["page"].read_text(encoding="utf-8")
    values = "0.500, 0.700 | 0.200, 0.100"
    assert f"| Forget set · R@1 ↓ | 1.000 | 0.167 (1 of 6) | {values} | Frozen, 0.000 | – |" in page
    assert (
        f"| Forget set · FID ↑ | 0.000 | 1 (6 of 6) | {values} | no: Shuffled, 0.150 | – |" in page
    )
    lines = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {8}

    # VALUES are lower where the concept was never seen: what is to be higher there is always wrong.
    lower = {each["name"] for each in found.values() if each["auc"] == 1}
    assert lower == {name for name, each in found.items() if each["title"].endswith("↓")}
    assert lower >= {"forget-tmr_r@1", "forget-presence@4"}
    assert found.keys() - lower >= {"forget-tmr_fid", "forget-diversity"}


def test_a_column_in_which_no_model_has_a_value_is_empty_with_its_reason(tmp_path: Path) -> None:
    """And costs the others nothing: hours lie behind them."""
    models = [(variant, each) for variant, values in VALUES.items() for each in values]
    job = run(tmp_path, write_cells(tmp_path, *((*model, "presence@4") for model in models)))
    found = {each["name"]: each for each in json.loads(job.outputs["faithfulness"].read_text())}
    alone = found.pop("forget-presence@4")
    assert (alone["auc"], alone["p"], alone["beside"], alone["why"]) == (None, None, None, REPEATS)
    assert all(each["auc"] is not None and each["why"] is None for each in found.values())
    page = job.outputs["page"].read_text(encoding="utf-8")
    assert "| Forget set · Presence@4 ↓ | – | – | – | – | – | – |" in page
    assert f"- Forget set · Presence@4 ↓: no model has a value, because {REPEATS}." in page


def test_one_model_of_a_kind_is_too_few(tmp_path: Path) -> None:
    """Also where a cell is there and has no value."""
    with pytest.raises(InputError, match="'forget-presence' has values of 1 with the concept and"):
        run(tmp_path, write_cells(tmp_path, ("original", "second", "presence")))


def test_a_control_wins_nothing_by_a_tie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VALUES, "frozen", {"momask": 0.1})
    job = run(tmp_path, write_cells(tmp_path))
    found = {each["name"]: each for each in json.loads(job.outputs["faithfulness"].read_text())}
    assert found["forget-r@1"]["never"] == [0.2, 0.1]
    beside = found["forget-r@1"]["beside"]
    assert (beside["won"], beside["tied"], beside["control"]) == (False, True, ["Frozen", 0.1])
    page = job.outputs["page"].read_text(encoding="utf-8")
    assert "| as good: Frozen, 0.100 |" in page
