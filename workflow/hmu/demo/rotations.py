"""Rotation matrices, many at a time: the few operations that the puppet needs."""

import numpy as np


def about(axis: int, angle: np.ndarray) -> np.ndarray:
    """Matrices (..., 3, 3) that turn by ``angle`` radians about x (0), y (1) or z (2)."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((*angle.shape, 3, 3))
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix[..., axis, axis] = 1
    matrix[..., first, first] = cosine
    matrix[..., second, second] = cosine
    matrix[..., first, second] = -sine
    matrix[..., second, first] = sine
    return matrix


def apply(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """``matrix`` (..., 3, 3) times ``vector`` (..., 3)."""
    product: np.ndarray = (matrix @ vector[..., None])[..., 0]
    return product


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The transposed matrices."""
    return np.swapaxes(matrix, -1, -2)


def unit(vector: np.ndarray) -> np.ndarray:
    """Vectors of length one along the last axis."""
    length = np.sqrt(np.einsum("...i,...i->...", vector, vector))
    scaled: np.ndarray = vector / np.maximum(length, 1e-9)[..., None]
    return scaled


def frame(direction: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Orthonormal columns: unit ``direction``, ``hinge`` made perpendicular to it, the third."""
    hinge = hinge - np.sum(hinge * direction, axis=-1, keepdims=True) * direction
    hinge = unit(hinge)
    return np.stack([direction, hinge, np.cross(direction, hinge)], axis=-1)


def axis_angle(matrix: np.ndarray) -> np.ndarray:
    """Rotation vectors (..., 3) of matrices (..., 3, 3), by way of the largest quaternion entry."""
    m = matrix
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    squares = np.stack(
        [trace, *(2 * m[..., i, i] - trace for i in range(3))], axis=-1
    )  # 4 * (w², x², y², z²) - 1
    x, y, z = (m[..., k, j] - m[..., j, k] for j, k in ((1, 2), (2, 0), (0, 1)))
    xy, xz, yz = (m[..., j, k] + m[..., k, j] for j, k in ((0, 1), (0, 2), (1, 2)))
    w0, x0, y0, z0 = (1 + squares[..., i] for i in range(4))
    candidates = np.stack(
        [
            np.stack([w0, x, y, z], axis=-1),
            np.stack([x, x0, xy, xz], axis=-1),
            np.stack([y, xy, y0, yz], axis=-1),
            np.stack([z, xz, yz, z0], axis=-1),
        ],
        axis=-2,
    )
    best = np.argmax(squares, axis=-1)[..., None, None]
    quaternion = np.take_along_axis(candidates, best, axis=-2)[..., 0, :]
    quaternion = quaternion / np.linalg.norm(quaternion, axis=-1, keepdims=True)
    quaternion = np.where(quaternion[..., :1] < 0, -quaternion, quaternion)
    vector = quaternion[..., 1:]
    sine = np.linalg.norm(vector, axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, quaternion[..., :1])
    small = sine < 1e-9
    return np.where(small, 2 * vector, angle * vector / np.where(small, 1, sine))
