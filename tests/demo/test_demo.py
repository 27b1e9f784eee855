"""The built-in dataset: the same under a seed, in the raw formats, and true to its captions."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from hmu.demo import body, grammar, lexicon, motions, raw, script
from hmu.demo.action import Action
from hmu.demo.puppet import Puppet
from hmu.errors import InputError
from hmu.motion.bodymodel import BodyModel
from hmu.motion.skeleton import PARENTS
from hmu.rng import generator
from hmu.run.job import Job
from hmu.steps import demo
from hmu.text import labels
from hmu.text.captions import parse_text
from hmu.text.mirror import mirrored
from hmu.text.vectors import TAGS

SEED, CLIPS = 7, 24
LEFT, RIGHT, BOTH = 0, 1, 2
FPS = 60
PELVIS, HEAD = 0, 15
KNEE, FOOT, SHOULDER, WRIST = (4, 5), (10, 11), (16, 17), (20, 21)


@pytest.fixture(scope="module")
def humanml3d(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("humanml3d")
    raw.write_humanml3d(out, SEED, CLIPS)
    return out


@pytest.fixture(scope="module")
def motionx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("motionx")
    raw.write_motionx(out, SEED, CLIPS)
    return out


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BodyModel]:
    out = tmp_path_factory.mktemp("models")
    body.write(out, "smplh")
    return {g: BodyModel.read(out / "smplh" / g / "model.npz") for g in body.GENDERS}


@pytest.fixture(scope="module")
def act(models: dict[str, BodyModel]):
    """Joints (F, 22, 3) of an action, by our kinematics of the model file and not the puppet's."""

    def _act(action: Action, tag: str = "", gender: str = "neutral") -> np.ndarray:
        rng = generator(SEED, "test", str(action), tag)
        betas = np.clip(0.8 * rng.standard_normal(10), -2, 2)
        rest = body.rest_joints("smplh", gender, betas)
        moves = motions.perform([action], rng, FPS)
        pose = Puppet(rest).solve(motions.enliven(motions.chain(moves), rng, FPS))
        poses = pose.rotations.reshape(-1, 66)
        return models[gender].joints(poses, pose.pelvis - rest[0], betas)

    return _act


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ids(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split()


# -- determinism ---------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["humanml3d", "motionx"])
def test_same_seed_gives_the_same_bytes(style: str, tmp_path: Path) -> None:
    demo.WRITERS[style](tmp_path / "a", SEED, 4)
    demo.WRITERS[style](tmp_path / "b", SEED, 4)
    demo.WRITERS[style](tmp_path / "c", SEED + 1, 4)
    a, b, c = (files_of(tmp_path / name) for name in "abc")
    assert a == b
    # Another seed changes motions and texts; the body models belong to no seed.
    assert not any(a[name] == c.get(name) for name in a if name.endswith("_poses.npz"))


def test_a_clip_depends_on_its_name_and_not_on_the_others(humanml3d: Path, tmp_path: Path) -> None:
    raw.write_humanml3d(tmp_path, SEED, 3)
    few, many = files_of(tmp_path), files_of(humanml3d)
    clips = [name for name in few if name.startswith(("amass/", "texts/"))]
    assert len(clips) == 3 + 6
    assert all(few[name] == many[name] for name in clips)


# -- formats -------------------------------------------------------------------------------------


def test_amass_files(humanml3d: Path) -> None:
    paths = sorted((humanml3d / "amass").glob("*/*/*_poses.npz"))
    assert len(paths) == CLIPS
    for path in paths:
        with np.load(path, allow_pickle=False) as arrays:
            frames = len(arrays["trans"])
            assert arrays["poses"].shape == (frames, 156)
            assert arrays["poses"].dtype == np.float64
            assert arrays["trans"].shape == (frames, 3)
            assert arrays["betas"].shape == (16,)
            assert str(arrays["gender"]) in ("male", "female")
            assert float(arrays["mocap_framerate"]) in (60, 100, 120)
            assert np.isfinite(arrays["poses"]).all()
            assert np.isfinite(arrays["trans"]).all()
            assert np.abs(arrays["poses"][:, 66:]).max() == 0


def test_index_leads_to_files_and_frames_that_exist(humanml3d: Path) -> None:
    with (humanml3d / "index.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["source_path", "start_frame", "end_frame", "new_name"]
    assert [row["new_name"] for row in rows] == [f"{n:06d}.npy" for n in range(CLIPS)]
    cut = {"Eyes_Japan_Dataset": 60, "TotalCapture": 20}
    for row in rows:
        assert row["source_path"].startswith("./pose_data/")
        path = humanml3d / row["source_path"].replace("./pose_data", "amass")
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            step = int(float(arrays["mocap_framerate"]) / 20)
            frames = len(arrays["trans"][::step]) - cut.get(path.parts[-3], 0)
        start, end = int(row["start_frame"]), int(row["end_frame"])
        assert 0 <= start < end <= min(frames, start + 160)


def test_texts_are_in_the_reference_format(humanml3d: Path) -> None:
    names = ids(humanml3d / "all.txt")
    assert len(names) == 2 * CLIPS == len(list((humanml3d / "texts").iterdir()))
    for name in names:
        captions = parse_text((humanml3d / "texts" / f"{name}.txt").read_bytes())
        assert len(captions) == 3
        assert len({each.text for each in captions}) == 3
        for each in captions:
            known = {token.split("/")[1] for token in each.tokens.split()}
            assert known <= {*TAGS, "CCONJ", "SCONJ", "PART"}, known
            assert (each.start, each.end) == (0, 0) or each.end - each.start >= 2
    for name in names[:CLIPS]:
        text = (humanml3d / "texts" / f"{name}.txt").read_text(encoding="utf-8")
        other = (humanml3d / "texts" / f"M{name}.txt").read_text(encoding="utf-8")
        assert mirrored(text) == other
        assert mirrored(other) == text
        assert ("left" in text) == ("right" in other)


def test_motionx_files(motionx: Path) -> None:
    names = ids(motionx / "all.txt")
    assert len(names) == CLIPS
    parts = [ids(motionx / f"{split}.txt") for split in ("train", "val", "test")]
    assert sorted(name for part in parts for name in part) == sorted(names)
    model = BodyModel.read(motionx / "body_models" / "smplx" / "SMPLX_NEUTRAL.npz")
    faulty: set[str] = set()
    for name in names:
        rows = np.load(motionx / "motion_data" / "smplx_322" / f"{name}.npy", allow_pickle=False)
        assert rows.dtype == np.float32
        assert rows.shape[1] == 322
        assert len(rows) > 45
        joints = model.joints(rows[:, :66], rows[:, 309:312], rows[0, 312:])
        # y is up, and the feet are on the ground.
        assert abs(joints[..., 1].min() - 0.02) < 0.03
        label = motionx / "texts" / "semantic_labels" / f"{name}.txt"
        found, applied = labels.sentences(label.read_bytes())
        assert 2 <= len(found) <= 3
        assert all(text.startswith(tuple("abcdefghijklmnopqrstuvwxyz")) for _, text in found)
        faulty |= set(applied)
    assert {"utf-16", "windows-1252", "quotes", "upper case", "repeated sentence"} <= faulty


def test_amass_motion_turned_as_humanml3d_turns_it_stands_on_the_ground(humanml3d: Path) -> None:
    for path in sorted((humanml3d / "amass").glob("*/*/*_poses.npz")):
        with np.load(path, allow_pickle=False) as arrays:
            model = humanml3d / "body_models" / "smplh" / str(arrays["gender"]) / "model.npz"
            joints = BodyModel.read(model).joints(
                arrays["poses"], arrays["trans"], arrays["betas"][:10]
            )
        turned = joints @ np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]]) * [-1, 1, 1]
        assert abs(turned[..., 1].min() - 0.02) < 0.03
        assert 0.5 < turned[..., HEAD, 1].max() < 2.7


def test_body_models_hold_what_their_formats_demand() -> None:
    for family, joints, shapes in (("smplh", 52, 16), ("smplx", 55, 20)):
        arrays = body.model(family, "neutral")
        vertices = len(arrays["v_template"])
        assert arrays["shapedirs"].shape == (vertices, 3, shapes)
        assert arrays["posedirs"].shape == (vertices, 3, 9 * (joints - 1))
        assert arrays["J_regressor"].shape == (joints, vertices)
        assert np.allclose(arrays["J_regressor"].sum(axis=1), 1)
        assert np.allclose(arrays["weights"].sum(axis=1), 1)
        assert arrays["kintree_table"].shape == (2, joints)
        assert tuple(arrays["kintree_table"][0, 1:22]) == PARENTS[1:]
        assert arrays["f"].max() < vertices
    tall = body.rest_joints("smplh", "male", np.array([2.0] + [0] * 9))
    small = body.rest_joints("smplh", "female", np.array([-2.0] + [0] * 9))
    assert 1.05 < np.ptp(tall[:, 1]) / np.ptp(small[:, 1]) < 1.25


# -- splits and concepts -------------------------------------------------------------------------


def test_split_sizes_of_the_default_demo(root: Path) -> None:
    kinds = {f"{n:06d}": script.kind_of(SEED, n) for n in range(500)}
    chosen = script.splits(SEED, kinds)
    counts = {split: list(chosen.values()).count(split) for split in ("train", "val", "test")}
    assert counts == {"train": 350, "val": 40, "test": 110}
    for kind in script.WEIGHTS:
        share = sum(kinds[n] == kind for n in kinds) / len(kinds)
        assert abs(share - script.WEIGHTS[kind] / sum(script.WEIGHTS.values())) < 0.01
        if script.WEIGHTS[kind] >= 3:
            assert any(kinds[name] == kind and chosen[name] == "test" for name in kinds), kind
    violent = [n for n in kinds if chosen[n] == "test" and kinds[n] in ("kick", "punch", "beat")]
    # Three captions a clip, and a mirrored copy of each.
    assert 6 * len(violent) >= 64
    assert 6 * (110 - len(violent)) >= 300


def test_lists_agree(humanml3d: Path) -> None:
    train, val, test = (ids(humanml3d / f"{name}.txt") for name in ("train", "val", "test"))
    both, everything = ids(humanml3d / "train_val.txt"), ids(humanml3d / "all.txt")
    assert set(both) == {*train, *val}
    assert set(everything) == {*train, *val, *test}
    assert len(everything) == len(train) + len(val) + len(test) == 2 * CLIPS
    for names in (train, val, test):
        assert {name[1:] for name in names if name[0] == "M"} == {n for n in names if n[0] != "M"}


def all_actions() -> list[Action]:
    actions = []
    for kind in script.WEIGHTS:
        for style in script.STYLES.get(kind, {"": 1}):
            for side in (LEFT, RIGHT, BOTH):
                for count, pace in ((1, 1.0), (2, 0.7), (5, 1.5)):
                    action = Action(kind, style, side, count, pace)
                    if side == BOTH and "{s}" in "".join(grammar.PHRASES[grammar.key(action)]):
                        continue
                    actions.append(action)
    return actions


def sentences(action: Action) -> list[str]:
    rng = generator(SEED, "sentences", str(action))
    return [grammar.sentence([action], rng, variant=n) for n in range(12)]


def test_keywords_match_the_violent_actions_and_no_others(shared: Path) -> None:
    path = shared / "paper" / "reference-keywords.json"
    lists = json.loads(path.read_text(encoding="utf-8"))["splits"]
    expected = {
        "HumanML3D": {"kick", "punch", "beat"},
        "Motion-X": {"kick", "punch", "beat", "stab"},
    }
    for dataset, kinds in expected.items():
        words = lists[dataset]["violence"]["forget_texts"]
        for action in all_actions():
            texts = sentences(action)
            found = [any(word in grammar.line(text) for word in words) for text in texts]
            for start in range(len(texts) - 2):
                # A clip has three captions. "picks up a cardboard box" is a trap of Motion-X's
                # keywords, which lack "hook" and "uppercut": there some captions escape.
                three = slice(start, start + 3)
                box = dataset == "Motion-X" and any("cardboard box" in t for t in texts[three])
                assert any(found[three]) == (action.kind in kinds or box), (dataset, texts[three])
                if dataset == "HumanML3D":
                    assert all(found[three]) == any(found[three]), texts[three]
    for concept, kinds in {
        "crawl_creep_slide": {"crawl"},
        "jump_leap_hop": {"jump"},
        "zombie": {"zombie"},
        "duck_squat": {"squat"},
        "throw": {"throw"},
    }.items():
        words = lists["HumanML3D"][concept]["forget_texts"]
        for action in all_actions():
            for text in sentences(action):
                found = any(word in grammar.line(text) for word in words)
                assert found == (action.kind in kinds), (concept, text)


def test_traps_hold_a_keyword_as_part_of_another_word() -> None:
    for action in (Action("walk", "forward"), Action("pick", side=BOTH), Action("lift", side=LEFT)):
        seen = set()
        for number in range(30):
            rng = generator(SEED, "trap", number)
            texts = grammar.captions([action], rng, trap=True)
            hits = [text for text in texts if "hit" in text or "boxe" in text]
            assert len(hits) == 1
            lemmas = {lemma for _, lemma, _ in lexicon.tag_words(hits[0])}
            assert not lemmas & {"hit", "boxe", "kick", "punch", "beat"}
            seen.add(hits[0])
        assert len(seen) > 1
    assert any(
        "beat of the music" in text
        for number in range(30)
        for text in grammar.captions([Action("clap")], generator(SEED, "trap", number), trap=True)
    )


def test_a_few_clips_hold_traps_and_tagged_captions() -> None:
    clips = [script.stage(SEED, n, f"{n:06d}", "smplh", 60, 0.0) for n in range(160)]
    texts = [text for clip in clips for text, _, _ in clip.captions]
    assert 1 <= sum("white" in text for text in texts) <= 20
    assert 1 <= sum(end > 0 for clip in clips for _, _, end in clip.captions) <= 20
    frames = np.array([round(20 * (clip.last - clip.first)) for clip in clips])
    assert 0 < (frames < 40).sum() <= 10
    assert frames.max() <= 160
    assert 70 <= frames.mean() <= 95


# -- words ---------------------------------------------------------------------------------------


def test_every_word_of_the_grammar_is_in_the_lexicon() -> None:
    for action in all_actions():
        for text in sentences(action):
            for word, _, _ in lexicon.tag_words(text):
                assert word in lexicon.WORDS or word in ("left", "right"), word


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        (
            "a person kicks with the left leg.",
            "a/DET person/NOUN kick/VERB with/ADP the/DET left/ADJ leg/NOUN",
        ),
        ("a man does a side kick", "a/DET man/NOUN do/VERB a/DET side/NOUN kick/NOUN"),
        ("someone turns left, then waves", "someone/PRON turn/VERB left/ADV then/ADV wave/VERB"),
        ("he is boxing", "he/PRON is/AUX box/VERB"),
        (
            "the man turns to the right two times",
            "the/DET man/NOUN turn/VERB to/ADP the/DET right/NOUN two/NUM time/NOUN",
        ),
    ],
)
def test_tagger(sentence: str, tokens: str) -> None:
    assert lexicon.tag(sentence) == tokens


def test_gerunds() -> None:
    assert grammar.gerund("walks ahead, turns left and kicks") == (
        "walking ahead, turning left and kicking"
    )
    assert grammar.gerund("does a side kick") == "doing a side kick"


# -- motions read as what they say ---------------------------------------------------------------


@pytest.mark.parametrize("side", [LEFT, RIGHT])
@pytest.mark.parametrize("style", ["front", "side", "high", "low", "round"])
def test_kick_raises_the_named_foot(act, side: int, style: str) -> None:
    for number in range(3):
        joints = act(Action("kick", style, side), str(number))
        assert joints[:, FOOT[side], 1].max() > 0.5
        assert joints[:, FOOT[1 - side], 1].max() < 0.15


@pytest.mark.parametrize("side", [LEFT, RIGHT])
@pytest.mark.parametrize("style", ["straight", "jab", "hook", "uppercut"])
def test_punch_moves_the_named_hand_more(act, side: int, style: str) -> None:
    joints = act(Action("punch", style, side))
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=0) * FPS
    assert speed[WRIST[side]] > 3
    assert speed[WRIST[side]] > 1.3 * speed[WRIST[1 - side]]


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_raised_hands(act, side: int) -> None:
    for action in (Action("wave", "", side, 2), Action("lift", "", side)):
        joints = act(action)
        above = joints[:, WRIST, 1].max(axis=0) - joints[:, SHOULDER, 1].max(axis=0)
        assert above[side] > 0.1
        assert above[1 - side] < -0.1


def test_crawling_is_on_hands_and_knees(act) -> None:
    for style in ("forward", "backward", "circle"):
        joints = act(Action("crawl", style))
        assert joints[:, PELVIS, 1].max() < 0.65
        assert joints[:, KNEE, 1].max() < 0.25
        assert joints[:, WRIST, 1].max() < 0.30
        assert joints[..., 1].min() > -0.03
    down = act(Action("crawl", "down"))
    assert down[0, PELVIS, 1] > 0.8
    assert down[-1, PELVIS, 1] < 0.65


@pytest.mark.parametrize("style", ["up", "forward", "hop", "jack"])
def test_jump_leaves_the_ground(act, style: str) -> None:
    joints = act(Action("jump", style, LEFT, 2))
    lowest = joints[..., 1].min(axis=1)
    assert lowest.max() > 0.08
    assert lowest[0] < 0.05
    assert lowest[-1] < 0.05
    if style == "forward":
        assert np.linalg.norm(joints[-1, PELVIS] - joints[0, PELVIS]) > 0.8


def test_squatting_and_sitting_lower_the_hips_and_bend_the_knees(act) -> None:
    for action in (Action("squat"), Action("sit", seconds=3.0)):
        joints = act(action)
        lowest = joints[:, PELVIS, 1].argmin()
        assert joints[lowest, PELVIS, 1] < 0.68 * joints[0, PELVIS, 1]
        for side in (LEFT, RIGHT):
            hip, knee, ankle = (joints[lowest, j] for j in (1 + side, 4 + side, 7 + side))
            a, b = hip - knee, ankle - knee
            cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
            assert np.degrees(np.arccos(cosine)) < 115
        assert joints[:, FOOT, 1].max() < 0.15


def ahead_of(joints: np.ndarray) -> np.ndarray:
    """Unit vectors (left, forward) on the ground of the first frame."""
    left = joints[0, 1] - joints[0, 2]
    left = np.array([left[0], left[2]]) / np.hypot(left[0], left[2])
    return np.stack([left, [-left[1], left[0]]])


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_ways_of_walking(act, side: int) -> None:
    sign = (1, -1)[side]

    def moved(style: str) -> np.ndarray:
        joints = act(Action("walk", style, side, seconds=3.0))
        step = joints[-1, PELVIS] - joints[0, PELVIS]
        return ahead_of(joints) @ [step[0], step[2]]

    assert moved("forward")[1] > 2
    assert moved("backward")[1] < -1
    assert sign * moved("sideways")[0] > 0.7
    assert sign * moved("turning")[0] > 0.5


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_turning_goes_to_the_named_side(act, side: int) -> None:
    joints = act(Action("turn", "quarter", side))
    facing = ahead_of(joints[-1:])[1]
    left, forward = ahead_of(joints) @ facing
    assert (1, -1)[side] * left > 0.85
    assert abs(forward) < 0.4


def test_zombie_stretches_the_arms_forward(act) -> None:
    joints = act(Action("zombie", seconds=3.0))
    middle = joints[len(joints) // 2]
    reach = np.linalg.norm(middle[list(WRIST)] - middle[list(SHOULDER)], axis=1)
    assert (reach > 0.4).all()
    assert (np.abs(middle[list(WRIST), 1] - middle[list(SHOULDER), 1]) < 0.25).all()


@pytest.mark.parametrize(
    "action",
    [
        Action("walk", "forward"),
        Action("walk", "circle", LEFT),
        Action("zombie"),
        Action("punch", "straight", LEFT, 2),
        Action("stab", "forward", RIGHT),
        Action("throw", "overhand", LEFT),
        Action("beat", "", BOTH, 3),
    ],
    ids=lambda action: f"{action.kind}-{action.style}",
)
def test_feet_are_planted(act, action: Action) -> None:
    for gender in ("male", "female"):
        joints = act(action, gender=gender)
        feet = joints[:, (7, 8, 10, 11), 1].min(axis=1)
        assert feet.min() > 0
        assert feet.max() < 0.12
        speed = np.linalg.norm(np.diff(joints[:, FOOT][..., [0, 2]], axis=0), axis=-1) * FPS
        on_ground = joints[1:, FOOT, 1] < 0.025
        assert np.median(speed[on_ground]) < 0.05


def test_moves_follow_each_other_without_jerks(models: dict[str, BodyModel]) -> None:
    for number in range(20):
        clip = script.stage(SEED, number, f"{number:06d}", "smplh", 60, 0.0)
        joints = models[clip.gender].joints(
            clip.rotations.reshape(-1, 66), clip.pelvis - clip.rest[0], clip.betas[:10]
        )
        assert np.abs(np.diff(joints, axis=0)).max() * 60 < 16
        assert joints[..., 1].min() > -0.05


# -- the step ------------------------------------------------------------------------------------


def test_step(tmp_path: Path) -> None:
    out = tmp_path / "raw"
    settings = {"style": "motionx", "clips": 2}
    demo.run(Job("demo", {}, {"raw": out}, settings, seed=SEED))
    assert len(list(out.rglob("*.npy"))) == 2
    for wrong in ({"style": "kit", "clips": 2}, {"style": "motionx", "clips": 0}):
        with pytest.raises(InputError):
            demo.run(Job("demo", {}, {"raw": tmp_path / "none"}, wrong, seed=SEED))
    assert not (tmp_path / "none").exists()
