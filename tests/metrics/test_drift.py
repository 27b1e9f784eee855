"""Drift: shares and distances whose values are known, tenths, slope, and codebooks made by hand."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from hmu.backbones.codec import Codec
from hmu.descriptors.drift import SEES, Drift
from hmu.errors import InputError
from hmu.evaluation import describe
from hmu.evaluation.made import Before, Made
from hmu.interface.descriptors import Motion
from hmu.metrics import boundary, drift
from hmu.models import storage
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.tables import binding
from hmu.unlearning import codebooks

RANDOM = np.random.default_rng(0)


def measured(rows: Any) -> Any:
    return drift.compute({"edit": np.array(rows, dtype=np.float32)}, {})


def test_distance_and_share_of_a_motion_made_by_hand() -> None:
    """One joint of 22 is 0.3, 0, 0.4 m away in one frame of two: 0.5 / 44. One token of four."""
    before = RANDOM.normal(size=(2, 22, 3)).astype(np.float32)
    after = before.copy()
    after[1, 7] += [0.3, 0.0, 0.4]
    replaced = np.zeros((4, 3), dtype=bool)
    replaced[2, 1:] = True
    (row,) = Drift().motions([Motion(joints=after, unedited=before, replaced=replaced)])
    assert row == pytest.approx([0.25, 0.5 / 44], rel=1e-5)


def test_the_slope_is_that_of_least_squares() -> None:
    share, moved = RANDOM.random(40), RANDOM.random(40)
    assert drift.slope(share, moved) == pytest.approx(stats.linregress(share, moved).slope)
    exact = measured([[x, 0.25 + 2 * x] for x in (0.0, 0.125, 0.5, 1.0)])
    assert exact.values["drift_slope"] == pytest.approx(2)
    alike = measured([[0.1, 0.0], [0.1, 1.0]])
    assert math.isnan(alike.values["drift_slope"])
    assert "same share" in alike.undefined["drift_slope"]


def test_tenths_are_of_the_motions_by_their_share() -> None:
    rows = [[number / 20, number] for number in range(20)]
    order = RANDOM.permutation(20)
    found = measured([rows[place] for place in order])
    for tenth in range(10):
        assert found.values[f"drift@{tenth + 1}"] == 2 * tenth + 0.5
    assert found.motions["replaced"] == pytest.approx(order / 20, abs=1e-6)
    assert found.values["replaced"] == pytest.approx(19 / 40)
    assert found.values["drift"] == 9.5
    assert found.values.keys() == set(drift.NAMES)


def test_motions_with_equal_shares_stay_together() -> None:
    """18 of 20 untouched: they are in the middle of their places, the fifth tenth."""
    found = measured([[0.0, 0.0]] * 18 + [[0.5, 1.0], [0.75, 3.0]])
    there = {name: value for name, value in found.values.items() if "@" in name}
    assert {name for name, value in there.items() if math.isfinite(value)} == {
        "drift@5",
        "drift@10",
    }
    assert (there["drift@5"], there["drift@10"]) == (0.0, 2.0)
    assert found.undefined.keys() >= there.keys()
    assert drift.deciles(np.zeros(3)).tolist() == [6, 6, 6]
    assert drift.deciles(np.array([5.0])).tolist() == [6]


class Plain:
    """A tokenizer whose codes are the heights of the root in a frame: 1 frame a token."""

    def __init__(self, books: torch.Tensor) -> None:
        self.books = books

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        found = torch.zeros(*codes.shape[:2], FEATURES)
        layers = [book[codes[..., layer]] for layer, book in enumerate(self.books)]
        found[..., 3] = sum(layers)
        return found


def test_replaced_codes_are_those_whose_rows_differ_and_drift_is_what_they_do() -> None:
    """Layer 1 says the height, code 2 of it is lifted by 0.1 m: the root alone (joint 0) moves."""
    scale = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))
    old = torch.tensor([[0.0, 0.25, 0.5], [0.0, 0.0, 0.0]])
    new = old.clone()
    new[0, 2] += 0.1
    codec, before = (
        Codec(Plain(books), scale, torch.device("cpu"))  # type: ignore[arg-type]
        for books in (new, old)
    )
    codes = [np.array([[2, 2], [1, 2], [1, 0], [2, 1]], np.int16), np.zeros((3, 2), np.int16)]
    rows = (new != old).numpy()
    made = Made(codec, codes, np.array([4, 3]), before=Before(before, rows))
    assert made.replaced(0).tolist() == [[True, False], [False] * 2, [False] * 2, [True, False]]
    found = describe.generated(Drift(), SEES, made)
    assert found[0] == pytest.approx([0.5, 0.1 * 2 / (4 * 22)], rel=1e-5)
    assert found[1].tolist() == [0, 0]


def test_rows_are_found_in_a_checkpoint_and_without_any_it_is_refused(tmp_path: Path) -> None:
    book = torch.arange(12.0).reshape(4, 3)
    base = {f"quantizer.layers.{layer}.codebook": book.clone() for layer in range(2)}
    storage.save_state(tmp_path / "model.safetensors", {**base, "decoder.weight": torch.ones(2)})
    edited = book.clone()
    edited[[1, 3], 0] += 1
    delta = {"tokenizer/quantizer.layers.1.codebook": edited}
    found = codebooks.replaced(delta, tmp_path / "model.safetensors", "lcr", (2, 4))
    assert found.tolist() == [[False] * 4, [False, True, False, True]]
    for nothing in ({}, {"masked/x": book}, {"tokenizer/decoder.weight": torch.zeros(2)}):
        with pytest.raises(InputError, match="uce replaces no code of the codebook"):
            codebooks.replaced(nothing, tmp_path / "model.safetensors", "uce", (2, 4))


def test_only_rows_of_an_edited_codebook_have_such_cells() -> None:
    config: dict[str, Any] = {
        "datasets": {"demo": None},
        "backbones": {"momask": None},
        "concepts": {"kick": None},
        "sets": {"retain": {"prompts": "captions", "clips": "retain"}},
        "variants": {
            name: {"method": method}
            for name, method in (
                ("original", "original"), ("retrained", "retrain"), ("lcr", "lcr"),
                ("uce", "uce"), ("frozen", "frozen"),
            )
        },
    }  # fmt: skip
    for variant in (*config["variants"], "real"):
        for metric in ("drift", "drift@10", "boundary_peak"):
            address = {"variant": variant, "metric": metric}
            assert binding._defined(address, config) == (variant == "lcr")
    assert binding._defined({"variant": "uce", "metric": "fid"}, config)


def test_boundaries_are_averaged_over_the_motions_that_have_one() -> None:
    rows = np.array([[2, 8, 4, 1, 9, 5, 3], [0, -1, -1, -1, 7, 7, 1]], np.float32)
    found = boundary.compute({"edit": rows}, {})
    assert found.values == {
        "boundaries": 1.0,
        "boundary_peak": 8.0,
        "boundary_peak_before": 4.0,
        "boundary_area": 1.0,
        "clip_peak": 8.0,
        "clip_peak_before": 6.0,
        "clip_area": 2.0,
    }
    assert np.isnan(found.motions["boundary_peak"]).tolist() == [False, True]
