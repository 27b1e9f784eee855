"""Forget against retain, and curves: which numbers are drawn, and that they can be read."""

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from hmu import config as configuration
from hmu.errors import InputError
from hmu.figures import curve_plan, curves, labels, style, trade_off, trade_off_plan
from hmu.figures.sweeps import Model, sweeps
from hmu.figures.trade_off import Panel, Spot
from hmu.run.job import Job
from hmu.steps import curve, forget_retain
from hmu.tables import binding, layout_files

LAYOUT = """
title: "Some methods"
reference: retrained
anchors: [real, retrained, original]
open: true
columns:
  - {set: forget, metric: r@1, header: "R@1", arrow: "→"}
  - {set: forget, metric: fid, header: FID, arrow: "→"}
  - {set: retain, metric: r@1, header: "R@1", arrow: "↑"}
  - {set: retain, metric: fid, header: FID, arrow: "↓"}
rows:
  - {variant: real, label: Real motions}
  - {variant: retrained, label: Retrained}
  - {variant: original, label: Original}
"""
VARIANTS: dict[str, Any] = {
    "original": {"method": "original"},
    "retrained": {"method": "retrain"},
    "lcr-16": {"method": "lcr", "k": 16},
    "lcr-4": {"method": "lcr", "k": 4},
    "nearest-16": {"method": "lcr", "k": 16, "replacement": "nearest"},
    "nearest-8": {"method": "lcr", "k": 8, "replacement": "nearest"},
    "uce": {"method": "uce"},
    "uce-stand": {"method": "uce", "target": "stand"},
}
MODEL = Model("demo", "momask", "violence")


@pytest.fixture(scope="module")
def configured(root: Path) -> dict[str, Any]:
    """A whole configuration with these variants."""
    raw = yaml.safe_load((root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    return configuration.validate({**raw, "variants": VARIANTS, "curves": {}})


@pytest.fixture
def bound(configured: dict[str, Any], tmp_path: Path) -> binding.Bound:
    """The table "t" of the layout above."""
    path = tmp_path / "own.yaml"
    path.write_text(LAYOUT, encoding="utf-8")
    entry = {"layout": "own", "dataset": "demo", "concept": "violence"}
    return binding.bind({**configured, "tables": {"t": entry}}, "t", layout_files.load(path))


def write_cells(bound: binding.Bound, folder: Path) -> dict[tuple[str, str], Path]:
    """A file for each cell, each with another value."""
    found = {}
    for number, cell in enumerate(bound.cells, start=1):
        path = folder / f"{cell.row}-{cell.column}.json"
        measured = {"value": number / 100, "interval": 0.01, "t_interval": 0.02}
        drawn = {"repeats": 3, "values": [number / 100] * 3, "n": 32}
        record = {**cell.record(), **measured, **drawn}
        path.write_text(json.dumps(record), encoding="utf-8")
        found[cell.row, cell.column] = path
    return found


def as_told(settings: Any) -> Any:
    """Settings as a step gets them."""
    return json.loads(json.dumps(settings, sort_keys=True))


def shown_in(picture: Path) -> set[str]:
    """All texts of an SVG of matplotlib's, which draws them as outlines and notes them beside."""
    text = picture.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    return {each.strip() for each in re.findall(r"<!-- (.*?) -->", text)}


# Which rows a curve goes through


def test_a_sweep_goes_through_rows_that_differ_in_one_parameter_alone(bound: Any) -> None:
    found = sweeps(bound, "k")
    assert [[(each.value, each.variant) for each in sweep.points] for sweep in found] == [
        [(4, "lcr-4"), (16, "lcr-16")],
        [(8, "nearest-8"), (16, "nearest-16")],
    ]
    assert [sweep.told for sweep in found] == [
        {"replacement": "random"},
        {"replacement": "nearest"},
    ]
    assert {sweep.model for sweep in found} == {MODEL}
    (targets,) = sweeps(bound, "target")
    assert [each.value for each in targets.points] == ["", "stand"]
    (chosen,) = sweeps(bound, "k", ["lcr-4", "lcr-16", "nearest-8"])
    assert chosen.told == {}


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (
            {"table": "u", "parameter": "k"},
            "curves.c.table: there is no table 'u'; write one of: t",
        ),
        ({"table": "t", "parameter": "kk"}, "curves.c: no two rows .* differ in 'kk' alone"),
        ({"table": "t", "parameter": "alpha"}, "curves.c: no two rows .* differ in 'alpha' alone"),
        ({"table": "t", "parameter": "words"}, "words of the variant 'uce' is no number, text or"),
        ({"table": "t", "parameter": "k", "variants": ["lcr"]}, "shows no variant 'lcr'; write on"),
    ],
)
def test_a_curve_through_nothing_is_an_answer(bound: Any, curve: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        curve_plan.of_curve("c", {"variants": [], **curve}, {"t": bound})


def test_planning_says_which_curve_is_wrong(root: Path) -> None:
    raw = yaml.safe_load((root / "tests/tiny.yaml").read_text(encoding="utf-8"))
    raw["curves"] = {
        "there": raw["curves"]["k"],
        "gone": {"table": "none", "parameter": "k"},
        "flat": {**raw["curves"]["k"], "parameter": "layers"},
    }
    with pytest.raises(InputError) as caught:
        configuration.validate(raw)
    assert "has 2 faults" in str(caught.value)
    assert "curves.gone.table: there is no table 'none'" in str(caught.value)
    assert "curves.flat: no two rows" in str(caught.value)


# What pictures show


def by_a_detector(folder: Path) -> tuple[dict[str, Any], dict[str, Path | list[Path]]]:
    """What a chart is told, and reads, of a detector behind its numbers."""
    path = folder / "calibration.json"
    test = {"auc": 0.97, "forget": {"share": 0.9}, "retain": {"share": 0.04}}
    path.write_text(json.dumps([{"test": test}, {}]), encoding="utf-8")
    return {"detectors": ["kick"]}, {"calibrations": [path]}


WORTH = (
    "The detector of kick finds it in 90% of real test clips that show it (the ceiling) and in 4% "
    "of the others (AUC 0.97)."
)


def draw_trade_off(
    bound: Any, folder: Path, without: str = "", more: Any = ({}, {}), parameter: str = "k"
) -> tuple[Path, list[Any]]:
    found = sweeps(bound, parameter)
    told = as_told(trade_off_plan.settings(bound, found)) | more[0]
    files = write_cells(bound, folder)
    cells = [path for (row, _), path in files.items() if row != without]
    picture = folder / "picture.svg"
    inputs = {"cells": cells, **more[1]}
    forget_retain.run(Job("forget_retain", inputs, {"picture": picture}, told))
    return picture, told


def test_every_method_stands_in_forget_against_retain_with_its_name(
    bound: Any, tmp_path: Path
) -> None:
    """Or with the value of the parameter in which it differs from others of the table."""
    picture, told = draw_trade_off(bound, tmp_path)
    text = shown_in(picture)
    assert {"Retrained", "Original", "uce", "uce-stand", "4", "8", "16"} <= text
    assert not {"lcr-4", "lcr-16", "nearest-8", "nearest-16"} & text
    assert {"Forget set: R@1 →", "Retain set: R@1 ↑", "Forget set: FID →"} <= text
    assert {"lcr: k, replacement random", "lcr: k, replacement nearest"} <= text
    assert "Real motions" not in text
    assert [each["role"] for each in told["models"][0]["spots"][:3]] == [
        "reference",
        "original",
        "method",
    ]
    before = picture.read_bytes()
    draw_trade_off(bound, tmp_path)
    assert picture.read_bytes() == before


def test_every_method_has_a_mark_at_its_numbers(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *_: drawn.append(figure))
    _, told = draw_trade_off(bound, tmp_path, parameter="target")  # words make no line
    for axes, metric in zip(drawn[0].axes, ("r@1", "fid"), strict=True):
        marks = {
            (float(x), float(y)): (line.get_marker(), line.get_color())
            for line in axes.get_lines()
            if line.get_marker() not in (".", "None", "", "|", "_")
            for x, y in [line.get_xydata()[0]]
        }
        wanted = set()
        for row in VARIANTS:
            numbers = [
                json.loads((tmp_path / f"{row}-{side}-{metric}.json").read_text(encoding="utf-8"))
                for side in ("forget", "retain")
            ]
            wanted.add(tuple(each["value"] for each in numbers))
        assert marks.keys() == wanted
        assert len(set(marks.values())) == len(VARIANTS)
    assert [each["name"] for each in told["metrics"]] == ["r@1", "fid"]


def value_of(folder: Path, row: str, metric: str) -> tuple[float, float]:
    """What `write_cells` gave a row on the forget set and on the retain set."""
    across, up = (
        json.loads((folder / f"{row}-{side}-{metric}.json").read_text(encoding="utf-8"))["value"]
        for side in ("forget", "retain")
    )
    return across, up


def lines_of(axes: Any) -> dict[tuple[tuple[float, float], ...], tuple[Any, Any]]:
    """The lines of a panel through two points or more: their colour and style."""
    return {
        tuple(map(tuple, line.get_xydata().tolist())): (line.get_color(), line.get_linestyle())
        for line in axes.get_lines()
        if line.get_marker() == "."
    }


def spreads_of(axes: Any) -> set[tuple[float, float]]:
    """The middle of each horizontal bar of a panel."""
    return {
        (round(float(bar[:, 0].mean()), 6), round(float(bar[0, 1]), 6))
        for bars in axes.collections
        for bar in bars.get_segments()
        if bar[0, 1] == bar[1, 1]
    }


def test_methods_that_differ_in_a_number_are_points_of_a_line_with_their_spread(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line is the same in all panels of a row, also where one of them lacks another."""
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *_: drawn.append(figure))
    told = as_told(trade_off_plan.settings(bound, sweeps(bound, "k")))
    cells = [path for key, path in write_cells(bound, tmp_path).items() if key != GONE]
    job = Job("forget_retain", {"cells": cells}, {"picture": tmp_path / "picture.svg"}, told)
    forget_retain.run(job)
    first, second = drawn[0].axes
    near, far = (
        tuple(value_of(tmp_path, row, "fid") for row in rows)
        for rows in (("nearest-8", "nearest-16"), ("lcr-4", "lcr-16"))
    )
    nearest = tuple(value_of(tmp_path, row, "r@1") for row in ("nearest-8", "nearest-16"))
    assert lines_of(first).keys() == {nearest}
    assert lines_of(second).keys() == {near, far}
    assert lines_of(first)[nearest] == lines_of(second)[near]
    assert len({*lines_of(second).values()}) == 2
    assert spreads_of(second) >= {*near, *far}
    assert value_of(tmp_path, "lcr-16", "r@1") in {
        tuple(line.get_xydata()[0].tolist())
        for line in first.get_lines()
        if line.get_marker() in style.MARKERS
    }


GONE = ("lcr-4", "forget-r@1")
"""The row and the column of a cell that is missing: its line is none."""


def test_points_of_other_tables_have_no_spread_and_lines_of_no_row_are_not_drawn(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *_: drawn.append(figure))
    elsewhere = {"lcr-4", "nearest-8", "nearest-16"}
    own = replace(bound, cells=tuple(c for c in bound.cells if c.variant not in elsewhere))
    told = trade_off_plan.settings(own, sweeps(bound, "k"))
    assert told is not None
    (model,) = told["models"]
    assert [each["label"] for each in model["sweeps"]] == ["lcr: k, replacement random"]
    inputs = {"cells": list(write_cells(bound, tmp_path).values())}
    forget_retain.run(Job("forget_retain", inputs, {"picture": tmp_path / "p.svg"}, as_told(told)))
    panel = drawn[0].axes[0]
    four, sixteen = (value_of(tmp_path, row, "r@1") for row in ("lcr-4", "lcr-16"))
    assert lines_of(panel).keys() == {(four, sixteen)}
    assert sixteen in spreads_of(panel)
    assert four not in spreads_of(panel)
    texts = {text.get_text() for text in panel.texts}
    assert {"lcr-16", "4"} <= texts
    assert "16" not in texts


def test_a_method_on_two_lines_keeps_its_name(bound: Any, tmp_path: Path) -> None:
    """Beside its place "16" and "3" would not say of which parameter they are."""
    told = as_told(trade_off_plan.settings(bound, sweeps(bound, "k")))
    other = {
        "label": "lcr: alpha",
        "method": "lcr",
        "spots": [{"variant": "lcr-16", "label": "3"}, {"variant": "uce", "label": "7"}],
    }
    told["models"][0]["sweeps"].append(other)
    inputs = {"cells": list(write_cells(bound, tmp_path).values())}
    picture = tmp_path / "picture.svg"
    forget_retain.run(Job("forget_retain", inputs, {"picture": picture}, told))
    text = shown_in(picture)
    assert {"lcr-16", "4", "7"} <= text
    assert not {"3", "lcr-4", "uce"} & text


def test_methods_of_a_line_keep_their_numbers_where_the_others_are_many(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trade_off, "MOST_NAMED", 3)
    picture, _ = draw_trade_off(bound, tmp_path)
    assert {"3 lcr-16", "4 lcr-4", "5 nearest-16", "6 nearest-8"} <= shown_in(picture)


@pytest.mark.parametrize("models", [12, 13, 31])
def test_many_models_have_numbers_and_a_key(
    models: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *to: drawn.append(figure))
    names = [f"method {number}" for number in range(models)]
    spots = [Spot(name, "method", name, (n, 0.1), (n % 5, 0.1)) for n, name in enumerate(names)]
    swept = [Spot("0.5", "method", names[0], (1.5, 0.0), (1.5, 0.0)), spots[2]]
    panels = [
        Panel("one", "across", "up", spots, {"a: b": swept}, share=False),
        Panel("other", "across", "up", spots[1:], {}, share=False),  # has no value of the first
    ]
    trade_off.draw("Many", [panels], tmp_path / "picture.svg")
    first, second = drawn[0].axes
    numbers = dict(zip(names, map(str, range(1, models + 1)), strict=True))
    key = [text.get_text() for legend in drawn[0].legends for text in legend.get_texts()]
    if models == 12:
        assert not key
        assert {text.get_text() for text in first.texts} == {*names, "0.5"}
    else:
        assert [each.split(" ", 1) for each in key] == [[numbers[name], name] for name in names]
        assert {text.get_text() for text in first.texts} == {*numbers.values()}
        assert {text.get_text() for text in second.texts} == {*numbers.values()} - {"1"}
        told = [text.get_text() for text in first.get_legend().get_texts()]
        assert told == [f"a: b, 0.5 to {names[2]}"]
    marks = [
        {
            float(x): (line.get_marker(), line.get_color())
            for line in axes.get_lines()
            if line.get_marker() in style.MARKERS
            for x, _ in [line.get_xydata()[0]]
        }
        for axes in (first, second)
    ]
    assert len(marks[0]) == len({*marks[0].values()}) == models
    assert marks[1] == {x: mark for x, mark in marks[0].items() if x > 0}
    drawn[0].canvas.draw()
    whole = drawn[0].bbox
    for legend in drawn[0].legends:
        box = legend.get_window_extent()
        assert whole.x0 <= box.x0
        assert box.x1 <= whole.x1
        assert whole.y0 <= box.y0


def test_presence_stands_against_what_a_model_kept(bound: Any) -> None:
    """A table that has presence too draws it beside R@1, both against R@1 of the retain set."""
    own = [cell for cell in bound.cells if (cell.set, cell.metric) == ("forget", "r@1")]
    more = [replace(cell, metric="presence", column="forget-presence") for cell in own]
    column = replace(bound.columns[0], name="forget-presence", header="Presence", arrow="→")
    told = trade_off_plan.settings(
        replace(bound, cells=(*bound.cells, *more), columns=(*bound.columns, column)), []
    )
    assert told is not None
    panels = {
        each["name"]: [each[side]["metric"] for side in ("forget", "retain")]
        for each in told["metrics"]
    }
    assert panels == {"r@1": ["r@1"] * 2, "presence": ["presence", "r@1"], "fid": ["fid"] * 2}
    presence = told["metrics"][1]
    assert presence["forget"]["axis"] == "Forget set: Presence →"
    assert presence["retain"]["axis"] == "Retain set: R@1 ↑"
    paths = trade_off_plan.cells(told, replace(bound, cells=(*bound.cells, *more)), [])
    assert len(paths) == len(set(paths))
    assert any("forget-presence" in path for path in paths)


def test_the_same_models_by_presence_are_another_picture(root: Path) -> None:
    """Of own motions, the table of evidence has the rows of the first one."""
    config = configuration.load(root / "workflow/config/joints.yaml")
    told = {}
    for table in config["tables"]:
        if each := trade_off_plan.settings(binding.bind(config, table), []):
            told[table] = told[f"{table}-again"] = each
    assert told["own-wave"]["models"] == told["own-wave-evidence"]["models"]
    assert trade_off_plan.apart(told) == ["own-wave", "own-wave-k", "own-wave-evidence"]


def test_what_a_detector_is_worth_stands_below_and_panels_stay_as_they_were(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *to: drawn.append(figure))
    for more in (({}, {}), by_a_detector(tmp_path)):
        draw_trade_off(bound, tmp_path, more=more)
    inches = [
        [axes.get_position().size * figure.get_size_inches() for axes in figure.axes]
        for figure in drawn
    ]
    np.testing.assert_allclose(*inches, atol=1e-6)
    plain, figure = drawn
    assert plain.get_supxlabel() == ""
    assert " ".join(figure.get_supxlabel().split()) == WORTH
    figure.canvas.draw()
    (said,) = [each for each in figure.texts if each.get_text() == figure.get_supxlabel()]
    box = said.get_window_extent()
    assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1
    assert figure.bbox.y0 <= box.y0
    labels = [axes.xaxis.label.get_window_extent() for axes in figure.axes]
    assert all(box.y1 < label.y0 for label in labels)


def test_a_method_without_a_cell_is_left_out(bound: Any, tmp_path: Path) -> None:
    picture, _ = draw_trade_off(bound, tmp_path, without="uce")
    assert "uce-stand" in shown_in(picture)
    assert "uce" not in shown_in(picture)


def test_one_model_of_a_sweep_is_no_line(bound: Any, tmp_path: Path) -> None:
    """As of what other tables sweep and have measured by R@1 alone."""
    picture, _ = draw_trade_off(bound, tmp_path, without="nearest-8")
    assert "nearest-16" in shown_in(picture)
    assert "lcr: k, replacement random" in shown_in(picture)
    assert "lcr: k, replacement nearest" not in shown_in(picture)


def test_cells_of_other_tables_serve_where_a_curve_is_of_them(bound: Any) -> None:
    told = trade_off_plan.settings(bound, sweeps(bound, "k"))
    assert told is not None
    less = [cell for cell in bound.cells if cell.variant != "lcr-4"]
    other = [cell for cell in bound.cells if cell.variant == "lcr-4"]
    own = replace(bound, cells=tuple(less))
    paths = trade_off_plan.cells(told, own, other)
    assert sorted(paths) == sorted(each.path() for each in bound.cells if each.variant != "real")
    assert len(trade_off_plan.cells(told, own, [])) == len(paths) - len(other)


def test_curves_over_numbers_of_the_same_model_are_drawn_and_said(bound: Any) -> None:
    """Each value of rows that the table has itself; the ends of others; and no target words."""

    def labels_of(own: binding.Bound) -> list[list[str]]:
        every = [*sweeps(bound, "k", ["lcr-4", "lcr-8", "lcr-16"]), *sweeps(bound, "target")]
        told = trade_off_plan.settings(own, every)
        assert told is not None
        return [[spot["label"] for spot in each["spots"]] for each in told["models"][0]["sweeps"]]

    more = {**bound.variants, "lcr-8": {**bound.variants["lcr-4"], "k": 8}}
    eight = [
        replace(cell, variant="lcr-8", row="lcr-8")
        for cell in bound.cells
        if cell.variant == "lcr-4"
    ]
    rows = (*bound.rows, replace(bound.rows[0], name="lcr-8"))
    bound = replace(bound, variants=more, rows=rows, cells=(*bound.cells, *eight))
    assert labels_of(bound) == [["4", "8", "16"]]
    without = tuple(cell for cell in bound.cells if cell.variant != "lcr-8")
    assert labels_of(replace(bound, cells=without)) == [["4", "", "16"]]
    elsewhere = tuple(replace(cell, backbone="bamm") for cell in without)
    assert labels_of(replace(bound, cells=elsewhere)) == []


def test_a_table_without_both_sets_has_no_such_picture(bound: Any) -> None:
    forget = tuple(cell for cell in bound.cells if cell.set == "forget")
    assert trade_off_plan.settings(replace(bound, cells=forget), []) is None


def test_a_curve_goes_through_the_cells(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = curve_plan.of_curve("c", {"table": "t", "parameter": "k", "variants": []}, {"t": bound})
    told = as_told(curve_plan.settings(bound, found))
    files = write_cells(bound, tmp_path)
    rows = curve_plan.rows(told)
    assert rows == ["lcr-4", "lcr-16", "nearest-8", "nearest-16", "retrained", "original"]
    drawn: list[Figure] = []
    save = style.save
    monkeypatch.setattr(
        style, "save", lambda figure, *others: (drawn.append(figure), save(figure, *others))
    )
    cells = [path for (row, _), path in files.items() if row in rows]
    picture = tmp_path / "curve.svg"
    curve.run(Job("curve", {"cells": cells}, {"picture": picture}, told))
    axes = [each for each in drawn[0].axes if each.axison]
    assert [each.get_title(loc="left") for each in axes] == [
        "Forget set: R@1 →",
        "Forget set: FID →",
        "Retain set: R@1 ↑",
        "Retain set: FID ↓",
    ]
    for each, column in zip(axes, bound.columns, strict=True):
        values = {
            row: json.loads(files[row, column.name].read_text(encoding="utf-8"))["value"]
            for row in rows
        }
        lines = [line.get_xydata().tolist() for line in each.get_lines()]
        assert [[0, values["lcr-4"]], [2, values["lcr-16"]]] in lines
        assert [[1, values["nearest-8"]], [2, values["nearest-16"]]] in lines
        assert [[0, values["original"]], [1, values["original"]]] in lines
        assert [tick.get_text() for tick in each.get_xticklabels()] == ["4", "8", "16"]
    assert {"lcr: k, replacement nearest", "Original"} <= shown_in(picture)


def test_a_curve_of_times_says_their_unit(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *to: drawn.append(figure))
    files = write_cells(bound, tmp_path)
    for (_, column), path in files.items():
        if column == "retain-fid":
            record = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps({**record, "unit": "seconds"}), encoding="utf-8")
    told = as_told(curve_plan.settings(bound, sweeps(bound, "k")))
    cells: list[Path] = [*files.values()]
    curve.run(Job("curve", {"cells": cells}, {"picture": tmp_path / "curve.svg"}, told))
    axes = [each for each in drawn[0].axes if each.axison]
    assert [each.get_ylabel() for each in axes] == ["", "", "", "seconds"]


def test_a_control_stands_beside_no_curve(bound: Any) -> None:
    """Its line would say what a broken motion has, and styles of lines run out."""
    found = sweeps(bound, "k")
    beside = replace(bound, anchors=bound.anchors | {"uce"})
    levels = [row for row, _ in curve_plan.settings(beside, found)["levels"]]
    assert levels == ["retrained", "original", "uce"]
    control = replace(beside, controls=frozenset({"uce"}))
    levels = [row for row, _ in curve_plan.settings(control, found)["levels"]]
    assert levels == ["retrained", "original"]


def test_what_a_detector_is_worth_stands_beside_the_key_of_a_curve(
    bound: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, *to: drawn.append(figure))
    told, inputs = by_a_detector(tmp_path)
    told |= as_told(curve_plan.settings(bound, sweeps(bound, "target")))
    cells: list[Path] = [*write_cells(bound, tmp_path).values()]
    picture = tmp_path / "curve.svg"
    curve.run(Job("curve", {"cells": cells, **inputs}, {"picture": picture}, told))
    (key,) = drawn[0].legends
    assert " ".join(key.get_title().get_text().split()) == WORTH
    FigureCanvasAgg(drawn[0]).draw()  # lays it out
    box, axes = key.get_window_extent(), [each for each in drawn[0].axes if each.axison]
    assert drawn[0].bbox.x0 <= box.x0 <= box.x1 <= drawn[0].bbox.x1
    assert all(box.y1 <= each.xaxis.label.get_window_extent().y0 for each in axes)


def test_a_paper_that_has_the_numbers_is_drawn_hollow_beside_them(
    bound: Any, tmp_path: Path
) -> None:
    told = as_told(curve_plan.settings(bound, sweeps(bound, "target")))
    files = write_cells(bound, tmp_path)
    cells = [path for (row, _), path in files.items() if row in curve_plan.rows(told)]
    picture = tmp_path / "curve.svg"
    curve.run(Job("curve", {"cells": cells}, {"picture": picture}, told))
    assert "uce: target (the paper)" not in shown_in(picture)
    record = json.loads(files["uce", "forget-fid"].read_text(encoding="utf-8"))
    paper = {"value": 3.0, "interval": None, "source": "Table 16"}
    files["uce", "forget-fid"].write_text(json.dumps({**record, "paper": paper}), encoding="utf-8")
    curve.run(Job("curve", {"cells": cells}, {"picture": picture}, told))
    assert {"uce: target (the paper)", "the empty text", "stand"} <= shown_in(picture)


def test_values_without_an_order_are_not_joined(tmp_path: Path) -> None:
    """And methods do not lie on each other there."""
    figure = Figure()
    each = [curves.Curve(name, ["", "stand"], [1.0, 2.0], [0.1, 0.1], [None] * 2) for name in "ab"]
    for number, places in enumerate(({"": 0.0, "stand": 1.0}, {4: 0.0, 8: 1.0})):
        axes = figure.add_subplot(1, 2, number + 1)
        told = [replace(curve, values=[*places]) for curve in each]
        curves.draw_panel(axes, curves.Panel("R@1", told, {}), places)
        lines = axes.get_lines()
        across = {tuple(np.asarray(line.get_xdata()).tolist()) for line in lines}
        assert {line.get_linestyle() for line in lines} == ({"-"} if number else {"None"})
        assert len(across) == 2 - number


# That they can be read


def boxes_of(figure: Figure) -> list[Bbox]:
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.axes[0].texts:
        text.update_positions(renderer)
    # Of the text alone, without the line that leads to its point.
    return [Text.get_window_extent(text, renderer) for text in figure.axes[0].texts]


def overlap(one: Bbox, other: Bbox) -> float:
    return max(0.0, min(one.x1, other.x1) - max(one.x0, other.x0)) * max(
        0.0, min(one.y1, other.y1) - max(one.y0, other.y0)
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [0.3, 0.02, 0.0])
def test_no_label_lies_on_another_or_on_a_point(seed: int, spread: float) -> None:
    """Also where all points are in one place."""
    points = 0.5 + spread * np.random.default_rng(seed).uniform(-1, 1, (12, 2))
    figure = Figure(figsize=(4.4, 4.4))
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    labels.place(axes, points, [f"method {number}" for number in range(len(points))])
    boxes = boxes_of(figure)
    assert len(boxes) == len(points)
    for one, other in itertools.combinations(boxes, 2):
        assert overlap(one, other) < 1
    for x, y in axes.transData.transform(points):
        assert not [box for box in boxes if box.x0 < x < box.x1 and box.y0 < y < box.y1]
    frame = axes.get_window_extent()
    assert all(overlap(box, frame) > 0.99 * box.width * box.height for box in boxes)


def test_neighbours_differ_in_colour_and_in_marker() -> None:
    looks = [tuple(style.mark(number).values()) for number in range(30)]
    assert len(set(looks)) == 30
    for one, other in itertools.pairwise(looks):
        assert one[0] != other[0]
        assert one[1] != other[1]
    assert len({marker for _, marker in looks[:11]}) == 11
