"""What stands beside numbers by a detector, and whether two seeds rank rows alike."""

from pathlib import Path

import pytest

from hmu.io import files
from hmu.run.job import Job
from hmu.steps import detection as step
from hmu.tables import detection


def rate(above: int, clips: int) -> dict[str, float]:
    return {"clips": clips, "above": above, "share": above / clips, "low": 0.01, "high": 0.2}


CALIBRATION = {
    "threshold": 0.1,
    "held_out": {"auc": 0.97, "forget": rate(90, 100), "retain": rate(20, 400)},
    "test": {"auc": 0.987, "forget": rate(30, 40), "retain": rate(7, 100)},
}


def values(path: Path, first: float, second: float) -> Path:
    found = [
        {"repeat": repeat, "name": name, "value": value, "n": 8}
        for name, value in (("presence", first), ("presence_again", second))
        for repeat in range(2)
    ]
    files.write_json(path, found)
    return path


def notes(folder: Path, second: list[float], fires: float | None = 0.125) -> list[str]:
    """Of three rows of presence 0.1, 0.5 and 0.9, and those by a second seed."""
    files.write_json(folder / "calibration.json", [CALIBRATION, {}])
    rows = [
        values(folder / f"{number}.json", *both)
        for number, both in enumerate(zip((0.1, 0.5, 0.9), second, strict=True))
    ]
    original = [] if fires is None else [values(folder / "original.json", fires, 0.3)]
    inputs: dict[str, Path | list[Path]] = {
        "calibration/0": folder / "calibration.json",
        "fires/0": original,
        "values/0": rows,
    }
    detector = {
        "dataset": "demo",
        "concept": "violence",
        "backbones": ["momask"],
        "cells": ["the forget set, momask"] * 3,
    }
    output = folder / "detection.json"
    step.run(Job("detection", inputs, {"detection": output}, {"detectors": [detector]}))
    return list(detection.notes(files.read_json(output)))


def test_the_rates_stand_beside_the_numbers(tmp_path: Path) -> None:
    said, _ = notes(tmp_path, [0.2, 0.4, 0.6])
    assert "lets 5.0% (95% interval 1.0 to 20.0; 20 of 400 clips)" in said
    assert "its AUC is 0.987" in said
    assert "75.0% (95% interval 1.0 to 20.0; 30 of 40 clips) of those that show it" in said
    assert "in 7.0% (95% interval 1.0 to 20.0; 7 of 100 clips) of the others" in said
    assert "prompts without the concept: 12.5% (momask)." in said
    assert "not measured" in notes(tmp_path, [0.2, 0.4, 0.6], fires=None)[0]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (
            [0.2, 0.4, 0.6],
            "brings the rows into the same order: Kendall's τ is 1.00 (3 rows, the f",
        ),
        ([0.4, 0.2, 0.6], "gives the rows another order: Kendall's τ is 0.33"),
        ([0.6, 0.4, 0.2], "gives the rows another order: Kendall's τ is -1.00"),
        ([0.5, 0.5, 0.5], "cannot be compared with the first"),
    ],
)
def test_a_second_seed_that_ranks_otherwise_is_told(
    second: list[float], says: str, tmp_path: Path
) -> None:
    assert says in notes(tmp_path, second)[1]
