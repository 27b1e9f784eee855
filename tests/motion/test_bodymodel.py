"""Joints of a body model, against linear blend skinning and against the smplx package."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from hmu.errors import InputError
from hmu.motion.bodymodel import BodyModel
from support.bodies import VERTICES, model_arrays, parameters, parents


@pytest.fixture
def model(tmp_path: Path) -> BodyModel:
    np.savez(tmp_path / "model.npz", **model_arrays())
    return BodyModel.read(tmp_path / "model.npz")


def rodrigues(vector: np.ndarray) -> np.ndarray:
    """The rotation of one axis-angle vector, as the exponential's series."""
    x, y, z = vector
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    term, total = np.eye(3), np.eye(3)
    for power in range(1, 80):
        term = term @ cross / power
        total = total + term
    return total


def blended(arrays: dict[str, np.ndarray], pose: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """(J, 3) one frame's joints by 4x4 transformations along the tree, from posed rest vertices."""
    shaped = arrays["v_template"] + arrays["shapedirs"][..., : len(betas)] @ betas
    rest = arrays["J_regressor"] @ shaped
    worlds: list[np.ndarray] = []
    for joint, parent in enumerate(parents(len(rest))):
        step = np.eye(4)
        step[:3, :3] = rodrigues(pose[3 * joint : 3 * joint + 3])
        step[:3, 3] = rest[joint] - (rest[parent] if joint else 0)
        worlds.append(worlds[parent] @ step if joint else step)
    return np.array([world[:3, 3] for world in worlds])


def test_joints_are_those_of_blend_skinning(model: BodyModel) -> None:
    poses, trans, betas = parameters()
    joints = model.joints(poses, trans, betas[:10])
    assert joints.dtype == np.float32
    arrays = model_arrays()
    for frame in range(len(poses)):
        expected = blended(arrays, poses[frame], betas[:10])[:22] + trans[frame]
        np.testing.assert_allclose(joints[frame], expected, atol=1e-6)


def test_joints_are_those_of_the_smplx_package(model: BodyModel) -> None:
    lbs = pytest.importorskip("smplx.lbs", reason="the smplx package is not installed")
    torch = pytest.importorskip("torch")
    poses, trans, betas = parameters()
    arrays = model_arrays()
    tensors = {name: torch.tensor(array.astype(np.float32)) for name, array in arrays.items()}
    _, expected = lbs.lbs(
        torch.tensor(np.tile(betas[:10], (len(poses), 1)), dtype=torch.float32),
        torch.tensor(poses, dtype=torch.float32),
        tensors["v_template"],
        tensors["shapedirs"][..., :10],
        tensors["posedirs"].reshape(VERTICES * 3, -1).T,
        tensors["J_regressor"],
        torch.tensor(parents(52)),
        tensors["weights"],
    )
    joints = model.joints(poses, trans, betas[:10])
    assert np.abs(joints - trans[:, None] - expected[:, :22].numpy()).max() < 1e-5


def test_long_clips_are_posed_as_their_frames_are(model: BodyModel) -> None:
    poses, trans, betas = parameters(5000)
    joints = model.joints(poses, trans, betas)
    np.testing.assert_array_equal(joints[4000:4100], model.joints(poses, trans, betas)[4000:4100])
    part = model.joints(poses[4000:4100], trans[4000:4100], betas)
    np.testing.assert_allclose(joints[4000:4100], part, atol=1e-6)
    assert model.joints(poses[:0], trans[:0], betas).shape == (0, 22, 3)


def test_hands_and_face_do_not_matter(model: BodyModel) -> None:
    poses, trans, betas = parameters()
    np.testing.assert_array_equal(
        model.joints(poses, trans, betas), model.joints(poses[:, :66], trans, betas)
    )


def test_smplx_files_with_55_joints_and_many_shapes_are_read(tmp_path: Path) -> None:
    arrays = model_arrays(joints=55, betas=400)
    np.savez(tmp_path / "SMPLX_NEUTRAL.npz", **arrays, joint2num=np.array([{}], dtype=object))
    model = BodyModel.read(tmp_path / "SMPLX_NEUTRAL.npz")
    betas = np.linspace(-1, 1, 10)
    expected = blended(arrays, np.zeros(165), betas)[:22]
    np.testing.assert_allclose(model.rest(betas), expected, atol=1e-12)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"model\.npz is missing"):
        BodyModel.read(tmp_path / "model.npz")


@pytest.mark.parametrize(
    "fault", ["empty", "truncated", "pickled", "no field", "text", "few betas", "tree", "shape"]
)
def test_a_bad_model_is_an_answer(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "model.npz"
    arrays = model_arrays(betas=9 if fault == "few betas" else 16)
    if fault == "no field":
        del arrays["J_regressor"]
    elif fault == "pickled":
        arrays["shapedirs"] = np.array([{}], dtype=object)
    elif fault == "tree":
        arrays["kintree_table"] = arrays["kintree_table"][:, ::-1]
    elif fault == "shape":
        arrays["v_template"] = arrays["v_template"][:-1]
    np.savez(path, **arrays)
    if fault in {"empty", "truncated", "text"}:
        content = {"empty": b"", "truncated": path.read_bytes()[:9000], "text": b"not a model"}
        path.write_bytes(content[fault])
    with pytest.raises(InputError, match=r"model\.npz is not a body model .*Download"):
        BodyModel.read(path)


def distributed(family: str) -> dict[str, np.ndarray]:
    """What the package wants to find in a file beside the body: hands, and for SMPL-X a face."""
    hands = {
        f"hands_{kind}{side}": np.zeros(45) for kind in ("mean", "components") for side in "lr"
    }
    hands |= {name: np.eye(45) for name in hands if "components" in name}
    if family == "smplh":
        return {**model_arrays(52, 16), **hands}
    face = {
        "lmk_faces_idx": np.zeros(51, dtype=np.int64),
        "lmk_bary_coords": np.full((51, 3), 1 / 3),
        "dynamic_lmk_faces_idx": np.zeros((79, 17), dtype=np.int64),
        "dynamic_lmk_bary_coords": np.full((79, 17, 3), 1 / 3),
    }
    return {**model_arrays(55, 400), **hands, **face}


@pytest.mark.parametrize("kind", ["npz", "pkl"])
@pytest.mark.parametrize("family", ["smplh", "smplx"])
def test_the_smplx_package_has_the_same_joints_of_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str, kind: str
) -> None:
    smplx = pytest.importorskip("smplx", reason="the smplx package is not installed")
    torch = pytest.importorskip("torch")
    # The package also picks some vertices by number; this body has fewer than the real one.
    numbers = {name: dict.fromkeys(each, 0) for name, each in smplx.vertex_ids.vertex_ids.items()}
    monkeypatch.setattr(smplx.body_models, "VERTEX_IDS", numbers)
    arrays = distributed(family)
    path = tmp_path / f"{family.upper()}_MALE.{kind}"
    if kind == "npz":
        np.savez(path, **arrays)
    else:
        regressor = scipy.sparse.csc_matrix(arrays["J_regressor"])
        path.write_bytes(pickle.dumps({**arrays, "J_regressor": regressor}, 2))
    poses, trans, betas = parameters(40)
    given = {
        "betas": np.tile(betas[:10], (40, 1)),
        "global_orient": poses[:, :3],
        "body_pose": poses[:, 3:66],
        "transl": trans,
        "left_hand_pose": poses[:, 66:111],
        "right_hand_pose": poses[:, 111:156],
    }
    expression = None
    if family == "smplx":
        expression = given["expression"] = np.random.default_rng(1).normal(0, 1, (40, 10))
        given["jaw_pose"] = poses[:, :3]
    body = smplx.create(
        str(path), family, gender="male", ext=kind, use_pca=False, batch_size=40, num_betas=10
    )
    tensors = {name: torch.tensor(value, dtype=torch.float32) for name, value in given.items()}
    with torch.no_grad():
        expected = body(**tensors, return_verts=False).joints[:, :22].numpy()
    joints = BodyModel.read(path).joints(poses, trans, betas[:10], expression)
    assert np.abs(joints - expected).max() < 1e-5
    if expression is not None:
        assert np.abs(BodyModel.read(path).joints(poses, trans, betas[:10]) - joints).max() > 1e-3


def test_expressions_belong_to_frames(tmp_path: Path) -> None:
    np.savez(tmp_path / "SMPLX_NEUTRAL.npz", **model_arrays(55, 20))
    model = BodyModel.read(tmp_path / "SMPLX_NEUTRAL.npz")
    assert (model.shape.shape[-1], model.expression.shape[-1]) == (10, 10)
    poses, trans, betas = parameters(3000)
    expression = np.random.default_rng(2).normal(0, 1, (3000, 10))
    whole = model.joints(poses, trans, betas[:10], expression)
    for frame in (0, 2500):
        rows = slice(frame, frame + 1)
        alone = model.joints(poses[rows], trans[rows], betas[:10], expression[rows])
        np.testing.assert_allclose(whole[rows], alone, atol=1e-6)
    with pytest.raises(ValueError, match="expression"):
        model.joints(poses, trans, betas[:10], expression[1:])
    with pytest.raises(ValueError, match="betas"):
        model.joints(poses, trans, betas)
