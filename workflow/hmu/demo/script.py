"""What each clip of the built-in dataset shows, who does it and what is said about it."""

from dataclasses import dataclass, replace

import numpy as np

from hmu.demo import body, grammar, motions
from hmu.demo.action import Action
from hmu.demo.puppet import Puppet
from hmu.demo.rotations import about, axis_angle
from hmu.demo.score import Move, Score, standing
from hmu.rng import generator

FPS = 20
LONGEST_SHOT = 160
"""Frames of the longest clip at 20 fps."""

# Share of the clips that show each kind of action.
WEIGHTS = {
    "walk": 13, "run": 7, "turn": 6, "zombie": 6, "crawl": 6, "jump": 7, "kick": 9, "punch": 10,
    "beat": 6, "stab": 5, "throw": 6, "squat": 6, "wave": 6, "sit": 5, "pick": 4, "clap": 2,
    "lift": 3, "bow": 1, "stretch": 2,
}  # fmt: skip
STYLES = {
    "walk": {"forward": 5, "backward": 2, "sideways": 2, "circle": 2, "turning": 2, "back": 2},
    "run": {"forward": 3, "circle": 2},
    "turn": {"quarter": 1, "half": 1, "whole": 1},
    "crawl": {"forward": 4, "backward": 2, "circle": 2, "down": 2},
    "jump": {"up": 3, "forward": 3, "hop": 2, "jack": 2},
    "kick": {"front": 4, "side": 3, "high": 2, "low": 2, "round": 2},
    "punch": {"straight": 4, "jab": 2, "hook": 2, "uppercut": 2, "boxing": 3},
    "stab": {"forward": 3, "down": 2},
    "throw": {"overhand": 3, "underhand": 2},
    "squat": {"": 3, "duck": 2},
    "sit": {"": 1, "rise": 1},
}
# How often an action is repeated at the most, and whether both hands may do it.
_REPEATED = {
    "jump": 3, "kick": 3, "punch": 4, "beat": 5, "stab": 3, "throw": 1, "squat": 2, "wave": 4,
    "clap": 6, "lift": 2, "bow": 2, "stretch": 2,
}  # fmt: skip
_SIDED = ("kick", "punch", "stab", "throw", "turn", "stretch")
_SIDED_STYLES = ("sideways", "circle", "turning", "back", "hop")
_EITHER = ("wave", "beat", "pick", "lift")
_LASTING = ("walk", "run", "zombie", "crawl")
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Clip:
    """A clip before it is written in one of the raw styles.

    ``captions`` are (text, start, end) with seconds, 0 and 0 for the whole clip; ``first`` and
    ``last`` bound the clip in seconds within the recorded sequence.
    """

    name: str
    kind: str
    actions: list[Action]
    captions: list[tuple[str, float, float]]
    gender: str
    betas: np.ndarray
    rotations: np.ndarray
    pelvis: np.ndarray
    rest: np.ndarray
    fps: int
    first: float
    last: float


def kind_of(seed: int, number: int) -> str:
    """The kind of a clip. A golden-ratio sequence keeps the shares even in any number of clips."""
    start = float(generator(seed, "demo kinds").random())
    place = (start + number * _GOLDEN) % 1 * sum(WEIGHTS.values())
    bounds = np.cumsum(list(WEIGHTS.values()))
    return list(WEIGHTS)[int(np.searchsorted(bounds, place, side="right"))]


def _choose(rng: np.random.Generator, weights: dict[str, int]) -> str:
    shares = np.array(list(weights.values()), dtype=float)
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]


def _action(kind: str, rng: np.random.Generator, part: bool) -> Action:
    """An action of a kind; ``part`` says that it shares its clip with another."""
    style = _choose(rng, STYLES.get(kind, {"": 1}))
    if part and kind == "crawl":
        style = "down"
    if part and kind in ("walk", "run") and style in ("circle", "back"):
        style = "forward"
    side = int(rng.integers(2))
    both = kind in _EITHER and rng.random() < 0.35
    of_no_account = kind not in _SIDED + _EITHER and style not in _SIDED_STYLES
    if both or of_no_account or style == "boxing":
        side = 2
    pace = float(rng.choice([0.68, 1.0, 1.45], p=[0.25, 0.5, 0.25]) * rng.uniform(0.93, 1.07))
    most = 1 if part else _REPEATED.get(kind, 1)
    count = int(rng.integers(1, most + 1))
    if kind == "punch" and style == "boxing":
        count = int(rng.integers(4, 8)) if not part else 4
    if kind == "beat":
        count = int(rng.integers(2, most + 1)) if most > 1 else 2
    seconds = float(rng.uniform(1.7, 2.6) if part else rng.uniform(2.6, 6.0))
    if style in ("circle", "back") and not part:
        seconds = max(seconds, 4.2)
    return Action(kind, style, side, count, pace, seconds)


def _plan(kind: str, rng: np.random.Generator) -> list[Action]:
    """One action, or in a quarter of the clips two."""
    if rng.random() > 0.24:
        return [_action(kind, rng, part=False)]
    if kind in ("walk", "run", "turn"):
        others = {k: w for k, w in WEIGHTS.items() if k not in ("walk", "run", "turn", "zombie")}
        return [_action(kind, rng, True), _action(_choose(rng, others), rng, True)]
    before = {"walk": 5, "turn": 2, "run": 2, "wave": 1}
    if kind == "wave":
        del before["wave"]
    return [_action(_choose(rng, before), rng, True), _action(kind, rng, True)]


def _waiting(move: Move, seconds: float, fps: int, before: bool) -> Move:
    """Standing still before or after a move, in the pose in which it begins or ends."""
    frames = len(standing(seconds, fps).channels)
    row = move.channels[:1] if before else move.channels[-1:]
    return Move(row.repeat(frames, axis=0))


def stage(seed: int, number: int, name: str, family: str, fps: int, lead: float) -> Clip:
    """Clip ``number`` as a recorded sequence at ``fps`` in the y-up world.

    It depends on ``(seed, name)`` and nothing else. ``lead`` seconds of standing with the arms
    spread come first, as calibration does in some of AMASS's data sets.
    """
    rng = generator(seed, "demo clip", family, name)
    kind = kind_of(seed, number)
    short = rng.random() < 0.02
    trap = rng.random() < 0.03
    actions = _plan(kind, rng)
    if short:
        actions = [replace(actions[-1], count=1, pace=0.7, seconds=1.8)]
    gender = str(rng.choice(["male", "female"])) if family == "smplh" else "neutral"
    betas = np.clip(0.8 * rng.standard_normal(body.BETAS), -2, 2)
    if family == "smplx":
        betas = betas[: body.USED_BETAS]

    moves = motions.perform(actions, rng, fps)
    seconds = sum(len(move.channels) for move in moves) / fps
    moving = len(actions) == 1 and kind in _LASTING and not short
    pauses = rng.uniform(0.05, 0.45, 2) if not short else np.zeros(2)
    if not short and seconds + pauses.sum() < 2.4:
        pauses += (2.4 - seconds - pauses.sum()) * rng.dirichlet((3, 3))
    pieces = [
        _waiting(moves[0], float(pauses[0]), fps, True),
        *moves,
    ]
    channels = motions.chain(pieces)
    after = channels[-1:].repeat(max(1, round(float(pauses[1]) * fps)), axis=0)
    channels = motions.enliven(np.concatenate([channels, after]), rng, fps)
    if lead:
        channels = np.concatenate([_calibration(channels[0], lead, fps, rng), channels])

    rest = body.rest_joints(family, gender, betas)
    pose = Puppet(rest).solve(channels)
    rotations, pelvis = _place(pose.rotations, pose.pelvis, rng)

    length = len(channels) / fps - lead
    first, last = 0.0, length
    if moving and rng.random() < 0.5 and length > 3.6:
        # Cut out of the middle: the clip begins and ends in full motion.
        first, last = float(rng.uniform(0.5, 0.8)), length - float(rng.uniform(0.5, 0.8))
    if short:
        last = min(last, first + 1.7)
    last = min(last, first + LONGEST_SHOT / FPS)
    texts = [(text, 0.0, 0.0) for text in grammar.captions(actions, rng, trap)]
    if len(actions) == 2 and rng.random() < 0.2:
        texts[2] = _tagged(actions, moves, float(pauses[0]), last, fps, rng)
    return Clip(
        name, kind, actions, texts, gender, betas, rotations, pelvis, rest, fps, first, last
    )


def _tagged(
    actions: list[Action],
    moves: list[Move],
    begin: float,
    end: float,
    fps: int,
    rng: np.random.Generator,
) -> tuple[str, float, float]:
    """A caption of one of two actions, with the seconds in which it happens."""
    middle = begin + len(moves[0].channels) / fps
    which = 1 if end - middle >= 2.1 else 0
    bounds = (middle, end) if which else (0.0, max(middle, 2.1))
    start, stop = (np.floor(10 * bound) / 10 for bound in bounds)
    return grammar.sentence(actions[which : which + 1], rng), float(start), float(stop)


def _calibration(
    pose: np.ndarray, seconds: float, fps: int, rng: np.random.Generator
) -> np.ndarray:
    """Standing with the arms spread sideways, and at last the pose in which the clip begins."""
    spread = Score(0, 1.0, rng, spread=0.0)
    still = spread.vector({"b.hand_out": 0.99, "b.hand_up": 0.0, "b.hand_forward": 0.0})
    frames = round(seconds * fps)
    share = np.clip((np.arange(frames) / frames - 0.7) / 0.25, 0, 1)[:, None]
    return still + share * share * (3 - 2 * share) * (pose - still)


def _place(
    rotations: np.ndarray, pelvis: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Turn and move the whole motion: people do not start where the world does."""
    turn = about(1, np.array(rng.uniform(-np.pi, np.pi)))
    shift = np.array([rng.uniform(-1.5, 1.5), 0.0, rng.uniform(-1.5, 1.5)])
    placed = rotations.copy()
    placed[:, 0] = axis_angle(turn @ _matrix(rotations[:, 0]))
    return placed, pelvis @ turn.T + shift


def _matrix(vector: np.ndarray) -> np.ndarray:
    """Rotation matrices (F, 3, 3) of rotation vectors (F, 3), by Rodrigues' formula."""
    angle = np.linalg.norm(vector, axis=-1)
    x, y, z = np.moveaxis(vector / np.maximum(angle, 1e-12)[:, None], -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(-1, 3, 3)
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    matrix: np.ndarray = np.eye(3) + sine * cross + (1 - cosine) * cross @ cross
    return matrix


def turn_world(rotations: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Joint rotations (F, 22, 3) after the world has been turned by ``matrix`` (3, 3)."""
    turned = rotations.copy()
    turned[:, 0] = axis_angle(matrix @ _matrix(rotations[:, 0]))
    return turned


def splits(seed: int, kinds: dict[str, str]) -> dict[str, str]:
    """train, val or test for each clip name: 70, 8 and 22 %, alike for every kind."""
    order = sorted(
        kinds, key=lambda name: (kinds[name], generator(seed, "demo split", name).random())
    )
    chosen = {}
    for place, name in enumerate(order):
        # 37 steps through 50 places visit all of them, far apart, before any twice.
        ticket = place * 37 % 50
        chosen[name] = "train" if ticket < 35 else "val" if ticket < 39 else "test"
    return chosen
