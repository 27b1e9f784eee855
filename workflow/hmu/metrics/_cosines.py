"""Embeddings whose angle says how alike they are."""

import numpy as np


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows (n, d) at length 1, float64; zero ones stay zero."""
    plain = rows.astype(np.float64)
    lengths = np.linalg.norm(plain, axis=1, keepdims=True)
    return plain / np.where(lengths > 0, lengths, 1.0)
