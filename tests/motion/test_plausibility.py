"""Measures of plausibility: motions made by hand whose value is known, and the originals."""

import ast
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import uniform_filter1d

from hmu.descriptors.movement import Movement
from hmu.interface.descriptors import Motion
from hmu.motion import skeleton
from hmu.motion.plausibility import contact, dynamic, floor, foot_contact, jerk, row, skating
from support import gaits, reference

FPS = skeleton.FPS
TOES = [10, 11]


def still(frames: int = 21) -> np.ndarray:
    """A body that stands: toes on the floor, ankles a hand above, all else a metre."""
    joints = np.ones((frames, 22, 3))
    joints[:, [7, 8], 1] = 0.08
    joints[:, TOES, 1] = 0.0
    return joints


def moved(joints: np.ndarray, names: list[int], axis: int, path: np.ndarray) -> np.ndarray:
    """The same with some joints moved along an axis by ``path`` (F,)."""
    found = joints.copy()
    found[:, names, axis] += path[:, None]
    return found


def seconds(frames: int = 21) -> np.ndarray:
    return np.arange(frames) / FPS


# Skating and contact


def test_a_foot_that_stands_does_not_slide() -> None:
    assert skating.guided(still()) == 0
    assert skating.kimodo(still()) == 0
    assert contact.share(still()) == 1


def test_a_body_that_glides_slides_but_where_the_mean_of_five_reaches_beyond_its_end() -> None:
    """At 0.8 m/s the mean of five steps, of which two count as 0, is 0.48 in the first and the last
    step, and 0.64 in those beside them."""
    glide = moved(still(), TOES, 2, 0.8 * seconds())
    assert skating.guided(glide) == pytest.approx(18 / 20)
    faster = moved(still(), TOES, 2, 1.0 * seconds())
    assert skating.guided(faster) == 1.0
    slower = moved(still(), TOES, 0, 0.49 * seconds())
    assert skating.guided(slower) == 0


def test_either_foot_is_enough_for_the_one_and_half_for_the_other() -> None:
    left = moved(still(), [10], 0, 1.0 * seconds())
    assert skating.guided(left) == 1.0
    assert skating.kimodo(left) == 0.5


def test_a_single_quick_step_is_no_skating_by_the_mean() -> None:
    """One step of 5 cm is 1 m/s, and 0.2 m/s in the mean of five; kimodo takes no mean."""
    step = moved(still(), TOES, 0, np.where(np.arange(21) < 10, 0.0, 0.05))
    assert skating.guided(step) == 0
    assert skating.kimodo(step) == pytest.approx(1 / 20)


def test_kimodo_sees_height_too_and_only_what_touches() -> None:
    """Toes that rise 12 mm a step are at 0.24 m/s until they leave the floor: at 0, 12, 24, 36 and
    48 mm they are down, which is four contacts of twenty steps."""
    rise = moved(still(), TOES, 1, 0.012 * np.arange(21))
    assert contact.share(rise) == pytest.approx(4 / 20)
    assert skating.kimodo(rise) == 1.0
    assert skating.guided(rise) == 0


def test_in_the_air_nothing_slides_and_nothing_touches() -> None:
    air = moved(moved(still(), list(range(22)), 1, np.full(21, 0.5)), TOES, 0, 3 * seconds())
    assert (skating.guided(air), skating.kimodo(air), contact.share(air)) == (0, 0, 0)


# Floor


def test_floating_and_penetration_are_of_the_lowest_joint_in_millimetres() -> None:
    every = list(range(22))
    path = np.array([0.0, 0.004, 0.02, -0.004, -0.03])
    body = moved(still(5), every, 1, path)
    assert floor.floating(body) == pytest.approx(20 / 5)
    assert floor.penetration(body) == pytest.approx(30 / 5)
    # One foot on the floor is enough to float no more.
    hop = moved(still(5), [10], 1, np.full(5, 0.3))
    assert floor.floating(hop) == 0


# Physical foot contact


def test_pfc_of_a_sliding_body_that_is_pushed_once() -> None:
    """Feet go 0.1 m a frame, ankles and toes alike; the root gains speed in one of 19 steps, so one
    frame counts fully: 0.1 · 0.1 / 19 · 10,000."""
    path = 0.1 * np.arange(21)
    body = moved(still(), [7, 8, 10, 11], 0, path)
    body = moved(body, [0], 0, np.maximum(np.arange(21) - 10, 0) * 0.05)
    assert foot_contact.score(body) == pytest.approx(100 / 19)
    # The ankle or the toes that go less far count, so one toe that stands makes it 0.
    body[:, 11] = body[0, 11]
    assert foot_contact.score(body) == 0


def test_pfc_takes_acceleration_upwards_and_not_downwards() -> None:
    feet = moved(still(), [7, 8, 10, 11], 0, 0.1 * np.arange(21))
    bend = np.maximum(np.arange(21) - 10, 0) * 0.05
    assert foot_contact.score(moved(feet, [0], 1, bend)) == pytest.approx(100 / 19)
    assert math.isnan(foot_contact.score(moved(feet, [0], 1, -bend)))


@pytest.mark.parametrize("speed", [0.0, 1.3])
def test_pfc_is_undefined_where_the_root_never_accelerates(speed: float) -> None:
    """Also in float32, whose rounding is no acceleration, ten metres from the origin."""
    glide = moved(still(100), list(range(22)), 2, 10 + speed * seconds(100))
    assert math.isnan(foot_contact.score(glide.astype(np.float32)))


# Jerk


def test_jerk_of_a_cubic_is_six_times_its_factor() -> None:
    """The third difference of c t³ is 6 c; coordinates add, and the joint with most counts."""
    time = np.arange(12.0)
    body = moved(still(12), [20], 0, 0.01 * time**3)
    body = moved(body, [20], 1, -0.002 * time**3)
    body = moved(body, [5], 2, 0.011 * time**3)
    assert jerk.curve(body) == pytest.approx(np.full(9, 6 * 0.012))
    assert jerk.peak(jerk.curve(body)) == pytest.approx(6 * 0.012 * FPS**3)


def test_even_acceleration_has_no_jerk() -> None:
    body = moved(still(), list(range(22)), 2, 0.03 * np.arange(21.0) ** 2)
    assert jerk.curve(body) == pytest.approx(np.zeros(18), abs=1e-12)


def test_a_window_is_as_long_as_every_other() -> None:
    assert jerk.window(np.arange(100.0)).tolist() == list(range(37))
    short = jerk.window(np.arange(3.0))
    assert short[:3].tolist() == [0, 1, 2]
    assert np.isnan(short[3:]).all()


# How much it moves


def test_a_frozen_body_does_not_move_and_a_carried_one_moves_as_a_whole() -> None:
    assert dynamic.speed(still()) == 0
    carried = moved(still(), list(range(22)), 2, 1.5 * seconds())
    assert dynamic.speed(carried) == pytest.approx(1.5)
    assert dynamic.speed(moved(still(), [3], 0, 2.2 * seconds())) == pytest.approx(0.1)


# The descriptor


def test_a_row_is_finite_and_taken_apart_again() -> None:
    motions = [gaits.walk(60, 1), still(50), still(1), gaits.walk(15, 2), still(3)]
    rows = Movement().motions([Motion(joints=each.astype(np.float32)) for each in motions])
    assert rows.shape == (5, row.WIDTH)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    lacking = {name: np.isnan(row.column(rows, name)).tolist() for name in row.NAMED}
    one = [False, False, True, False, False]
    assert lacking.pop("pfc") == [False, True, True, False, True]
    assert lacking.pop("peak_jerk") == [False, False, True, False, True]
    assert lacking.pop("floating") == lacking.pop("penetration") == [False] * 5
    assert lacking == dict.fromkeys(("skating", "skating_kimodo", "contact", "dynamic"), one)
    assert row.column(rows, "dynamic")[0] == pytest.approx(dynamic.speed(motions[0]), rel=1e-4)
    curves = row.curves(rows)
    assert np.isfinite(curves).sum(axis=1).tolist() == [37, 37, 0, 12, 0]
    assert curves[0] == pytest.approx(jerk.curve(motions[0])[:37], abs=1e-6)


# Beside the originals


def walks() -> np.ndarray:
    """Motions (n, F, 22, 3) that tread, slide and leave the floor."""
    found = np.stack([gaits.walk(60, seed, turning=0.2) for seed in range(8)])
    return found - found[..., TOES, 1].min(axis=(1, 2))[:, None, None, None] * [0, 1, 0]


def functions(path: Path, *names: str, **known: Any) -> dict[str, Any]:
    """Some functions of a file, without what the others import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name in names]
    found: dict[str, Any] = {"np": np, **known}
    exec(compile(ast.Module(kept, []), path.name, "exec"), found)
    return found


def test_skating_is_that_of_guided_motion_diffusion() -> None:
    path = reference.checkout("korrawe+guided-motion-diffusion")
    path /= "data_loaders/humanml/utils/metrics.py"
    theirs = functions(path, "calculate_skating_ratio", uniform_filter1d=uniform_filter1d)
    motions = walks()
    ratio, _ = theirs["calculate_skating_ratio"](torch.from_numpy(motions.transpose(0, 2, 3, 1)))
    assert 0.05 < ratio.mean() < 0.95
    assert [skating.guided(each) for each in motions] == pytest.approx(ratio)


def test_jerk_is_that_of_flowmdm() -> None:
    path = reference.checkout("BarqueroGerman+FlowMDM")
    theirs = functions(path / "data_loaders/humanml/utils/metrics.py", "calculate_jerk")
    motions = walks()
    curves = theirs["calculate_jerk"](motions, np.full(len(motions), motions.shape[1]))
    assert np.stack([jerk.curve(each) for each in motions]) == pytest.approx(curves)


def test_physical_foot_contact_is_that_of_edge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Theirs reads a folder and prints the mean; z is up there."""
    path = reference.checkout("Stanford-TML+EDGE") / "eval/eval_pfc.py"
    motions = walks()
    held = {f"{number}": each for number, each in enumerate(motions[..., [0, 2, 1]])}

    class Glob:
        glob = staticmethod(lambda _: list(held))

    class Pickle:
        load = staticmethod(lambda name: {"full_pose": held[name]})

    known = {"glob": Glob, "pickle": Pickle, "tqdm": list, "open": lambda name, _: name}
    theirs = functions(path, "calc_physical_score", os=os, **known)
    theirs["calc_physical_score"](str(tmp_path))
    said = float(capsys.readouterr().out.split()[-1])
    assert said == pytest.approx(np.mean([foot_contact.score(each) for each in motions]))


def test_skating_is_that_of_kimodo() -> None:
    path = reference.checkout("nv-tlabs+kimodo") / "kimodo/metrics/foot_skate.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (ratio,) = (each for each in tree.body if getattr(each, "name", "") == "FootSkateRatio")
    (compute,) = (each for each in ratio.body if getattr(each, "name", "") == "_compute")
    assert isinstance(compute, ast.FunctionDef)
    compute.decorator_list = []
    known: dict[str, Any] = {"torch": torch, "Tensor": torch.Tensor, "Optional": None, "Dict": dict}
    future = ast.parse("from __future__ import annotations").body
    exec(compile(ast.Module([*future, compute], []), path.name, "exec"), known)

    class Self:
        skeleton = type("Skeleton", (), {"foot_joint_idx": [7, 10, 8, 11]})
        fps, height_thresh, vel_thresh = FPS, 0.05, 0.2

    motions = walks()
    lengths = torch.full((len(motions),), motions.shape[1])
    found = known["_compute"](Self, torch.from_numpy(motions), None, lengths=lengths)
    theirs = found["foot_skate_ratio"].numpy()
    assert 0.05 < theirs.mean() <= 1
    assert [skating.kimodo(each) for each in motions] == pytest.approx(theirs, abs=1e-6)
