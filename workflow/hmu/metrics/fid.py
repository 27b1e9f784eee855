"""Fréchet distance between the Gaussians of real and of generated embeddings.

Definition: Heusel et al. 2017; reference: momask-codes, utils/metrics.py.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hmu.interface.metrics import Measured

NAMES = ("fid",)
READS = {"real": "real/embedding", "generated": "generated/embedding"}
SETTINGS = ()
REAL = False
SAYS = {
    "fid": "FID is the distance between Gaussians of the real and of the generated motions, as the "
    "evaluator embeds them (Heusel et al. 2017)."
}

# Smallest to largest pivot of a covariance's Cholesky factor from which it is taken as it is.
WELL_CONDITIONED = 1e-4


def compute(inputs: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> Measured:
    """FID of the generated against the real embeddings, (n, d) each, n at least 2."""
    del settings
    return Measured({"fid": frechet(inputs["real"], inputs["generated"])})


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Squared Fréchet distance of the Gaussians fitted to two sets of rows, (n, d) and (m, d).

    With factors A'A and B'B of the covariances, the trace of the square root of their product is
    the sum of the singular values of AB'. That is the sum over the root eigenvalues of the
    symmetric product, taken without ever squaring: it stays exact where covariances are singular,
    and no matrix root is needed.
    """
    shift = first.mean(axis=0, dtype=np.float64) - second.mean(axis=0, dtype=np.float64)
    left, right = _factor(first), _factor(second)
    overlap = np.linalg.svd(left @ right.T, compute_uv=False).sum()
    spread = np.sum(left**2) + np.sum(right**2)
    return float(max(shift @ shift + spread - 2.0 * overlap, 0.0))


def _factor(rows: np.ndarray) -> np.ndarray:
    """A matrix A of at most d rows with A'A the (unbiased) covariance of ``rows``.

    The Cholesky factor of the covariance is quickest; where the covariance is nearly singular it
    loses digits, and the triangle of a QR decomposition of the rows themselves takes its place.
    """
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    centred /= np.sqrt(len(rows) - 1)
    if len(rows) <= rows.shape[1]:
        return centred
    try:
        triangle = np.linalg.cholesky(centred.T @ centred, upper=True)
    except np.linalg.LinAlgError:
        triangle = np.zeros_like(centred[:1])
    pivots = np.abs(np.diagonal(triangle))
    if pivots.min() <= WELL_CONDITIONED * pivots.max():
        triangle = np.asarray(np.linalg.qr(centred, mode="r"))
    return triangle
