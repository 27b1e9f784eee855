"""Joints of the SMPL-H and SMPL-X body models, without computing a vertex.

A model file gives the rest joints as a linear function of the shape; the pose then only turns
bones. The 22 body joints need neither the hands nor the face, and so neither their angles.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hmu import arrays
from hmu.errors import InputError
from hmu.motion import skeleton

BETAS = 10
"""Shape values that HumanML3D and Motion-X use, and the fewest that a model may have."""

_BLOCK = 2048
"""Frames posed at once: enough to amortise each operation, few enough for the processor's cache."""

_ENDS = {10, 11, 15, 20, 21}
"""Toes, head and wrists: how they are turned moves none of the 22 joints."""


@dataclass(frozen=True)
class BodyModel:
    """The rest joints of one body model: ``template`` (22, 3) metres at zero betas, and ``shape``
    (22, 3, B), the metres that each of the B betas adds."""

    template: np.ndarray
    shape: np.ndarray

    @classmethod
    def read(cls, path: Path) -> "BodyModel":
        """Read ``v_template`` (V, 3), ``shapedirs`` (V, 3, B), ``J_regressor`` (J, V) and
        ``kintree_table`` (2, J) of a distributed ``.npz``; nothing else in it is opened.

        Raises InputError when the file is missing, damaged, or not of a body with SMPL's 22 joints
        and at least ``BETAS`` betas.
        """
        needed = ("v_template", "shapedirs", "J_regressor", "kintree_table")
        remedy = "Download the SMPL-H or SMPL-X model again, as .npz."
        try:
            template, shape, regressor, tree = arrays.read_members(path, needed)
        except FileNotFoundError:
            raise InputError(
                f"{path} is missing: put the body model of that name there (see README)."
            ) from None
        except arrays.BadArray as error:
            raise InputError(f"{path} is not a body model ({error}). {remedy}") from error
        vertices = len(template)
        fits = (
            template.shape == (vertices, 3)
            and shape.ndim == 3
            and shape.shape[:2] == (vertices, 3)
            and shape.shape[2] >= BETAS
            and regressor.ndim == 2
            and regressor.shape[1] == vertices
            and min(len(regressor), tree.shape[-1]) >= skeleton.JOINTS
        )
        parents = tuple(int(parent) for parent in np.atleast_2d(tree)[0, 1 : skeleton.JOINTS])
        if not fits or parents != skeleton.PARENTS[1:]:
            raise InputError(
                f"{path} is not a body model with SMPL's 22 body joints and {BETAS} betas: "
                f"shapes {template.shape}, {shape.shape}, {regressor.shape}, {tree.shape}. {remedy}"
            )
        body = regressor[: skeleton.JOINTS].astype(np.float64)
        return cls(body @ template, np.tensordot(body, shape, axes=1))

    def rest(self, betas: np.ndarray) -> np.ndarray:
        """(22, 3) rest joints, metres, for betas (n,), n no more than the model has."""
        if betas.ndim != 1 or len(betas) > self.shape.shape[-1]:
            raise ValueError(
                f"betas have shape {betas.shape}, the body model has {self.shape.shape[-1]}"
            )
        rest: np.ndarray = self.template + self.shape[..., : len(betas)] @ betas
        return rest

    def joints(self, poses: np.ndarray, trans: np.ndarray, betas: np.ndarray) -> np.ndarray:
        """Positions (F, 22, 3) float32, metres, in the axes of ``trans``.

        ``poses`` is (F, 66 or more) axis-angle in radians, the root first, as in AMASS and
        Motion-X; ``trans`` (F, 3) metres; ``betas`` (n,). Raises ValueError for other shapes.
        """
        frames = len(poses)
        if poses.ndim != 2 or poses.shape[1] < 66 or trans.shape != (frames, 3):
            raise ValueError(f"poses {poses.shape} and trans {trans.shape} do not belong together")
        rest = self.rest(betas.astype(np.float64))
        placed = np.empty((frames, skeleton.JOINTS, 3), dtype=np.float32)
        for start in range(0, frames, _BLOCK):
            rows = slice(start, start + _BLOCK)
            placed[rows] = _pose(rest, poses[rows, :66], trans[rows])
        return placed


def _pose(rest: np.ndarray, poses: np.ndarray, trans: np.ndarray) -> np.ndarray:
    """Forward kinematics of (F, 66) axis-angle; components and joints stand before frames, so
    that each operation runs over contiguous frames."""
    vectors = np.ascontiguousarray(poses.reshape(len(poses), 22, 3).T, dtype=np.float64)
    turns = _rotations(vectors)  # (3, 3, 22, F)
    placed = np.empty_like(vectors)
    placed[:, 0] = trans.T + rest[0][:, None]
    for level in skeleton.LEVELS:
        for joint in level:
            parent = skeleton.PARENTS[joint]
            bone = (rest[joint] - rest[parent])[None, :, None]
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
