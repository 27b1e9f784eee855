"""Motions in batches, decoded and shown to a descriptor, and then forgotten.

Each motion is computed without padding: batches hold motions of similar length, and decoding takes
those of one length together. No batch holds motions of two repeats (`hmu.evaluation.earlier`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from hmu.evaluation.earlier import runs
from hmu.evaluation.made import Made
from hmu.interface.descriptors import Descriptor, Motion
from hmu.io.progress import Progress
from hmu.io.store import ClipStore
from hmu.motion.recover import to_joints
from hmu.run.side_by_side import longest_first, side_by_side

_BATCH = 128


def describe(
    descriptor: Descriptor,
    lengths: np.ndarray,
    repeats: np.ndarray,
    motions: Callable[[np.ndarray], Sequence[Motion]],
    device: torch.device,
    what: str,
) -> np.ndarray:
    """A row float32 (width,) for each of the motions of ``lengths`` (n,), in their order.

    ``motions(rows)`` gives the motions of these rows, which are sorted by length and of one of the
    ``repeats``, int (n,). No more than a batch is held in memory.
    """
    if not len(lengths):
        raise ValueError("there is nothing to describe")
    batches = _batches(lengths, repeats)

    def rows_of(rows: np.ndarray) -> np.ndarray:
        return descriptor.motions(motions(rows))

    out: np.ndarray | None = None
    with Progress(len(lengths), what, "motions") as progress:
        for rows, found in zip(batches, side_by_side(rows_of, batches, device), strict=True):
            if out is None:
                out = np.empty((len(lengths), found.shape[1]), dtype=np.float32)
            out[rows] = found
            progress.update(len(rows))
    assert out is not None
    return out


def _batches(lengths: np.ndarray, repeats: np.ndarray) -> list[np.ndarray]:
    """Rows of one repeat and similar length, as many in each batch as in the others of its repeat;
    the longest first."""
    found: list[np.ndarray] = []
    for repeat in np.unique(repeats):
        rows = np.flatnonzero(repeats == repeat)
        size = math.ceil(len(rows) / math.ceil(len(rows) / _BATCH))
        found += longest_first(rows[np.argsort(lengths[rows], kind="stable")], size)
    return sorted(found, key=lambda rows: -int(lengths[rows[-1]]))


def generated(
    descriptor: Descriptor, sees: Sequence[str], made: Made, known: np.ndarray | None = None
) -> np.ndarray:
    """Describe motions that a model made. ``sees`` as the descriptor's SEES says; ``known`` are the
    rows (k, width) of the first of them, if these were described before."""
    first = 0 if known is None else len(known)

    def motions(rows: np.ndarray) -> list[Motion]:
        nothing: list[None] = [None] * len(rows)
        features = made.features(rows) if {"features", "joints"} & set(sees) else nothing
        unedited = made.unedited(rows) if "unedited" in sees else nothing
        found = []
        for row, each, before in zip(rows, features, unedited, strict=True):
            seen = _seen(each, sees)
            found.append(
                replace(
                    seen,
                    codes=made.codes[row] if "codes" in sees else None,
                    replaced=made.replaced(row) if "replaced" in sees else None,
                    unedited=None if before is None else to_joints(before.cpu().numpy()),
                )
            )
        return found

    if known is not None and first == len(made.frames):
        return known
    rest = describe(
        descriptor,
        made.frames[first:],
        runs(made.repeats)[first:],
        lambda rows: motions(rows + first),
        made.codec.device,
        "decode, describe",
    )
    return rest if known is None else np.concatenate([known, rest])


def stored(
    descriptor: Descriptor,
    sees: Sequence[str],
    store: ClipStore,
    crops: pd.DataFrame,
    device: torch.device,
    known: np.ndarray | None = None,
) -> np.ndarray:
    """Describe crops (columns repeat, clip, start, frames) of the motions of a store of features;
    ``known`` are the rows (k, width) of the first of them, if these were described before.

    Prompts and repeats share crops: each is described once, with those of the repeat that has it
    first.
    """
    clips, names = pd.factorize(crops["clip"])
    places = np.stack([clips, crops["start"], crops["frames"]], axis=1).astype(np.int64)
    distinct, first, rows = np.unique(places, axis=0, return_index=True, return_inverse=True)
    new = np.flatnonzero(first >= (0 if known is None else len(known)))

    def motions(chosen: np.ndarray) -> list[Motion]:
        found = []
        for clip, start, frames in distinct[new[chosen]]:
            features = np.array(store[names[clip]][start : start + frames], dtype=np.float32)
            found.append(_seen(torch.from_numpy(features).to(device), sees))
        return found

    if known is not None and not len(new):
        return known[first[rows.reshape(-1)]]
    repeats = runs(crops["repeat"].to_numpy())[first[new]]
    lengths = distinct[new, 2]
    described = describe(descriptor, lengths, repeats, motions, device, "describe")
    if known is not None:
        whole = np.empty((len(distinct), known.shape[1]), np.float32)
        old = np.setdiff1d(np.arange(len(distinct)), new)
        whole[old], whole[new] = known[first[old]], described
        described = whole
    return described[rows.reshape(-1)]


def _seen(features: torch.Tensor | None, sees: Sequence[str]) -> Motion:
    """What a descriptor asked to see of a motion, whoever made it."""
    joints = None
    if "joints" in sees and features is not None:
        joints = to_joints(features.cpu().numpy())
    return Motion(features if "features" in sees else None, joints)
