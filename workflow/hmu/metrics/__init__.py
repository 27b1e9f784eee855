"""Metrics, one a file: pure functions of embeddings that are aligned by position.

A metric plugin has the literals

- ``NAMES``: the names of the values it gives ("r@1"), each unique among all metrics;
- ``INPUTS``: the fields of :class:`Inputs` that it reads;
- ``SETTINGS``: the keys of ``settings`` that it reads;
- ``REAL``: whether it is defined for real motions in the place of generated ones;

and ``compute(inputs, rng, settings) -> dict[str, float]``, which measures one repeat.
"""

from dataclasses import dataclass, field

import numpy as np


def _absent() -> np.ndarray:
    return np.empty((0, 0))


@dataclass(frozen=True)
class Inputs:
    """The embeddings of one repeat: n samples by d values, row i of each is position i.

    ``masked`` are the captions with their forbidden words masked, ``is_masked`` (n,) says where
    one was; ``pairs`` is (m, pairs, 2, d), pairs of generations for each of m captions.
    A field that the metric does not name in ``INPUTS`` is empty.
    """

    real: np.ndarray = field(default_factory=_absent)
    generated: np.ndarray = field(default_factory=_absent)
    text: np.ndarray = field(default_factory=_absent)
    masked: np.ndarray = field(default_factory=_absent)
    is_masked: np.ndarray = field(default_factory=_absent)
    pairs: np.ndarray = field(default_factory=_absent)


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Euclidean distance of each row of ``first`` to the same row of ``second``, in float64."""
    difference = first.astype(np.float64) - second.astype(np.float64)
    return np.sqrt(np.einsum("...d,...d->...", difference, difference))
