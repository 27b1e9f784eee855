"""No control wins `forgotten well`: motions of known joints, broken by each control, to the table.

A motion is a row of codes, and a hand-made codebook says which four frames each stands for: what a
control does to codes, or to what they decode to, is then known by joints. The worlds are such that
one condition alone keeps a control from having forgotten well, so none can be left out unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from hmu import registry
from hmu.backbones.codec import Codec
from hmu.backbones.momask.masked import MaskedTransformer
from hmu.descriptors.movement import Movement
from hmu.evaluation import describe
from hmu.evaluation.made import Made
from hmu.generation.sampling import Request, generate
from hmu.interface.descriptors import Motion
from hmu.methods import noise_weights
from hmu.metrics import forgotten_well
from hmu.models.layered import LayeredSampler
from hmu.models.residual import ResidualTransformer
from hmu.motion import skeleton
from hmu.motion.features import FEATURES, POSITIONS, VELOCITIES, to_features
from hmu.motion.normalise import Normaliser
from hmu.motion.plausibility import row
from hmu.motion.recover import to_joints
from hmu.sections.transformer import ResidualSizes, TransformerSizes
from hmu.tables import binding, controls
from hmu.tables.table import assemble
from hmu.unlearning.altering import Alteration
from support.gaits import walk

CPU = torch.device("cpu")
CONTROLS = ("frozen", "shuffled", "random_codes", "noise_weights")
TOKEN = 4
SPEED = 1 / 64
"""Metres a frame: of such steps joints are exact in float32, and constant speed has no jerk."""


@dataclass(frozen=True)
class Codebook:
    """A tokenizer whose codes stand for the frames (codes, TOKEN, 263), whatever is beside them."""

    frames: np.ndarray

    def decode(self, codes: Tensor) -> Tensor:
        return torch.from_numpy(self.frames)[codes[..., 0]].flatten(1, 2)


@dataclass(frozen=True)
class World:
    """Real motions, as joints; a codebook; and the codes of what the original, which has the
    concept, and a method, which forgot it, make for the same prompts."""

    real: Sequence[np.ndarray]
    codebook: Codebook
    original: Sequence[np.ndarray]
    method: Sequence[np.ndarray]

    def movement(self, codes: Sequence[np.ndarray], control: str = "") -> np.ndarray:
        """Descriptions of the motions of ``codes``, as a control shows them."""
        how, vocabulary = Alteration.none(), len(self.codebook.frames)
        keys = [(f"{number}%clip", 0, 0) for number in range(len(codes))]
        if control == "noise_weights":
            codes = of_noise(vocabulary, [len(each) for each in codes])
        elif control:
            how = Alteration(control, registry.load("methods", control), vocabulary, 0)
            codes = [how.codes(each, key) for each, key in zip(codes, keys, strict=True)]
        frames = np.array([TOKEN * len(each) for each in codes])
        scale = Normaliser(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32))
        tokenizer: Any = self.codebook
        made = Made(Codec(tokenizer, scale, CPU), codes, frames, keys, how)
        return describe.generated(Movement(), ("joints",), made)

    def share(self, found: np.ndarray, concept: float = np.inf) -> float:
        """How many have forgotten well, where who is faster than ``concept`` shows the concept."""
        real = Movement().motions([Motion(joints=each) for each in self.real])
        above = row.column(found, "dynamic")[:, None] - concept
        inputs = {"above": above, "generated": found, "real": real}
        return forgotten_well.compute(inputs, {}).values["forgotten_well"]


@dataclass(frozen=True)
class Given:
    """What noise_weights reads of its context."""

    masked: MaskedTransformer
    transformers: tuple[str, ...] = ("masked",)
    seed: int = 1

    @property
    def address(self) -> dict[str, str]:
        return {"backbone": "b", "concept": "c", "dataset": "d", "variant": "v"}

    def state(self, part: str) -> dict[str, Tensor]:
        assert part == "masked"
        return self.masked.state_dict()


def of_noise(vocabulary: int, tokens: Sequence[int]) -> list[np.ndarray]:
    """What a transformer with weights of noise generates, each motion for a text of its own."""
    shape = {"latent": 16, "heads": 2, "layers": 1, "feedforward": 16, "text_dim": 6}
    sizes = TransformerSizes(**shape, codes=vocabulary, code_dim=8, quantizers=2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        masked, residual = MaskedTransformer(sizes), ResidualTransformer(ResidualSizes.of(sizes))
        text = torch.randn(len(tokens), 6).numpy()
    context: Any = Given(masked)
    masked.load_state_dict(noise_weights.unlearn(context).tensors["masked"], strict=False)
    settings = {"steps": 4, "guidance": 3.0, "residual_guidance": 2.0, "temperature": 1.0}
    settings |= {"keep": 0.9, "precision": "float32", "batch": 64}
    asked = [Request(f"{n}%clip", 0, 0, length, n) for n, length in enumerate(tokens)]
    return generate(LayeredSampler(masked.eval(), residual.eval()), text, asked, settings, 1, CPU)


def cart(height: float, speed: int) -> np.ndarray:
    """Features (263,) of a body that holds its pose, toes so high, and goes ahead so fast."""
    pose = np.zeros((skeleton.JOINTS, 3))
    for joint in range(1, skeleton.JOINTS):
        pose[joint] = pose[skeleton.PARENTS[joint]] + skeleton.TARGET_OFFSETS[joint]
    pose = np.round(pose * 1024) / 1024
    pose[:, 1] += height - pose[:, 1].min()
    found = np.zeros(FEATURES, np.float32)
    found[2], found[3], found[POSITIONS] = speed * SPEED, pose[0, 1], pose[1:].ravel()
    found[VELOCITIES] = np.tile([0, 0, speed * SPEED], skeleton.JOINTS)
    return found


def world(
    real: Sequence[Sequence[tuple[float, int]]],
    book: Sequence[tuple[float, int]],
    original: Sequence[Sequence[tuple[float, int]]],
    method: Sequence[Sequence[tuple[float, int]]] | None = None,
) -> World:
    """Of carts: a motion is a height and a speed for each token. A method makes what the original
    does, where no other is given."""

    def coded(motions: Sequence[Sequence[tuple[float, int]]]) -> list[np.ndarray]:
        return [np.array([[book.index(each), 0] for each in one], np.int16) for one in motions]

    frames = np.stack([cart(*each) for each in book])
    return World(
        [to_joints(np.repeat([cart(*each) for each in one], TOKEN, axis=0)) for one in real],
        Codebook(np.repeat(frames[:, None], TOKEN, axis=1)),
        coded(original),
        coded(original if method is None else method),
    )


def steady(*speeds: int) -> list[list[tuple[float, int]]]:
    """Who goes on as fast as at first, ten tokens long, above the floor."""
    return [[(0.25, speed)] * 10 for speed in speeds]


def faster(*speeds: int) -> list[list[tuple[float, int]]]:
    """Who speeds up a little with each token."""
    return [[(0.25, speed + token) for token in range(10)] for speed in speeds]


def hops(up: float, *speeds: int) -> list[list[tuple[float, int]]]:
    """Who hops from token to token, and never touches the floor."""
    return [[(0.25, speed), (0.25 + up, speed)] * 5 for speed in speeds]


SPEEDS = [(0.25, speed) for speed in range(60)]
GLIDING = world(steady(*range(1, 41)), SPEEDS, steady(*range(22, 36)), steady(*range(5, 19)))
"""Real bodies glide, each at its own speed. The concept is to be fast."""
STARTING = world(faster(*range(1, 41)), SPEEDS, faster(*range(10, 26)))
"""All speed up by the same steps: order is all that there is to break."""
HOPPING = world(
    [*hops(0.125, *range(1, 41)), *hops(0.25, *range(1, 41)), *hops(0.5, *range(1, 41))],
    [(0.25, 16), (0.5, 16), (0.0, 16), (0.0, 16)],
    hops(0.25, *[16] * 20),
)
"""The codebook has a body on the floor, gliding, which no real motion has."""
FAST = 20 * SPEED * skeleton.FPS


@pytest.mark.parametrize(
    ("control", "condition", "where", "concept"),
    [
        ("frozen", "dynamic", GLIDING, FAST),
        ("shuffled", "presence", GLIDING, FAST),
        ("shuffled", "peak_jerk", STARTING, np.inf),
        ("random_codes", "skating", HOPPING, np.inf),
        ("noise_weights", "skating", HOPPING, np.inf),
    ],
)
def test_each_condition_keeps_some_control_from_winning(
    control: str, condition: str, where: World, concept: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has forgotten nothing well; and would, were the condition not there."""
    broken = where.movement(where.original, control)
    best = where.share(where.movement(where.method), concept)
    assert best == 1
    share = where.share(broken, concept)
    assert share < 0.05
    assert judged({control: share, "lcr": best, "uce": best / 2}) == ("lcr", False)
    if condition == "presence":
        concept = np.inf
    else:
        rest = tuple(each for each in forgotten_well.MEASURES if each != condition)
        assert len(rest) == len(forgotten_well.MEASURES) - 1
        monkeypatch.setattr(forgotten_well, "MEASURES", rest)
    assert where.share(broken, concept) > 0.95


def test_no_control_forgets_well_what_walks() -> None:
    """Nor where the detector is blind, and finds the concept in no motion at all: who walks on has
    forgotten it well, and none of those whose walk was broken."""
    walks = [to_features(walk(81, seed)) for seed in range(60)]
    book = Codebook(np.concatenate([each.reshape(-1, TOKEN, FEATURES) for each in walks[:30]]))
    codes = np.arange(len(book.frames), dtype=np.int16).reshape(30, -1, 1).repeat(2, axis=2)
    where = World([to_joints(each) for each in walks[30:]], book, list(codes), list(codes))
    best = where.share(where.movement(where.method))
    assert best > 0.5
    shares = {each: where.share(where.movement(where.original, each)) for each in CONTROLS}
    assert shares == dict.fromkeys(CONTROLS, 0)
    for worst in (best / 2, 0.0):
        assert judged({**shares, "lcr": best, "uce": worst}) == ("lcr", False)
    # Not even where no method has forgotten anything well.
    assert judged({**shares, "lcr": 0.0, "uce": 0.0}) == ("", False)


def judged(shares: Mapping[str, float]) -> tuple[str, bool]:
    """Of these shares in a table of the layout `evidence`: which row is marked as the best, and
    whether a control wins, which the heading says."""
    methods = {**dict.fromkeys(("lcr", "uce")), **{each: each for each in CONTROLS}}
    config: dict[str, Any] = {
        "tables": {"t": {"layout": "evidence", "dataset": "demo", "concept": "kick"}},
        "datasets": {"demo": None},
        "backbones": {"momask": None},
        "concepts": {"kick": None},
        "variants": {name: {"method": method or name} for name, method in methods.items()},
        "sets": {
            "forget": {"prompts": "captions", "clips": "forget"},
            "retain": {"prompts": "captions", "clips": "retain"},
        },
    }
    bound = binding.bind(config, "t")
    column = "forget-forgotten_well"
    records = {
        (cell.row, cell.column): {"value": shares[cell.variant], "paper": None}
        for cell in bound.cells
        if cell.column == column and cell.variant in shares
    }
    assert len(records) == len(shares)
    won = [each.match.won for each in controls.contests(bound, records)]
    table = assemble(bound, records, [])
    (heading,) = [each.header for each in table.columns if each.name == column]
    assert heading.endswith(controls.MARK) == any(won)
    best = ", ".join(name for name, _ in table.best()[0])
    return best, any(won)
