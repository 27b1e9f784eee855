"""Metrics: closed forms, properties, the reference's functions, and the step on stored files."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import linalg

from hmu import registry
from hmu.errors import InputError
from hmu.evaluation.rows import Meetings, Planned
from hmu.interface.metrics import Measured
from hmu.io import files, npz
from hmu.metrics import diversity, fid, mm_dist, mm_safe, multimodality, r_precision
from hmu.run.job import Job
from hmu.steps import metric as step

SETTINGS = {"pool": 4, "mm_safe": "paper", "diversity_pairs": 300}
REFERENCE = os.environ.get("HMU_REFERENCE")
needs_reference = pytest.mark.skipif(
    REFERENCE is None, reason="HMU_REFERENCE does not name a folder with the reference code"
)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def whitened(rows: np.ndarray) -> np.ndarray:
    """Shift and turn rows so that their mean is 0 and their covariance the identity, exactly."""
    centred = rows - rows.mean(axis=0)
    factor = np.linalg.cholesky(np.cov(centred, rowvar=False))
    return np.linalg.solve(factor, centred.T).T


# --- FID -----------------------------------------------------------------------------------------


def test_fid_of_commuting_gaussians() -> None:
    """With diagonal covariances, FID is |shift|² + sum (s1 - s2)²."""
    shift = np.array([1.0, -2.0, 0.5])
    first_std, second_std = np.array([1.0, 2.0, 0.1]), np.array([3.0, 0.5, 0.2])
    first = whitened(generator(1).normal(size=(50, 3))) * first_std
    second = whitened(generator(2).normal(size=(70, 3))) * second_std + shift
    expected = shift @ shift + np.sum((first_std - second_std) ** 2)
    assert fid.frechet(first, second) == pytest.approx(expected, rel=1e-12)


def test_fid_where_covariances_are_singular() -> None:
    """One direction a set, at right angles: nothing overlaps, the variances add."""
    first, second = np.zeros((6, 4)), np.zeros((6, 4))
    first[:, 0] = [-1, 1, -1, 1, -1, 1]
    second[:, 1] = [-2, 2, -2, 2, -2, 2]
    assert fid.frechet(first, second) == pytest.approx(6 / 5 + 24 / 5, rel=1e-12)
    assert fid.frechet(first, np.zeros((6, 4))) == pytest.approx(6 / 5, rel=1e-12)


@pytest.mark.parametrize(("rows", "width"), [(200, 12), (13, 12), (8, 12)])
def test_fid_agrees_with_the_root_of_the_product(rows: int, width: int) -> None:
    """The textbook formula by eigenvalues of the product of covariances."""
    mix = generator(3).normal(size=(width, width))
    first = generator(4).normal(size=(rows, width)) @ mix
    second = generator(5).normal(size=(rows, width)) + 0.3
    one, two = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    roots = np.sqrt(np.maximum(np.linalg.eigvals(one @ two).real, 0))
    shift = first.mean(axis=0) - second.mean(axis=0)
    expected = shift @ shift + np.trace(one) + np.trace(two) - 2 * roots.sum()
    assert fid.frechet(first, second) == pytest.approx(expected, rel=1e-6)
    if rows > 2 * width:
        exact = shift @ shift + np.trace(one) + np.trace(two)
        exact -= 2 * np.trace(linalg.sqrtm(one @ two)).real
        assert fid.frechet(first, second) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-7, 0.0])
def test_fid_keeps_its_digits_when_a_direction_fades(spread: float) -> None:
    """Independent directions, one of them ever narrower: FID stays the sum over directions."""
    wide = whitened(generator(6).normal(size=(60, 3)))
    first, second = wide * [1.0, 2.0, spread], wide * [0.5, 1.0, 3 * spread]
    expected = 0.25 + 1.0 + (2 * spread) ** 2
    assert fid.frechet(first, second) == pytest.approx(expected, rel=1e-12)
    # Also where the other set is wide there, no axis is such a direction, and whatever the unit.
    second, expected = wide * [0.5, 1.0, 1.0], 0.25 + 1.0 + (1 - spread) ** 2
    for unit in (1.0, 1e4):
        turn = unit * np.linalg.qr(generator(7).normal(size=(3, 3)))[0]
        found = fid.frechet(first @ turn, second @ turn) / unit**2
        assert found == pytest.approx(expected, rel=1e-12)


blocks = hnp.arrays(np.float32, (9, 3), elements=st.floats(-8, 8, width=32))


@settings(deadline=None, max_examples=60)
@given(blocks, blocks, st.integers(0, 99))
def test_fid_properties(first: np.ndarray, second: np.ndarray, seed: int) -> None:
    """At least 0, 0 on itself, symmetric, the same after a rotation, and blind to the order."""
    value = fid.frechet(first, second)
    scale = 1e-9 * float(1 + np.abs(first).max() + np.abs(second).max()) ** 2
    turn = np.linalg.qr(generator(seed).normal(size=(3, 3)))[0]
    assert value >= 0
    assert fid.frechet(first, first) <= scale
    assert fid.frechet(second, first) == pytest.approx(value, abs=scale)
    assert fid.frechet(first @ turn, second @ turn) == pytest.approx(value, abs=scale, rel=1e-6)
    assert fid.frechet(first[::-1], second) == pytest.approx(value, abs=scale)


# --- R-precision ---------------------------------------------------------------------------------


def test_r_precision_on_a_hand_made_pool() -> None:
    """Captions at 0, 10, 20, 30 on a line; the nearest motions are counted by hand."""
    text = np.array([[0.0], [10.0], [20.0], [30.0]])
    motion = np.array([[1.0], [19.0], [11.0], [12.0]])
    # Distances of the captions to the motions, and the place of the own one:
    #  0: 1 19 11 12 -> own first        10: 9 9 1 2 -> own (9) ties with an earlier 9: fourth
    # 20: 19 1 9 8 -> own third          30: 29 11 19 18 -> own second
    assert r_precision.ranks(text, motion, 4).tolist() == [0, 3, 2, 1]
    found = r_precision.compute({"text": text, "generated": motion}, SETTINGS)
    assert found.values == {"r@1": 0.25, "r@2": 0.5, "r@3": 0.75}
    assert found.motions["r@2"].tolist() == [True, False, False, True]


def test_r_precision_stays_in_its_pool() -> None:
    """A perfect match in another pool is not a rival."""
    text = np.array([[0.0], [5.0], [1.0], [9.0]])
    motion = np.array([[1.0], [6.0], [0.0], [5.0]])
    assert r_precision.ranks(text, motion, 2).tolist() == [0, 0, 0, 0]


def test_ranks_are_the_same_wherever_all_embeddings_lie() -> None:
    """Also so far off that the squares of float32 are no longer whole numbers."""
    text, motion = generator(18).integers(-9, 9, size=(2, 64, 8)).astype(np.float32)
    near, far = (r_precision.ranks(text + away, motion + away, 32) for away in (0, 2**14))
    assert near.tolist() == far.tolist()
    assert len(set(near.tolist())) > 10


def test_what_fills_no_pool_is_a_pool_of_its_own() -> None:
    draw = generator(17)
    text, motion = draw.normal(size=(2, 11, 3))
    found = r_precision.ranks(text, motion, 4).tolist()
    apart = np.linalg.norm(text[:, None] - motion[None], axis=2)
    pools = [range(4), range(4, 8), range(8, 11)]
    assert found == [sum(apart[i, j] < apart[i, i] for j in p) for p in pools for i in p]
    assert max(found[8:]) <= 2


def test_motions_that_are_all_the_same_score_as_chance() -> None:
    text = generator(7).normal(size=(96, 16)).astype(np.float32)
    motion = np.tile(generator(8).normal(size=16).astype(np.float32), (96, 1))
    inputs = {"text": text, "generated": motion}
    values = r_precision.compute(inputs, {"pool": 32}).values
    assert values == {"r@1": 1 / 32, "r@2": 2 / 32, "r@3": 3 / 32}


# --- Distances -----------------------------------------------------------------------------------


def test_mm_dist_is_a_mean_of_distances() -> None:
    inputs = {"text": np.zeros((2, 2)), "generated": np.array([[3.0, 4.0], [0.0, 1.0]])}
    found = mm_dist.compute(inputs, SETTINGS)
    assert found.values == {"mm_dist": 3.0}
    assert found.motions["mm_dist"].tolist() == [5.0, 1.0]


def test_mm_safe_in_both_arithmetics() -> None:
    """Eight samples at distance 1 to 8; one masked caption, in the second pool of four."""
    inputs = {
        "masked": np.zeros((8, 1)),
        "generated": np.arange(1.0, 9.0)[:, None],
        "hidden": np.array([0, 0, 0, 0, 0, 1, 0, 0], dtype=bool),
    }
    found = mm_safe.compute(inputs, SETTINGS)
    assert found.values == {"mm_safe": 4.5}
    assert found.motions["mm_safe"].tolist() == list(range(1, 9))
    reference = {**SETTINGS, "mm_safe": "reference"}
    found = mm_safe.compute(inputs, reference)
    assert found.values == {"mm_safe": (5 + 6 + 7 + 8) / 8}
    assert found.motions["mm_safe"].tolist() == list(range(1, 9))


def test_diversity_of_two_far_groups() -> None:
    """Of points at 0 and 1, about half of all pairs are apart; of equal points, none."""
    points = np.repeat([0.0, 1.0], 500)[:, None]
    inputs = {"generated": points}
    value = diversity.compute(inputs, SETTINGS, generator(1)).values["diversity"]
    assert value == pytest.approx(0.5, abs=0.1)
    same = diversity.compute({"generated": points * 0}, SETTINGS, generator())
    assert same.values["diversity"] == 0


def test_diversity_uses_every_sample_when_there_are_few() -> None:
    seen = []

    class Recorder(np.random.Generator):
        def choice(self, a: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(np.random.Generator.choice(self, a, *args, **kwargs))
            return seen[-1]

    diversity.compute({"generated": np.ones((7, 2))}, SETTINGS, Recorder(np.random.Philox(0)))
    assert [sorted(each) for each in seen] == [list(range(7))] * 2


def test_multimodality_compares_motions_of_one_caption_only() -> None:
    """Captions far apart but with equal motions have none; motions on a line their mean gap."""
    apart = np.tile(np.arange(5.0)[:, None, None, None] * 100, (1, 3, 2, 1))
    assert multimodality.compute({"motions": apart}, {}).values == {"multimodality": 0.0}
    apart[:, :, 1] += np.array([1.0, 2.0, 6.0])[:, None]
    assert multimodality.compute({"motions": apart}, {}).values == {"multimodality": 3.0}


# --- Plugins -------------------------------------------------------------------------------------


def test_every_metric_declares_what_the_workflow_reads() -> None:
    names = []
    for plugin in registry.names("metrics"):
        literals = registry.literals("metrics", plugin)
        names += literals["NAMES"]
        for address in literals["READS"].values():
            subject, _, described = address.partition("/")
            assert subject in ("generated", "real", "all_real", "pairs", "text", "masked")
            assert described in registry.names("descriptors")
        assert set(literals["SETTINGS"]) <= SETTINGS.keys()
        assert isinstance(literals["REAL"], bool)
    assert len(names) == len(set(names)) > 8


# --- The reference -------------------------------------------------------------------------------


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The reference's metrics.py, which imports torch for a function that is not used here."""
    path = Path(str(REFERENCE)) / "EricGuo5513+momask-codes" / "utils" / "metrics.py"
    if "torch" not in sys.modules:
        monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    spec = importlib.util.spec_from_file_location("reference_metrics", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_reference
def test_agreement_with_the_reference(
    reference: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = generator(9)
    text = draw.normal(size=(640, 64))
    real = text + draw.normal(size=(640, 64))
    motion = 0.8 * text + 1.5 * draw.normal(size=(640, 64))
    inputs = {"real": real, "generated": motion, "text": text}

    ours = fid.compute(inputs, {}).values["fid"]
    moments = (reference.calculate_activation_statistics(rows) for rows in (real, motion))
    (real_mean, real_cov), (mean, cov) = moments
    # Newer versions of SciPy lack the argument that the reference hands to sqrtm.
    root = linalg.sqrtm
    monkeypatch.setattr(reference.linalg, "sqrtm", lambda matrix, disp=True: (root(matrix), 0.0))
    theirs = reference.calculate_frechet_distance(real_mean, real_cov, mean, cov)
    assert ours == pytest.approx(theirs, rel=1e-6)

    hits = sum(
        reference.calculate_R_precision(text[i : i + 32], motion[i : i + 32], 3, sum_all=True)
        for i in range(0, 640, 32)
    )
    precision = r_precision.compute(inputs, {"pool": 32}).values
    assert list(precision.values()) == (hits / 640).tolist()
    assert 1 / 32 < precision["r@1"] < 1

    score = reference.calculate_matching_score(text, motion, sum_all=True) / 640
    assert mm_dist.compute(inputs, {}).values["mm_dist"] == pytest.approx(score, rel=1e-12)

    monkeypatch.setattr("numpy.random.choice", generator(11).choice)
    spread = reference.calculate_diversity(motion, 300)
    ours = diversity.compute(inputs, SETTINGS, generator(11)).values["diversity"]
    assert ours == pytest.approx(spread, rel=1e-12)

    several = draw.normal(size=(96, 30, 64))
    monkeypatch.setattr("numpy.random.choice", generator(12).choice)
    within = reference.calculate_multimodality(several, 10)
    same = generator(12)
    sides = [several[:, same.choice(30, 10, replace=False)] for _ in range(2)]
    values = multimodality.compute({"motions": np.stack(sides, axis=2)}, {}).values
    assert values["multimodality"] == pytest.approx(within, rel=1e-12)


@needs_reference
def test_mm_safe_reference_arithmetic_is_that_of_the_reference_loop() -> None:
    """The loop of eval_fn_t2m.py, in its own words: add a batch when any caption changed."""
    source = Path(str(REFERENCE)) / "Mamiglia+hmu" / "src" / "eval" / "eval_fn_t2m.py"
    code = source.read_text(encoding="utf-8")
    assert "if any(t_clean != t for t_clean, t in zip(token_clean, token))" in code
    assert "matching_score_clean_pred = matching_score_clean_pred / nb_sample" in code
    draw = generator(13)
    masked, motion = draw.normal(size=(2, 128, 8))
    masked, motion = masked[:119], motion[:119]  # the last batch is not whole, and counts
    flags = (np.repeat([False, True, False, True], 32) & (draw.random(128) < 0.3))[:119]
    total = 0.0
    for start in range(0, 119, 32):
        batch = slice(start, start + 32)
        if any(flags[batch]):
            total += np.linalg.norm(masked[batch] - motion[batch], axis=-1).sum()
    inputs = {"masked": masked, "generated": motion, "hidden": flags}
    ours = mm_safe.compute(inputs, {"pool": 32, "mm_safe": "reference"})
    assert ours.values["mm_safe"] == pytest.approx(total / 119, rel=1e-12)


# --- The step ------------------------------------------------------------------------------------


class Stored:
    """Descriptions of a small plan in files, whose values say of which prompt and draw they are."""

    repeats, pool, pools, prompts = 3, 4, 2, 10
    pairs = ((1, 2), (3, 3), (2, 1))

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        random = generator(21)
        self.plan: list[tuple[int, int, int, int]] = []
        requests = [(repeat, row) for repeat in range(self.repeats) for row in range(self.prompts)]
        compared, made = [], []
        for repeat in range(self.repeats):
            order = random.permutation(self.prompts)[: self.pool * self.pools]
            for position, row in enumerate(order.tolist()):
                self.plan.append((repeat, position, requests.index((repeat, row)), row))
                if position < self.pool:
                    for draws in self.pairs:
                        compared.append((len(made), len(made) + 1))
                        made += [(row, repeat, draw) for draw in draws]
        *_, request, row = np.array(self.plan, dtype=np.int32).T.reshape(4, self.repeats, -1)
        Planned(request, row, len(requests), self.prompts).write(folder / "rows.npz")
        shape = (self.repeats, self.pool, len(self.pairs), 2)
        Meetings(np.array(compared).reshape(shape), len(made)).write(folder / "pairs.npz")
        numbers = np.arange(self.prompts, dtype=np.float32)
        for name, rows in {
            "generated": [(row, repeat, 0) for repeat, row in requests],
            "own": [(row, repeat, 0) for repeat, _, _, row in self.plan],
            "real": [(row, repeat, 9) for repeat, row in requests],
            "pairs": made,
            "text": np.stack([numbers, 0 * numbers, 0 * numbers], axis=1),
            "masked": np.stack([numbers, 0 * numbers, 0 * numbers], axis=1) + 1,
            "hidden": (numbers == 3)[:, None],
        }.items():
            np.save(folder / f"{name}.npy", np.array(rows, dtype=np.float32))

    def job(self, metric: str, generated: str = "generated") -> Job:
        reads = registry.literals("metrics", metric)["READS"]
        named = {"generated": generated}
        inputs = {field: self.folder / f"{named.get(field, field)}.npy" for field in reads}
        inputs["rows"] = self.folder / "rows.npz"
        if metric == "multimodality":
            # Its field and the pairs have names of their own in a job.
            inputs["pairs"] = self.folder / "pairs.npz"
            inputs["motions"] = self.folder / "pairs.npy"
        outputs = {
            "values": self.folder / f"{metric}-values.json",
            "motions": self.folder / f"{metric}-motions.npz",
        }
        settings = {"metric": metric, **SETTINGS, "pool": self.pool, "planned": generated == "own"}
        return Job("metric", inputs, outputs, settings, seed=5)

    def measure(self, metric: str, generated: str = "generated") -> list[dict[str, Any]]:
        job = self.job(metric, generated)
        step.run(job)
        rows: list[dict[str, Any]] = files.read_json(job.outputs["values"])
        return rows


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    return Stored(tmp_path)


@pytest.mark.parametrize("generated", ["generated", "own"])
def test_step_aligns_generated_motions_with_their_captions(stored: Stored, generated: str) -> None:
    """The text's first value is the prompt's number, so only the repeat is left as distance: of the
    original's motions, which are those of all prompts, and of a model's own."""
    rows = stored.measure("mm_dist", generated)
    assert [(row["repeat"], row["name"], row["n"]) for row in rows] == [
        (repeat, "mm_dist", 8) for repeat in range(3)
    ]
    assert [row["value"] for row in rows] == [0.0, 1.0, 2.0]


def test_a_value_that_is_not_finite_is_written_as_none(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other values of the same metric can then still be used; the cell says what is wrong."""
    monkeypatch.setattr(fid, "compute", lambda *_: Measured({"fid": np.float64("nan")}))
    assert [row["value"] for row in stored.measure("fid")] == [None] * 3


def test_step_keeps_what_a_value_was_measured_against(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "against" not in stored.measure("fid")[0]
    measured = Measured({"fid": 2.0}, against={"fid": 0.5})
    monkeypatch.setattr(fid, "compute", lambda *_: measured)
    assert [row["against"] for row in stored.measure("fid")] == [0.5] * 3


def test_step_keeps_the_value_of_each_motion(stored: Stored) -> None:
    stored.measure("mm_dist")
    (kept,) = npz.read(stored.folder / "mm_dist-motions.npz", "mm_dist")
    assert kept.flatten().tolist() == [repeat for repeat, *_ in stored.plan]
    stored.measure("fid")
    with pytest.raises(InputError, match=r"fid-motions\.npz has no array 'fid': make it again"):
        npz.read(stored.folder / "fid-motions.npz", "fid")


def test_step_measures_real_motions_in_the_place_of_generated_ones(stored: Stored) -> None:
    values = [row["value"] for row in stored.measure("mm_dist", "real")]
    assert values == pytest.approx([np.hypot(repeat, 9) for repeat in range(3)])


def test_step_hands_the_planned_pairs_to_multimodality(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def spy(inputs: Any, settings: Any) -> Measured:
        seen.append(inputs["motions"])
        return Measured({"multimodality": 0.0})

    monkeypatch.setattr(multimodality, "compute", spy)
    rows = stored.measure("multimodality")
    assert [row["n"] for row in rows] == [stored.pool] * 3
    for repeat, block in enumerate(seen):
        first = [row for number, _, _, row in stored.plan if number == repeat][: stored.pool]
        for row, pairs in zip(first, block, strict=True):
            expected = [[[row, repeat, draw] for draw in both] for both in stored.pairs]
            assert pairs.tolist() == expected


def test_step_gives_the_same_numbers_each_time(stored: Stored) -> None:
    for metric in registry.names("metrics"):
        reads = registry.literals("metrics", metric)["READS"].values()
        if {each.partition("/")[2] for each in reads} <= {"embedding", "hidden_words"}:
            assert stored.measure(metric) == stored.measure(metric)


def test_step_refuses_what_does_not_fit(stored: Stored) -> None:
    for name, metric, expected in (
        ("generated", "mm_dist", 30),
        ("real", "fid", 30),
        ("text", "r_precision", 10),
        ("pairs", "multimodality", 72),
    ):
        path = stored.folder / f"{name}.npy"
        whole = np.load(path)
        np.save(path, whole[:-1])
        message = rf"{name}\.npy has shape \({expected - 1}, 3\), its table has {expected} rows"
        with pytest.raises(InputError, match=message):
            stored.measure(metric)
        np.save(path, whole)
    np.save(stored.folder / "own.npy", np.load(stored.folder / "generated.npy"))
    with pytest.raises(InputError, match=r"own\.npy has shape \(30, 3\), its table has 24"):
        stored.measure("mm_dist", "own")


def test_step_refuses_values_that_are_not_finite(stored: Stored) -> None:
    for name, metric in (("generated", "fid"), ("pairs", "multimodality")):
        bad = np.load(stored.folder / f"{name}.npy")
        bad[:, 0] = np.nan
        np.save(stored.folder / f"{name}.npy", bad)
        with pytest.raises(InputError, match=rf"{name}\.npy holds values that are not finite"):
            stored.measure(metric)


def test_step_refuses_a_pickled_array(stored: Stored) -> None:
    np.save(stored.folder / "text.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"text\.npy is not a NumPy file"):
        stored.measure("mm_dist")
