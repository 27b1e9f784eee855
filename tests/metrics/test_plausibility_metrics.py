"""Metrics of the descriptor ``movement``, up to the cells: means, curves, and what is undefined."""

import ast
import math
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hmu import registry
from hmu.descriptors.movement import Movement
from hmu.evaluation import measure
from hmu.interface.descriptors import Motion
from hmu.io import files
from hmu.metrics import jerk, peak_jerk, pfc
from hmu.motion.plausibility import row
from hmu.motion.plausibility.jerk import STEPS
from hmu.tables import cells
from support import gaits, reference

ZEROS = dict.fromkeys(row.NAMED, 0.0)
OF_ONE_NUMBER = [*row.NAMED[: row.NAMED.index("peak_jerk")], "dynamic"]


def rows(*motions: dict[str, float], curves: list[list[float]] | None = None) -> np.ndarray:
    """Descriptions of motions with these measures, all others 0, and with these curves."""
    found = []
    for number, named in enumerate(motions):
        curve = np.full(STEPS, np.nan)
        if curves:
            curve[: len(curves[number])] = curves[number]
        found.append(row.pack({**ZEROS, **named}, curve))
    return np.stack(found)


def described(*repeats: np.ndarray) -> measure.Described:
    """The rows of each repeat, as they lie in a file."""
    stored = np.concatenate(repeats)
    places = np.arange(len(stored)).reshape(len(repeats), -1)
    return measure.Described(Path("movement.npy"), stored, places)


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
def test_a_measure_is_averaged_over_the_motions_that_have_it(name: str) -> None:
    given = {"generated": rows({name: 0.5}, {name: 2.0})}
    plugin = registry.load("metrics", name)
    found = plugin.compute(given, {})
    assert found.values == {name: 1.25}
    assert found.motions[name].tolist() == [0.5, 2.0]
    assert plugin.REAL is True


def test_a_peak_is_given_in_seconds_and_in_frames() -> None:
    given = {
        "generated": rows({"peak_jerk": 800.0}, {"peak_jerk": 1600.0}, {"peak_jerk": math.nan})
    }
    found = peak_jerk.compute(given, {})
    assert found.values == {"peak_jerk": 1200.0, "peak_jerk_per_frame": pytest.approx(0.15)}
    assert np.isnan(found.motions["peak_jerk"]).tolist() == [False, False, True]


def test_the_peak_of_the_mean_curve_and_the_area_beside_real_motions() -> None:
    """Mean curve 2, 3, 8 (the last step is of one motion alone), real mean 4: area 2 + 1 + 4."""
    generated = rows({}, {}, curves=[[1, 2, 8], [3, 4]])
    real = rows({}, {}, curves=[[3, 5, 4], [4, 4]])
    found = jerk.compute({"generated": generated, "real": real}, {})
    assert found.values == {"pj": 8.0, "auj": 7.0, "mean_jerk": pytest.approx(18 / 5)}
    assert found.against == {"auj": 4.0}
    # Real motions are compared with their own mean, which for a level curve is all they have.
    level = rows({}, {}, curves=[[4, 4], [4, 4, 4]])
    assert jerk.compute({"generated": level, "real": level}, {}).values["auj"] == 0


def test_jerk_of_motions_without_four_frames_is_undefined() -> None:
    found = jerk.compute({"generated": rows({}), "real": rows({})}, {})
    assert all(math.isnan(value) for value in found.values.values())
    assert set(found.undefined) == {"pj", "auj", "mean_jerk"}
    assert found.against == {}


# What is undefined


def cell_of(folder: Path, *repeats: np.ndarray) -> dict[str, Any]:
    """The cell of PFC, and beside it, as ``kept``, the values of the motions."""
    values, motions = measure.measure(pfc, "pfc", {"generated": described(*repeats)}, {}, 0)
    files.write_json(folder / "values.json", values)
    return {**cells.summarise(folder / "values.json", "pfc"), "kept": motions["pfc"]}


def test_a_cell_says_how_many_motions_it_stands_for(tmp_path: Path) -> None:
    first = rows({"pfc": 1.0}, {"pfc": math.nan}, {"pfc": 3.0})
    second = rows({"pfc": 4.0}, {"pfc": 4.0}, {"pfc": 4.0})
    found = cell_of(tmp_path, first, second)
    assert found["value"] == 3.0
    assert found["n"] == 3
    why = "the root never accelerates"
    assert found["undefined"] == {"motions": 1, "of": 6, "why": why}
    assert np.isnan(found["kept"]).tolist() == [[False, True, False], [False] * 3]


def test_a_cell_of_motions_that_all_have_it_says_nothing(tmp_path: Path) -> None:
    assert "undefined" not in cell_of(tmp_path, rows({"pfc": 1.0}), rows({"pfc": 2.0}))


def test_a_cell_without_a_motion_that_has_it_is_empty_and_says_why(tmp_path: Path) -> None:
    """That a repeat has none is no fault, and no zero."""
    frozen = rows({"pfc": math.nan}, {"pfc": math.nan})
    found = cell_of(tmp_path, frozen, rows({"pfc": 1.0}, {"pfc": 1.0}))
    assert (found["value"], found["interval"], found["values"]) == (None, None, None)
    assert (found["repeats"], found["n"]) == (2, 2)
    assert found["undefined"]["motions"] == 2


# Beside the original


def test_peak_and_area_are_those_of_flowmdm() -> None:
    """Its function, told its own constant as what real motions have in the mean."""
    folder = reference.checkout("BarqueroGerman+FlowMDM")
    parts = []
    for name, function in (
        ("data_loaders/humanml/utils/metrics.py", "calculate_jerk"),
        ("utils/metrics.py", "evaluate_jerk"),
    ):
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        parts += [each for each in tree.body if getattr(each, "name", "") == function]
    known: dict[str, Any] = {"np": np, "OrderedDict": OrderedDict}
    known["recover_from_ric"] = lambda motions, joints: motions[..., : joints * 3].reshape(
        *motions.shape[:2], joints, 3
    )
    exec(compile(ast.Module(parts, []), "flowmdm", "exec"), known)

    motions = np.stack([gaits.walk(40, seed) for seed in range(6)])
    features = np.zeros((6, 40, 263))
    features[..., :66] = motions.reshape(6, 40, 66)

    class Loader(list[Any]):
        dataset = types.SimpleNamespace(inv_transform=lambda motions: motions)

    batch = (None, None, None, None, torch.from_numpy(features), torch.full((6,), 40))
    peaks, areas, curves = known["evaluate_jerk"]({"ours": Loader([batch])})
    seen = Movement().motions([Motion(joints=each.astype(np.float32)) for each in motions])
    level = rows({}, curves=[[0.033031363] * STEPS])
    found = jerk.compute({"generated": seen, "real": level}, {})
    assert curves["ours"] == pytest.approx(jerk.mean_curve(row.curves(seen)), rel=1e-4)
    assert found.values["pj"] == pytest.approx(peaks["ours"], rel=1e-4)
    assert found.values["auj"] == pytest.approx(areas["ours"], rel=1e-4)
