"""Controls: motions broken in a known way, each by itself, and through the workflow."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hmu import config, registry
from hmu.backbones.codec import Codec
from hmu.errors import InputError
from hmu.evaluation import describe
from hmu.evaluation.made import Made
from hmu.interface.descriptors import Motion
from hmu.methods import frozen, noise_weights, random_codes, shuffled
from hmu.models.tokenizer import Tokenizer
from hmu.motion.features import to_features
from hmu.motion.normalise import FEATURES, Normaliser
from hmu.motion.recover import to_joints
from hmu.sections.tokenizer import TokenizerSizes
from hmu.unlearning import altering
from hmu.unlearning.altering import Alteration
from support.gaits import walk
from support.project import Project, take_tables

CPU = torch.device("cpu")
CODES = 16
CONTROLS = {"frozen", "noise_weights", "random_codes", "shuffled"}


def noise(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def made_codes(tokens: int = 12) -> np.ndarray:
    return noise(5).integers(CODES, size=(tokens, 3)).astype(np.int16)


def test_controls_say_that_they_are_controls() -> None:
    said = {name for name in registry.names("methods") if _literals(name).get("CONTROL")}
    assert said == CONTROLS
    altering = {name for name in registry.names("methods") if "ALTERS" in _literals(name)}
    assert altering == CONTROLS - {"noise_weights"}


def _literals(name: str) -> dict[str, Any]:
    return registry.literals("methods", name)


def test_a_frozen_body_keeps_every_joint_where_it_was_at_first() -> None:
    features = to_features(walk(80, 1, turning=0.5))
    held = frozen.alter(features, CODES, noise())
    joints = to_joints(held)
    before = to_joints(features)
    assert np.abs(before - before[:1]).max() > 0.5, "the walk goes somewhere"
    np.testing.assert_allclose(joints, np.broadcast_to(before[:1], joints.shape), atol=1e-6)


def test_a_frozen_body_is_as_features_describe_one_at_rest() -> None:
    still = np.repeat(walk(2, 1)[:1], 30, axis=0)
    features = to_features(still)[1:]  # the first turn brings the heading to where it is smoothed
    np.testing.assert_array_equal(frozen.alter(features, CODES, noise()), features)


def test_a_shuffled_motion_has_the_same_tokens_elsewhere() -> None:
    made = made_codes()
    found = shuffled.alter(made, CODES, noise())
    assert (found != made).any()
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, made.tolist()))


def test_random_codes_are_of_the_whole_codebook_and_of_nothing_else() -> None:
    made = np.zeros((4000, 3), np.int16)
    found = random_codes.alter(made, CODES, noise())
    counts = np.bincount(found.ravel(), minlength=CODES)
    assert len(counts) == CODES
    # Each of 12,000 draws falls on a code with chance 1/16: 750 ± 26.5.
    assert np.abs(counts - 750).max() < 5 * 26.5
    assert found.shape == made.shape


@dataclass(frozen=True)
class Given:
    """What noise_weights reads of its context."""

    transformers: tuple[str, ...]
    seed: int = 1

    @property
    def address(self) -> dict[str, str]:
        return {"backbone": "b", "concept": "c", "dataset": "d", "variant": "v"}

    def state(self, part: str) -> dict[str, torch.Tensor]:
        source = torch.Generator().manual_seed(3)
        return {
            "weight": 2 + 0.5 * torch.randn(200, 300, generator=source),
            "norm": torch.ones(16),
            "steps": torch.arange(4),
        }


def test_noise_has_the_scale_of_the_weights_and_nothing_else_of_them() -> None:
    context: Any = Given(("masked", "residual"))
    edit = noise_weights.unlearn(context)
    assert edit.tensors.keys() == {"masked", "residual"}
    before, drawn = context.state("masked"), edit.tensors["masked"]
    assert drawn.keys() == {"weight", "norm"}, "numbers of things are no weights"
    assert torch.equal(drawn["norm"], before["norm"])
    values, weights = drawn["weight"], before["weight"]
    assert abs(float(values.mean() - weights.mean())) < 5 * 0.5 / 60_000**0.5
    assert float(values.std() / weights.std()) == pytest.approx(1, abs=0.02)
    together = torch.stack([values.flatten(), weights.flatten()])
    assert abs(float(torch.corrcoef(together)[0, 1])) < 5 / 60_000**0.5
    assert not torch.equal(values, edit.tensors["residual"]["weight"])
    assert torch.equal(values, noise_weights.unlearn(context).tensors["masked"]["weight"])


def altered_by(method: str, seed: int = 0) -> Alteration:
    return Alteration(method, registry.load("methods", method), CODES, seed)


@pytest.mark.parametrize("method", ["shuffled", "random_codes"])
def test_the_noise_of_a_control_belongs_to_the_motion(method: str) -> None:
    made, key = made_codes(), ("0%000021", 1, 0)
    found = altered_by(method).codes(made, key)
    np.testing.assert_array_equal(found, altered_by(method).codes(made, key))
    others = [("0%000022", 1, 0), ("0%000021", 2, 0), ("0%000021", 1, 1)]
    for other in others:
        assert (altered_by(method).codes(made, other) != found).any()
    assert (altered_by(method, seed=1).codes(made, key) != found).any()
    np.testing.assert_array_equal(altered_by("frozen").codes(made, key), made)
    np.testing.assert_array_equal(Alteration.none().codes(made, key), made)


@dataclass(frozen=True)
class Whole:
    """Describes a motion by all that is seen of it."""

    def motions(self, batch: Sequence[Motion]) -> np.ndarray:
        rows = []
        for each in batch:
            assert each.joints is not None
            assert each.codes is not None
            row = np.zeros(400, np.float32)
            row[: len(each.codes)] = each.codes[:, 0]
            row[100 : 100 + len(each.joints)] = each.joints[:, 5, 1]
            rows.append(row)
        return np.stack(rows)

    def texts(self, tokens: Sequence[str]) -> np.ndarray:
        raise TypeError


@pytest.mark.parametrize("method", ["shuffled", "random_codes", "frozen"])
def test_no_altered_motion_depends_on_the_others(method: str) -> None:
    torch.manual_seed(0)
    sizes = TokenizerSizes(codes=CODES, code_dim=4, width=8, depth=1, quantizers=3)
    tokenizer = Tokenizer(sizes).eval()
    for name, tensor in tokenizer.state_dict().items():
        if name.endswith("codebook"):
            tensor.normal_()
    scale = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))
    codec = Codec(tokenizer, scale, CPU)
    keys = [(f"{number}%clip", repeat, 0) for repeat in range(2) for number in range(5)]
    raw = [made_codes(10 + number % 3) for number in range(len(keys))]

    def described(rows: list[int], how: Alteration) -> np.ndarray:
        own = [keys[row] for row in rows]
        codes = [how.codes(raw[row], key) for row, key in zip(rows, own, strict=True)]
        frames = np.array([4 * len(each) for each in codes])
        return describe.generated(
            Whole(), ("joints", "codes"), Made(codec, codes, frames, own, how)
        )

    rows = list(range(len(keys)))
    together = described(rows, altered_by(method))
    np.testing.assert_array_equal(described(rows[::-1], altered_by(method))[::-1], together)
    np.testing.assert_array_equal(described([7], altered_by(method))[0], together[7])
    plain = described(rows, Alteration.none())
    assert (together != plain).any(axis=1).all()
    if method == "frozen":
        heights = together[:, 100:140]
        np.testing.assert_array_equal(heights, np.repeat(heights[:, :1], 40, axis=1))
        np.testing.assert_array_equal(together[:, :100], plain[:, :100])


def test_what_puts_codes_out_of_shape_is_a_fault_of_the_control() -> None:
    class Longer:
        ALTERS = "codes"

        @staticmethod
        def alter(motion: np.ndarray, vocabulary: int, noise: np.random.Generator) -> np.ndarray:
            return np.concatenate([motion, motion])

    how = Alteration("longer", Longer, CODES, 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="longer: alter must keep the shape"):
        how.codes(made_codes(), ("a", 0, 0))


def test_a_control_is_not_given_out_as_a_model(tmp_path: Path) -> None:
    origin = tmp_path / "origin.json"
    origin.write_text(json.dumps({"method": "frozen", "alters": "features"}), encoding="utf-8")
    with pytest.raises(InputError, match="the control 'frozen' is no model but alters motions"):
        altering.refuse({"delta_origin": origin}, "the official code would not")
    origin.write_text(json.dumps({"method": "lcr"}), encoding="utf-8")
    altering.refuse({"delta_origin": origin}, "the official code would not")
    altering.refuse({}, "the official code would not")


LAYOUT = """
title: "Controls"
reference: retrained
anchors: [original]
columns:
  - {set: forget, metric: fid, header: FID, arrow: "↑"}
  - {set: forget, metric: replaced, header: Replaced, arrow: "↑"}
  - {set: forget, metric: boundary_area, header: Boundary area, arrow: "→"}
rows:
  - {variant: original, label: Original}
  - {variant: lcr, label: w/ LCR}
  - {variant: frozen, label: Frozen}
  - {variant: shuffled, label: Shuffled}
"""


def test_what_is_altered_or_edited_is_described_and_controls_win_nothing(project: Project) -> None:
    (project.root / "workflow/tables/own.yaml").write_text(LAYOUT, encoding="utf-8")

    def add(config: dict[str, Any]) -> None:
        config["variants"] |= {name: {"method": name} for name in ("frozen", "shuffled")}
        own = {"layout": "own", "dataset": "demo", "concept": "violence", "pictures": False}
        take_tables(config, {"own": own})

    project.configure(add)
    strips = "results/figures/prompts/demo/momask/violence/frozen/concepts/violence/forget.png"
    export = "results/exports/demo/momask/violence/frozen"
    made = project.made("results/tables", strips)
    plan = "plans/concepts/violence/forget/plan"
    for name in ("frozen", "shuffled"):
        assert f"unlearn demo/momask/violence/{name}" in made
        assert f"describe demo/momask/variants/violence/{name}/{plan}/embedding" in made
    assert not [job for job in made if job.startswith("generate")]
    for descriptor in ("drift", "boundary"):  # of the row whose method edits the codebook, alone
        (job,) = [each for each in made if each.endswith(f"/{descriptor}") and "describe" in each]
        assert job == f"describe demo/momask/variants/violence/lcr/{plan}/{descriptor}"
    replaced = project.json("results/cells/own/lcr/forget-replaced.json")["value"]
    assert 0 < replaced <= 1
    page = (project.root / "results/tables/pages/own.md").read_text(encoding="utf-8")
    assert "**" not in page.partition("\n- ")[0], "no value is marked as best"
    assert "Controls, which must not win: “Frozen”, “Shuffled”." in page
    read = "results/descriptions/demo/backbones/momask/variants/violence/{}/" + plan
    frozen, shuffled = (
        np.load(project.root / read.format(name) / "embedding.npy")
        for name in ("frozen", "shuffled")
    )
    assert np.isfinite(frozen).all()
    assert (frozen != shuffled).any()
    origin = project.json("results/checkpoints/demo/momask/violence/frozen/origin.json")
    assert (origin["alters"], origin["changed"]) == ("features", [])
    done = project.snakemake(export)
    assert done.returncode != 0
    assert "the control 'frozen' is no model" in done.stdout + done.stderr
    assert not (project.root / export).exists()


def test_motions_that_were_made_elsewhere_are_no_models_for_a_control() -> None:
    given = {
        "datasets": {"own": {"source": "joints", "raw": "own"}},
        "concepts": {"kick": {"keywords": ["kick"]}},
        "backbones": {"theirs": {"kind": "generations", "motions": "theirs"}},
        "variants": {"original": {"method": "original"}, "frozen": {"method": "frozen"}},
        "tables": {"t": {"layout": "main", "dataset": "own", "concept": "kick"}},
    }
    with pytest.raises(InputError, match="the method 'frozen' alters what a model generated, and"):
        config.validate(given)
