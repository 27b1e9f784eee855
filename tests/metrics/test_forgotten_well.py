"""Forgotten well: what is gone and moves as real bodies do, on rows made by hand."""

from pathlib import Path

import numpy as np
import pytest

from hmu import rng
from hmu.descriptors.movement import Movement
from hmu.evaluation.rows import Planned
from hmu.interface.descriptors import Motion
from hmu.io import files, npz
from hmu.metrics import forgotten_well
from hmu.motion.plausibility import row
from hmu.motion.plausibility.jerk import STEPS
from hmu.run.job import Job
from hmu.steps import metric as step
from hmu.tables.controls import match
from support.gaits import walk

DRAW = rng.generator(0, "test")


def rows(**measures: np.ndarray) -> np.ndarray:
    """Rows of ``movement`` of as many motions as each measure has values."""
    count = len(next(iter(measures.values())))
    named = {name: np.zeros(count) for name in row.NAMED} | measures
    return np.stack(
        [row.pack({k: each[n] for k, each in named.items()}, np.zeros(STEPS)) for n in range(count)]
    )


REAL = rows(
    dynamic=np.linspace(0, 1, 101), peak_jerk=np.linspace(0, 1000, 101), skating=np.zeros(101)
)


def share(above: float, dynamic: float, peak_jerk: float, skating: float) -> float:
    """Of one motion."""
    each = {"dynamic": dynamic, "peak_jerk": peak_jerk, "skating": skating}
    inputs = {
        "above": np.array([[above, 1.0]]),
        "generated": rows(**{name: np.array([value]) for name, value in each.items()}),
        "real": REAL,
    }
    return forgotten_well.compute(inputs, {}).values["forgotten_well"]


@pytest.mark.parametrize(
    ("motion", "expected"),
    [
        ((-1, 0.5, 500, 0), 1),
        ((0, 0.06, 940, 0), 1),  # inside, and not above the threshold
        ((0.1, 0.5, 500, 0), 0),  # the concept is there
        ((-1, 0.0, 500, 0), 0),  # frozen
        ((-1, 0.5, 990, 0), 0),  # trembles
        ((-1, 0.5, 500, 0.2), 0),  # slides
        ((-1, 0.97, 500, 0), 0),  # runs about more than any
        ((-1, np.nan, 500, 0), 0),  # a single frame
    ],
)
def test_all_of_it_must_be_so(motion: tuple[float, ...], expected: float) -> None:
    assert share(*motion) == expected


def test_of_real_motions_without_the_concept_most_are_within_their_own_range() -> None:
    inputs = {"above": -np.ones((101, 2)), "generated": REAL, "real": REAL}
    found = forgotten_well.compute(inputs, {})
    assert found.values["forgotten_well"] == 91 / 101
    assert found.motions["forgotten_well"].sum() == 91


def test_motions_that_are_broken_have_forgotten_nothing_well() -> None:
    """In none of them is the concept found. Most that walk on have forgotten it well; those that
    stand still, jump from one place to another or tremble have not."""
    whole = [walk(80, seed).astype(np.float32) for seed in range(40)]
    blocks = [np.split(each, 20) for each in whole]
    trembling = DRAW.normal(0, 0.05, whole[0].shape).astype(np.float32)
    kinds = {
        "real": whole,
        "frozen": [np.repeat(each[:1], 80, axis=0) for each in whole],
        "shuffled": [np.concatenate([each[n] for n in DRAW.permutation(20)]) for each in blocks],
        "trembling": [each + trembling for each in whole],
    }
    seen = {
        kind: Movement().motions([Motion(joints=each) for each in of]) for kind, of in kinds.items()
    }
    above = -np.ones((40, 2))
    shares = {
        kind: forgotten_well.compute(
            {"above": above, "generated": each, "real": seen["real"]}, {}
        ).values["forgotten_well"]
        for kind, each in seen.items()
    }
    assert shares["real"] > 0.7
    assert shares | {"real": 0} == dict.fromkeys(shares, 0)
    controls = [(kind, share) for kind, share in shares.items() if kind != "real"]
    for best in (0.0, shares["real"]):  # also where no method has forgotten anything well
        found = match(controls, [("the best method", best)], "↑", None)
        assert found is not None
        assert not found.won


def test_real_bodies_are_not_those_of_the_set_alone(tmp_path: Path) -> None:
    """Of six prompts two are of the set, and their real motions are fast. Who moves as slowly as
    the others do has forgotten well; n is of the set."""
    request = np.array([[4, 5], [5, 4]], dtype=np.int32)
    Planned(request, request, 6, 6).write(tmp_path / "rows.npz")
    speeds = np.array([0.2, 0.3, 0.4, 0.5, 5.0, 6.0])
    quiet = {"peak_jerk": np.zeros(6), "skating": np.zeros(6)}
    np.save(tmp_path / "real.npy", rows(dynamic=speeds, **quiet))
    np.save(tmp_path / "made.npy", rows(dynamic=np.array([9, 9, 9, 9, 0.4, 9.0]), **quiet))
    np.save(tmp_path / "above.npy", np.full((6, 2), -1, dtype=np.float32))
    named = {"rows": "rows.npz", "above": "above.npy", "generated": "made.npy", "real": "real.npy"}
    outputs = {"values": tmp_path / "values.json", "motions": tmp_path / "motions.npz"}
    settings = {"metric": "forgotten_well", "planned": False}
    inputs = {name: tmp_path / file for name, file in named.items()}
    step.run(Job("metric", inputs, outputs, settings))
    found = files.read_json(outputs["values"])
    assert [(each["value"], each["n"]) for each in found] == [(0.5, 2), (0.5, 2)]
    (motions,) = npz.read(outputs["motions"], "forgotten_well")
    assert motions.tolist() == [[1, 0], [0, 1]]
