"""Joints of the SMPL-H and SMPL-X body models, without computing a vertex.

A model file gives the rest joints as a linear function of the shape; the pose then only turns
bones. The 22 body joints need neither the hands nor the face, and so neither their angles. DMPLs,
which make soft tissue tremble, are not read: HumanML3D's script loads the model of them, but leaves
its parameters at zero, where they move nothing.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hmu.errors import InputError
from hmu.io.arrays import BadArray
from hmu.motion import modelfile, skeleton

BETAS = 10
"""Shape values that HumanML3D and Motion-X use, and the fewest that a model may have."""

_BLOCK = 2048
"""Frames posed at once: enough to amortise each operation, few enough for the processor's cache."""

_SMPLX_JOINTS = 55

_ENDS = {10, 11, 15, 20, 21}
"""Toes, head and wrists: how they are turned moves none of the 22 joints."""


def locate(folder: Path, family: str, gender: str) -> Path:
    """Where the model file of a gender is below ``folder`` (usually ``body_models``), or should be.

    ``family`` is ``smplh`` or ``smplx``. Both layouts of the downloads are known, a folder for each
    gender and a name for each, which the ``smplx`` package wants; ``.npz`` goes before ``.pkl``.
    """
    home = folder / family
    stems = (f"{gender}/model", f"{family.upper()}_{gender.upper()}", f"{family.upper()}_{gender}")
    names = [home / f"{stem}{suffix}" for suffix in (".npz", ".pkl") for stem in stems]
    return next((path for path in names if path.is_file()), names[0])


@dataclass(frozen=True)
class BodyModel:
    """The rest joints of one body model: ``template`` (22, 3) metres when all parameters are zero,
    ``shape`` (22, 3, B) and ``expression`` (22, 3, E), the metres that each of the B betas and of
    the E face expressions adds; E is 0 but for SMPL-X."""

    template: np.ndarray
    shape: np.ndarray
    expression: np.ndarray

    @classmethod
    def read(cls, path: Path) -> "BodyModel":
        """Read ``v_template`` (V, 3), ``shapedirs`` (V, 3, B + E), ``J_regressor`` (J, V) and
        ``kintree_table`` (2, J) of a distributed ``.npz`` or ``.pkl``; see `modelfile.read`.

        Raises InputError when the file is missing, damaged, or not of a body with SMPL's 22 joints
        and at least ``BETAS`` betas.
        """
        needed = ("v_template", "shapedirs", "J_regressor", "kintree_table")
        remedy = "Download the SMPL-H or SMPL-X model again."
        try:
            template, shape, regressor, tree = modelfile.read(path, needed)
        except FileNotFoundError:
            raise InputError(
                f"{path} is missing: put the body model of that name there (see README)."
            ) from None
        except BadArray as error:
            if error.remedied:
                raise InputError(f"{path} {error}.") from error
            raise InputError(f"{path} is not a body model ({error}). {remedy}") from error
        if not _is_body(template, shape, regressor, tree):
            raise InputError(
                f"{path} is not a body model with SMPL's 22 body joints and {BETAS} betas: "
                f"shapes {template.shape}, {shape.shape}, {regressor.shape}, {tree.shape}. {remedy}"
            )
        body = regressor[: skeleton.JOINTS].astype(np.float64)
        directions = np.tensordot(body, shape, axes=1)
        if not (np.isfinite(directions).all() and np.isfinite(body @ template).all()):
            raise InputError(f"{path} is not a body model (it has infinite values). {remedy}")
        betas = _betas(len(regressor), shape.shape[2])
        return cls(body @ template, directions[..., :betas], directions[..., betas:])

    def rest(self, betas: np.ndarray) -> np.ndarray:
        """(22, 3) rest joints, metres, for betas (n,), n no more than the model has."""
        if betas.ndim != 1 or len(betas) > self.shape.shape[-1]:
            raise ValueError(
                f"betas have shape {betas.shape}, the body model has {self.shape.shape[-1]}"
            )
        rest: np.ndarray = self.template + self.shape[..., : len(betas)] @ betas
        return rest

    def joints(
        self,
        poses: np.ndarray,
        trans: np.ndarray,
        betas: np.ndarray,
        expression: np.ndarray | None = None,
    ) -> np.ndarray:
        """Positions (F, 22, 3) float32, metres, in the axes of ``trans``.

        ``poses`` is (F, 66 or more) axis-angle in radians, the root first, as in AMASS and
        Motion-X; ``trans`` (F, 3) metres; ``betas`` (n,). ``expression`` (F, n) of SMPL-X moves the
        joints too, by as much as they are regressed from the face. HumanML3D and Motion-X leave it
        at zero. Raises ValueError for other shapes.
        """
        frames = len(poses)
        if poses.ndim != 2 or poses.shape[1] < 66 or trans.shape != (frames, 3):
            raise ValueError(f"poses {poses.shape} and trans {trans.shape} do not belong together")
        if expression is None:
            expression = np.zeros((frames, 0))
        if expression.shape[:1] != (frames,) or expression.shape[1] > self.expression.shape[-1]:
            raise ValueError(f"expression has shape {expression.shape}")
        rest = self.rest(betas.astype(np.float64)).T[..., None]
        moved = self.expression[..., : expression.shape[1]].swapaxes(0, 1)
        placed = np.empty((frames, skeleton.JOINTS, 3), dtype=np.float32)
        for start in range(0, frames, _BLOCK):
            rows = slice(start, start + _BLOCK)
            shaped = rest + moved @ expression[rows].T if moved.size else rest
            placed[rows] = _pose(shaped, poses[rows, :66], trans[rows])
        return placed


def _is_body(
    template: np.ndarray, shape: np.ndarray, regressor: np.ndarray, tree: np.ndarray
) -> bool:
    """Whether these arrays belong to one body with SMPL's 22 body joints."""
    if template.ndim != 2 or template.shape[1] != 3 or shape.ndim != 3:
        return False
    vertices = len(template)
    if shape.shape[:2] != (vertices, 3) or shape.shape[2] < BETAS:
        return False
    if regressor.ndim != 2 or regressor.shape[1] != vertices or len(regressor) < skeleton.JOINTS:
        return False
    parents = tree[:1, 1 : skeleton.JOINTS].tolist() if tree.ndim == 2 else []
    return parents == [[*skeleton.PARENTS[1:]]]


def _betas(joints: int, directions: int) -> int:
    """How many of the directions are betas; the others of SMPL-X are expressions, ten after ten
    betas or a hundred after three hundred."""
    if joints != _SMPLX_JOINTS:
        return directions
    return 300 if directions >= 400 else BETAS


def _pose(rest: np.ndarray, poses: np.ndarray, trans: np.ndarray) -> np.ndarray:
    """Forward kinematics of (F, 66) axis-angle with rest joints (3, 22, F), or (3, 22, 1) for all.

    Components and joints stand before frames, so that each operation runs over contiguous frames.
    """
    vectors = np.ascontiguousarray(poses.reshape(len(poses), 22, 3).T, dtype=np.float64)
    turns = _rotations(vectors)  # (3, 3, 22, F)
    placed = np.empty_like(vectors)
    placed[:, 0] = trans.T + rest[:, 0]
    for level in skeleton.LEVELS:
        for joint in level:
            parent = skeleton.PARENTS[joint]
            bone = (rest[:, joint] - rest[:, parent])[None]
            placed[:, joint] = placed[:, parent] + (turns[:, :, parent] * bone).sum(axis=1)
            if joint not in _ENDS:
                local = turns[:, :, joint].copy()
                before = turns[:, :, parent]
                turns[:, :, joint] = sum(before[:, i, None] * local[i] for i in range(3))
    return placed.T


def _rotations(vectors: np.ndarray) -> np.ndarray:
    """(3, 3, ...) rotation matrices of axis-angle (3, ...), by way of unit quaternions."""
    half = np.sqrt((vectors**2).sum(axis=0)) / 2
    w = np.cos(half)
    x, y, z = vectors * (np.sinc(half / np.pi) / 2)
    turns = np.empty((3, *vectors.shape))
    for first, second, third, a, b, c in (
        (0, 1, 2, x, y, z),
        (1, 2, 0, y, z, x),
        (2, 0, 1, z, x, y),
    ):
        turns[first, first] = 1 - 2 * (b * b + c * c)
        turns[second, first] = 2 * (a * b + w * c)
        turns[third, first] = 2 * (a * c - w * b)
    return turns
