"""The detector: what it sees, what it learns, what it is worth; no motion depends on another."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hmu.descriptors import presence
from hmu.errors import InputError
from hmu.interface.descriptors import DescriptorContext, Motion
from hmu.io import csv_table
from hmu.io.mirrored import unmirrored
from hmu.io.store import ClipStore, ClipWriter
from hmu.models import calibration, storage
from hmu.models.detector import Detectors, Network, padded, scores, seen
from hmu.models.folds import folds
from hmu.motion import skeleton
from hmu.motion.features import to_features
from hmu.motion.recover import to_joints
from hmu.run.job import Job
from hmu.sections.detector import DetectorSizes
from hmu.steps import detector as step
from hmu.text import concepts
from support.gaits import turn, walk

CPU = torch.device("cpu")
SIZES = DetectorSizes(width=16, layers=1, folds=2)
SMALL = {
    "width": 16,
    "layers": 1,
    "folds": 2,
    "training": {"epochs": 12, "batch": 8, "rate": 5e-3, "warmup": 5},
}


def network() -> Network:
    torch.manual_seed(3)
    return Network(SIZES).eval()


def body(seed: int, frames: int = 60) -> np.ndarray:
    return walk(frames, seed).astype(np.float32)


def looked_at(joints: np.ndarray) -> np.ndarray:
    """What the detector sees of one motion, (frames, 2, 22, 3): positions and velocities."""
    found = seen(*padded([joints.astype(np.float32)], CPU))[0].numpy()
    return found.reshape(len(joints), 2, skeleton.JOINTS, 3)


# What it sees


def test_it_sees_metres_from_the_ground_below_the_root_and_metres_a_second() -> None:
    """A stiff body that walks ahead at 1.5 m/s, whichever way that is."""
    pose = np.zeros((skeleton.JOINTS, 3))
    for joint in range(1, skeleton.JOINTS):
        pose[joint] = pose[skeleton.PARENTS[joint]] + skeleton.TARGET_OFFSETS[joint]
    pose[:, 1] += 0.9
    ahead = np.arange(8)[:, None, None] / skeleton.FPS * np.array([0, 0, 1.5])
    for angle in (0.0, 1.0, 3.0):
        found = looked_at(turn(pose + ahead, angle) + np.array([5.0, 0.0, -2.0]))
        assert found[:, 0] == pytest.approx(np.broadcast_to(pose, (8, *pose.shape)), abs=1e-5)
        still = np.broadcast_to([0, 0, 1.5], (7, *pose.shape))
        assert found[:-1, 1] == pytest.approx(still, abs=1e-4)
        assert not found[-1, 1].any(), "nobody knows where the last frame goes"


@pytest.mark.parametrize("layers", [0, 2])
def test_the_score_of_a_motion_depends_on_no_other_to_the_last_bit(layers: int) -> None:
    torch.manual_seed(1)
    whole = Network(SIZES.model_copy(update={"layers": layers})).eval()
    motions = [body(seed, frames) for seed, frames in enumerate((40, 44, 100, 41, 196, 4, 1))]
    together = scores(whole, motions, CPU)
    assert np.isfinite(together).all()
    assert len(set(together.tolist())) == len(motions)
    for size in (1, 2, 3):
        apart = [scores(whole, motions[at : at + size], CPU) for at in range(0, 7, size)]
        assert np.concatenate(apart).tolist() == together.tolist()


def test_a_score_changes_with_every_part_of_a_motion() -> None:
    joints = body(0, 64)
    before = scores(network(), [joints], CPU)
    for frame, joint in ((0, 15), (30, 10), (63, 20)):
        other = joints.copy()
        other[frame, joint] += 3
        assert scores(network(), [other], CPU) != before


# Folds


def test_a_mirrored_pair_lies_in_one_fold_and_folds_are_even() -> None:
    known = {"000001", "000002", "M000001", "Moon", "M000009"}
    assert unmirrored("M000001", known) == "000001"
    assert [unmirrored(each, known) for each in ("Moon", "M000009")] == ["Moon", "M000009"]
    names = [f"{prefix}{number:03d}" for number in range(60) for prefix in ("", "M")]
    units = [unmirrored(name, set(names)) for name in names]
    shows = np.array([unit < "021" for unit in units])
    found = folds(units, shows, 3, 7)
    assert (found[::2] == found[1::2]).all()
    for side in (shows, ~shows):
        assert np.bincount(found[side]).tolist() == [side.sum() // 3] * 3


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30), st.integers(2, 4))
def test_the_fold_of_a_motion_does_not_depend_on_the_order(units: list[str], count: int) -> None:
    shows = np.array([unit < "d" for unit in units])
    found = folds(units, shows, count, 1)
    again = folds(units[::-1], shows[::-1], count, 1)[::-1]
    assert found.tolist() == again.tolist()
    assert all(len(set(found[np.array(units) == each])) == 1 for each in set(units))


# Calibration


def test_a_threshold_lets_no_more_than_its_share_above() -> None:
    ordered = np.arange(1, 101.0)
    assert calibration.threshold(np.random.default_rng(0).permutation(ordered)) == 95
    assert (ordered > calibration.threshold(ordered)).sum() == 5
    assert calibration.threshold(ordered[:19]) == 19  # one of nineteen would be too many
    assert calibration.threshold(ordered[:20]) == 19
    assert calibration.threshold(np.ones(50)) == 1, "what just reaches it is not above it"


@pytest.mark.parametrize(("above", "clips"), [(0, 30), (5, 100), (30, 30)])
def test_the_interval_is_that_of_clopper_and_pearson(above: int, clips: int) -> None:
    found = calibration.Rate.of(np.arange(clips) + 1.0, clips - above)
    assert (found.clips, found.above, found.share) == (clips, above, above / clips)
    low = stats.beta.ppf(0.025, above, clips - above + 1) if above else 0
    high = stats.beta.ppf(0.975, above + 1, clips - above) if above < clips else 1
    assert (found.low, found.high) == pytest.approx((low, high))


def test_auc_counts_pairs() -> None:
    draw = np.random.default_rng(2)
    forget, retain = draw.integers(3, 9, 20).astype(float), draw.integers(0, 7, 33).astype(float)
    pairs = [(a > b) + 0.5 * (a == b) for a in forget for b in retain]
    assert calibration.auc(forget, retain) == pytest.approx(np.mean(pairs))
    assert calibration.auc(retain + 10, retain) == 1


def test_the_record_is_of_unseen_clips_on_both_sides() -> None:
    scores = np.array([*np.arange(100.0), 200, 90, 5, 99, 300])
    shows = np.array([*[False] * 100, True, True, False, False, True])
    test = np.arange(105) >= 102
    found = calibration.calibration(scores, shows, test)
    assert found["threshold"] == 94
    assert (found["held_out"]["retain"]["above"], found["held_out"]["forget"]["above"]) == (5, 1)
    assert (found["test"]["retain"]["share"], found["test"]["forget"]["share"]) == (0.5, 1)
    assert found["held_out"]["auc"] == pytest.approx((100 + 90.5) / 200)


def test_a_unit_counts_once() -> None:
    assert calibration.once(["a", "b", "a", "c", "b"]).tolist() == [1, 1, 0, 1, 0]


# The step

WORDS = {"kick": "he/PRON kick/VERB", "walk": "a/DET white/ADJ man/NOUN walk/VERB"}


def kick(seed: int) -> np.ndarray:
    """A walk in which the right leg is thrown up, straight, at a time of its own."""
    joints = walk(60, seed)
    start = 10 + seed % 30
    angle = 2 * np.sin(np.linspace(0, np.pi, 16))
    leg = np.stack([np.sin(angle), -np.cos(angle), 0 * angle], axis=-1)
    for joint, length in ((5, 0.4), (8, 0.8), (11, 0.9)):
        joints[start : start + 16, joint] = joints[start : start + 16, 2] + length * leg
    return joints


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """Forty clips and their mirrored copies, every second one with a kick; of each ten, two are
    for validation and two for tests."""
    captions, splits, motions = [], [], []
    with ClipWriter(tmp_path / "data.npy", tmp_path / "index.parquet", (263,)) as store:
        for number in range(40):
            kind = "kick" if number % 2 else "walk"
            joints = kick(number) if number % 2 else walk(60, number)
            split = ["train", "train", "train", "val", "test"][number // 2 % 5]
            for prefix, seen_as in (("", joints), ("M", skeleton.mirror(joints))):
                clip = f"{prefix}-{number:06d}"  # which a spreadsheet would take for a formula
                rows = to_features(seen_as)
                store.add(clip, rows)
                captions.append((clip, 0, f"{kind}s", WORDS[kind], 0.0, 0.0))
                splits.append((clip, split, clip))
                motions.append((clip, clip, 0, len(rows), split))
    columns = ["clip", "caption_index", "caption", "tokens", "start", "end"]
    said = pd.DataFrame(captions, columns=columns)
    listed = pd.DataFrame(splits, columns=["clip", "split", "name"])
    # "white" holds "hit": by its keywords the concept has all clips.
    found = concepts.partition(said, listed, listed["clip"], ["kick", "hit"])
    inputs = {
        name: tmp_path / f"{name}.{form}"
        for name, form in (
            *(("data", "npy"), ("index", "parquet")),
            *(("clips", "parquet"), ("motions", "parquet"), ("disagreements", "csv")),
        )
    }
    found.clips.to_parquet(inputs["clips"])
    lines = found.disagreements.itertuples(index=False, name=None)
    csv_table.write(inputs["disagreements"], found.disagreements.columns, lines)
    named = ["motion", "clip", "start", "frames", "split"]
    pd.DataFrame(motions, columns=named).to_parquet(inputs["motions"])
    return {
        "inputs": inputs,
        "settings": {
            **SMALL,
            "device": "cpu",
            "concept": "violence",
        },
    }


def outputs(folder: Path) -> dict[str, Path]:
    folder.mkdir()
    names = ("calibration.json", "scores.parquet", "model.safetensors", "config.json")
    made = {name.partition(".")[0]: folder / name for name in names}
    return {**made, "origin": folder / "origin.json", "training": folder / "training"}


def test_it_finds_kicks_that_it_never_saw_and_says_what_it_is_worth(
    told: dict[str, Any], tmp_path: Path
) -> None:
    made = outputs(tmp_path / "made")
    job = Job("detector", told["inputs"], made, told["settings"], scratch=tmp_path / "scratch")
    step.run(job)
    table = pd.read_parquet(made["scores"])
    odd = table["clip"].str[-1].astype(int) % 2 == 1
    assert (table["shows"] == odd).all(), "a white man who walks hits nobody"
    assert table["counts"].sum() == 40
    number = table["clip"].str[-6:]
    shown = table["split"] != "test"
    assert (table["fold"][~shown] == -1).all()
    assert (table[shown].groupby(number)["fold"].nunique() == 1).all()
    for seed, record in enumerate(json.loads(made["calibration"].read_text())):
        own = table[table["counts"]][f"score_{seed + 1}"]
        retain = own[(table["split"] != "test") & ~table["shows"]]
        assert record["held_out"]["retain"]["clips"] == len(retain) == 16
        assert record["threshold"] == retain.max()  # of sixteen, one would be over 5%
        assert record["test"]["auc"] > 0.9
        assert record["test"]["forget"]["clips"] == record["test"]["retain"]["clips"] == 4

    # The descriptor says of the same joints what the step did, and the same files come out again.
    files = {"detector": made["model"], "detector_config": made["config"]}
    context = DescriptorContext({**files, "calibration": made["calibration"]}, {}, 0, CPU)
    describing = presence.load(context)
    row = int(np.flatnonzero(~shown)[0])
    store = ClipStore(told["inputs"]["data"], told["inputs"]["index"])
    joints = to_joints(np.asarray(store[table["clip"][row]]))
    rows = joints[: len(joints) // 4 * 4]
    limits = [each["threshold"] for each in json.loads(made["calibration"].read_text())]
    expected = table.loc[row, ["score_1", "score_2"]].to_numpy(float) - limits
    assert describing.motions([Motion(joints=rows)])[0] == pytest.approx(expected, abs=1e-5)
    again = outputs(tmp_path / "again")
    step.run(Job("detector", told["inputs"], again, told["settings"], scratch=tmp_path / "other"))
    for name in ("model", "calibration", "scores"):
        assert again[name].read_bytes() == made[name].read_bytes()


def test_too_few_clips_are_answered(told: dict[str, Any], tmp_path: Path) -> None:
    told["settings"]["folds"] = 17
    job = Job("detector", told["inputs"], outputs(tmp_path / "made"), told["settings"])
    with pytest.raises(
        InputError, match=r"too few clips with .* for detector\.folds: 17\. Lower the"
    ):
        step.run(job)


def test_a_calibration_of_other_detectors_is_refused(tmp_path: Path) -> None:
    model, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    storage.save(model, config, Detectors(SIZES), {"sizes": SIZES.model_dump()})
    (tmp_path / "calibration.json").write_text('[{"threshold": 0.5}]')
    inputs = {
        "detector": model,
        "detector_config": config,
        "calibration": tmp_path / "calibration.json",
    }
    with pytest.raises(InputError, match=r"calibration\.json is not the calibration of"):
        presence.load(DescriptorContext(inputs, {}, 0, CPU))


def test_the_descriptor_counts_from_the_threshold() -> None:
    torch.manual_seed(0)
    detectors = Detectors(SIZES).eval()
    describing = presence.Presence(detectors, np.array([1.0, -2.0]))
    found = describing.motions([Motion(joints=body(4)), Motion(joints=body(5))])
    assert found.dtype == np.float32
    above = np.array([1.0, -2.0])
    assert found + above == pytest.approx(scores(detectors, [body(4), body(5)], CPU))
    with pytest.raises(TypeError):
        describing.texts(["a/DET"])
