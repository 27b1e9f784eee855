"""A table as small multiples: which numbers are drawn, where, and what stands for none."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hmu.errors import InputError
from hmu.figures import multiples_plan, style
from hmu.figures import small_multiples as charts
from hmu.figures.small_multiples import Dot
from hmu.io import pictures
from hmu.run.job import Job
from hmu.steps import small_multiples
from hmu.tables import binding

VARIANTS = {
    "original": {"method": "original"},
    "retrained": {"method": "retrain"},
    "lcr": {"method": "lcr", "k": 16},
}
SETS = {name: {"prompts": "captions", "clips": name} for name in ("forget", "retain")}
ENTRY = {"dataset": "demo", "backbone": "momask", "concept": "violence"}
SKATING = "forget-skating"


def bound(layout: str = "evidence-brief") -> binding.Bound:
    config: dict[str, Any] = {
        "tables": {"t": {"layout": layout, **ENTRY}},
        "datasets": {"demo": None},
        "backbones": {"momask": None},
        "concepts": {"violence": None},
        "variants": VARIANTS,
        "sets": SETS,
    }
    return binding.bind(config, "t")


def drawn(
    folder: Path,
    without: str = "",
    empty: tuple[str, str] | None = None,
    detectors: tuple[str, ...] = (),
) -> Path:
    """The picture of cells with a value of their own each, 0.01, 0.02, …, without a column; by
    these detectors, if any."""
    table = bound()
    cells = []
    for number, cell in enumerate(table.cells, start=1):
        value = None if (cell.row, cell.column) == empty else number / 100
        measured = {"value": value, "interval": 0.005, "t_interval": None, "values": [value]}
        path = folder / f"{cell.row}-{cell.column}.json"
        record = {**cell.record(), **measured, "repeats": 1, "n": 8}
        path.write_text(json.dumps(record), encoding="utf-8")
        if not re.fullmatch(without, cell.column):
            cells.append(path)
    told = json.loads(json.dumps(multiples_plan.settings(table)))
    picture = folder / "picture.svg"
    inputs: dict[str, Path | list[Path]] = {"cells": cells}
    if detectors:
        told["detectors"] = [*detectors]
        inputs["calibrations"] = [calibration(folder, *each) for each in enumerate(detectors)]
    small_multiples.run(Job("small_multiples", inputs, {"picture": picture}, told))
    return picture


def calibration(folder: Path, number: int, concept: str) -> Path:
    """Of a detector that finds its concept in 90% or a percent more, number by number."""
    path = folder / f"calibration-{concept}.json"
    test = {"auc": 0.97, "forget": {"share": 0.9 + number / 100}, "retain": {"share": 0.04}}
    path.write_text(json.dumps([{"test": test}, {}]), encoding="utf-8")
    return path


def texts(picture: Path) -> list[str]:
    return [
        each.strip() for each in re.findall(r"<!-- (.*?) -->", picture.read_text(encoding="utf-8"))
    ]


def test_every_column_has_a_panel_and_every_model_a_line(tmp_path: Path) -> None:
    table = bound()
    picture = drawn(tmp_path)
    found = texts(picture)
    for each in table.columns:
        assert f"{each.header} {each.arrow}" in found
        assert each.group in found
    assert [row.label for row in table.rows if row.label in found] == [
        "Retrained on the retain set",
        "Original",
        "w/ LCR",
    ]
    before = picture.read_bytes()
    assert drawn(tmp_path).read_bytes() == before


def test_it_may_be_cut_between_lines_of_panels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text, dot or line of a panel is at a cut."""
    panel = SimpleNamespace(title="R@1 ↑", real=0.2, dots=[Dot(0.1, 0.05, "method")] * 3)
    panels: list[Any] = [SimpleNamespace(**vars(panel), group=each) for each in "aabc"]
    save = style.save

    def both(figure: Figure, path: Path, lines: Any) -> None:
        save(figure, path, lines)
        figure.savefig(path.with_suffix(".png"), dpi=100)

    monkeypatch.setattr(style, "save", both)
    charts.draw("title", ["one", "two", "three"], panels, tmp_path / "a.svg")
    pixels = matplotlib.image.imread(tmp_path / "a.png")[..., :3]
    cuts = pictures.cuts(tmp_path / "a.svg")
    assert len(cuts) == 2
    assert cuts[0] > 0.25
    for cut in cuts:
        assert pixels[round(cut * len(pixels))].min() == 1


def test_dots_stand_at_their_values_and_real_motions_are_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dots: dict[str, list[tuple[float, float]]] = {}
    lines: dict[str, float] = {}
    errorbar, axvline = Axes.errorbar, Axes.axvline

    def dot(self: Axes, x: float, y: float, **more: Any) -> Any:
        assert more["xerr"] == 0.005
        dots.setdefault(self.get_title(loc="left"), []).append((x, y))
        return errorbar(self, x, y, **more)

    def line(self: Axes, x: float, **more: Any) -> Any:
        lines.setdefault(self.get_title(loc="left"), x)
        return axvline(self, x, **more)

    monkeypatch.setattr(Axes, "errorbar", dot)
    monkeypatch.setattr(Axes, "axvline", line)
    drawn(tmp_path)
    numbers = {(c.row, c.column): n / 100 for n, c in enumerate(bound().cells, start=1)}
    rows = ("retrained", "original", "lcr")
    expected = [(numbers[row, SKATING], place) for place, row in enumerate(rows)]
    assert np.allclose(dots["Skating →"][:3], expected)
    assert lines["Skating →"] == numbers["real", SKATING]
    # FID has no value of real motions, which are what it compares with.
    assert "FID ↓" not in lines


def test_a_dash_stands_for_no_value_and_no_panel_for_none_at_all(tmp_path: Path) -> None:
    whole = texts(drawn(tmp_path))
    assert texts(drawn(tmp_path, empty=("lcr", SKATING))).count("–") == whole.count("–") + 1
    assert whole.count("Skating →") == 2
    assert texts(drawn(tmp_path, without=SKATING)).count("Skating →") == 1
    with pytest.raises(InputError, match="there is no cell to draw"):
        drawn(tmp_path, without=".*")


def test_what_the_detectors_are_worth_stands_below(tmp_path: Path) -> None:
    """A chart grows by that, and its panels stay as large as they were."""

    def height(picture: Path) -> float:
        return float(re.search(r'height="([\d.]+)pt"', picture.read_text(encoding="utf-8"))[1])

    plain = height(drawn(tmp_path))
    picture = drawn(tmp_path, detectors=("kick", "punch"))
    said = " ".join(texts(picture))
    assert (
        "The detector of kick finds it in 90% of real test clips that show it (the ceiling) and in "
        "4% of the others (AUC 0.97). The detector of punch finds it in 91% of real" in said
    )
    assert plain < height(picture) < plain + 40


def test_only_layouts_that_ask_for_it_are_drawn() -> None:
    assert multiples_plan.settings(bound("main")) is None
    assert multiples_plan.settings(bound("evidence")) is not None
